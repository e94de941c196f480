"""Sets runs side by side: what they have in common, where they differ, which figure is best; makes no claim beyond.

Knows records, not the store, and neither torch nor how a comparison is drawn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cnnlab.store.records import RunRecord

METRIC: Final = "val_accuracy"
NOT_A_DIFFERENCE: Final = frozenset({"name", "data.path"})
"""Settings that tell runs apart without changing what is computed."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The outcome. `reasons` says in sentences why figures may not be set against each other; empty if they may.

    `best` is the run with the highest figure, None where several have it: those are `tied`.
    """

    metric: str
    reasons: tuple[str, ...]
    best: str | None
    tied: tuple[str, ...]
    val_pictures: int | None

    @property
    def comparable(self) -> bool:
        """Whether all runs were judged on the same pictures."""
        return not self.reasons


def compare(runs: Sequence[RunRecord]) -> Comparison:
    """Compare runs by their validation accuracy at the best epoch."""
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
    """The runs with the highest validation accuracy, several where they are tied; whoever names a best asks this.

    Runs without a figure never lead. The order of `runs` does not matter: the answer is in the order of filing.
    """
    highest = max((run.val_accuracy for run in runs if run.val_accuracy is not None), default=None)
    leading = (run for run in runs if highest is not None and run.val_accuracy == highest)
    return tuple(sorted(leading, key=lambda run: (run.number, run.run_id)))


def val_pictures(run: RunRecord) -> int | None:
    """On how many pictures a run was judged; None before it began."""
    return run.summary.images.get("val")


def _reasons(runs: Sequence[RunRecord]) -> list[str]:
    if len(runs) < 2:
        return ["A comparison needs at least two runs; choose another one."]
    reasons = []
    without = [run.name for run in runs if run.val_accuracy is None]
    if without:
        reasons.append(
            f"{_listed(without)} {'has' if len(without) == 1 else 'have'} no validation figures; "
            "train them for at least one epoch, and with validation pictures."
        )
    if len({run.fingerprint for run in runs}) > 1:
        reasons.append("The runs saw different pictures; train them on the same data set to compare them.")
    elif len({run.split_hash for run in runs}) > 1:
        reasons.append("The runs were judged on different validation pictures; train them on the same split.")
    return reasons


def _caveat(runs: Sequence[RunRecord]) -> str:
    """What two seeds with one number do not mean: versions differ in how a seed becomes initial weights."""
    older = [run.name for run in runs if not run.summary.keyed_weights]
    if not older or len(older) == len(runs):
        return ""
    return (
        f" An earlier version drew the initial weights of {_listed(older)} in another way, "
        "so the same seed does not mean the same weights here."
    )


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def sentence(comparison: Comparison, runs: Sequence[RunRecord]) -> str:
    """The comparison for people: which figure is best and on how many pictures, or why none can be named."""
    if comparison.reasons:
        return " ".join(comparison.reasons)
    leading = leaders(runs)
    if not leading or leading[0].val_accuracy is None:
        return "No run has a validation figure yet."
    names = [run.name for run in leading]
    share = f"the highest validation accuracy, {100 * leading[0].val_accuracy:.3g} %"
    head = f"{names[0]} has {share}" if len(names) == 1 else f"{_listed(names)} are tied: each has {share}"
    return (
        f"{head}, measured on {comparison.val_pictures} pictures; how much of the difference is chance is not "
        f"examined here.{_caveat(runs)}"
    )


def differences(configs: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    """Settings (by path) in which configurations differ, with each one's value; None where one lacks the setting."""
    flat = [_flattened(config) for config in configs]
    paths = sorted({path for one in flat for path in one} - NOT_A_DIFFERENCE)
    rows = ((path, tuple(one.get(path) for one in flat)) for path in paths)
    return tuple((path, values) for path, values in rows if any(value != values[0] for value in values))


def _flattened(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat |= _flattened(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat
