"""Compares runs: which settings differ, whether the results are comparable, and which is best.

Works on records alone; imports neither the database nor torch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cnnlab.store.records import RunRecord

METRIC: Final = "val_accuracy"
NOT_A_DIFFERENCE: Final = frozenset({"name", "data.path"})
"""Settings that may differ between runs without changing what is computed."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The result of a comparison. `reasons` are sentences why the runs are not comparable; empty if they are.

    `best` is the run with the highest accuracy, or None if several share it; those are `tied`.
    """

    metric: str
    reasons: tuple[str, ...]
    best: str | None
    tied: tuple[str, ...]
    val_pictures: int | None

    @property
    def comparable(self) -> bool:
        """Whether all runs were validated on the same pictures."""
        return not self.reasons


def compare(runs: Sequence[RunRecord]) -> Comparison:
    """Compare runs by the validation accuracy of their best epoch."""
    reasons = tuple(_reasons(runs))
    leading = () if reasons else leaders(runs)
    return Comparison(
        metric=METRIC,
        reasons=reasons,
        best=leading[0].run_id if len(leading) == 1 else None,
        tied=tuple(run.run_id for run in leading) if len(leading) > 1 else (),
        val_pictures=val_pictures(leading[0]) if leading else None,
    )


def leaders(runs: Sequence[RunRecord]) -> tuple[RunRecord, ...]:
    """The runs with the highest validation accuracy, several if they are tied. The only place that decides this.

    Runs without an accuracy never lead. The result is in the order of filing, whatever the order of `runs`.
    """
    highest = max((run.val_accuracy for run in runs if run.val_accuracy is not None), default=None)
    leading = (run for run in runs if highest is not None and run.val_accuracy == highest)
    return tuple(sorted(leading, key=lambda run: (run.number, run.run_id)))


def val_pictures(run: RunRecord) -> int | None:
    """The number of validation pictures of a run; None before it started."""
    return run.summary.images.get("val")


def _reasons(runs: Sequence[RunRecord]) -> list[str]:
    if len(runs) < 2:
        return ["A comparison needs at least two runs; choose another run."]
    reasons = []
    without = [run.name for run in runs if run.val_accuracy is None]
    if without:
        reasons.append(
            f"{_listed(without)} {'has' if len(without) == 1 else 'have'} no validation figures; "
            f"train {'it' if len(without) == 1 else 'them'} for at least one epoch, with validation pictures."
        )
    if len({run.fingerprint for run in runs}) > 1:
        reasons.append("The runs used different pictures; train them on the same data set to compare them.")
    elif len({run.split_hash for run in runs}) > 1:
        reasons.append("The runs used different validation pictures; train them on the same split to compare them.")
    return reasons


def _caveat(runs: Sequence[RunRecord]) -> str:
    """A note if equal seeds do not mean equal initial weights, because a run is from an earlier version."""
    older = [run.name for run in runs if not run.summary.keyed_weights]
    if not older or len(older) == len(runs):
        return ""
    return (
        f" An earlier version initialised the weights of {_listed(older)} in a different way, "
        "so the same seed does not mean the same initial weights here."
    )


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def sentence(comparison: Comparison, runs: Sequence[RunRecord]) -> str:
    """The comparison in words: the best accuracy and the number of pictures, or why the runs are not comparable."""
    if comparison.reasons:
        return " ".join(comparison.reasons)
    leading = leaders(runs)
    if not leading or leading[0].val_accuracy is None:
        return "No run has a validation accuracy yet."
    names = [run.name for run in leading]
    share = f"the highest validation accuracy, {100 * leading[0].val_accuracy:.3g} %"
    head = f"{names[0]} has {share}" if len(names) == 1 else f"{_listed(names)} are tied: each has {share}"
    return (
        f"{head}, measured on {comparison.val_pictures} pictures; this does not tell how much of the difference is "
        f"due to chance.{_caveat(runs)}"
    )


def differences(configs: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    """Settings (by path) that differ, with the value in each configuration; None if it lacks the setting."""
    flat = [_flattened(config) for config in configs]
    paths = sorted({path for values in flat for path in values} - NOT_A_DIFFERENCE)
    rows = ((path, tuple(values.get(path) for values in flat)) for path in paths)
    return tuple((path, values) for path, values in rows if any(value != values[0] for value in values))


def _flattened(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat |= _flattened(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat
