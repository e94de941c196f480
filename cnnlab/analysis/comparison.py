"""Sets runs side by side: what they have in common, where they differ, which figure is best; makes no claim beyond.

Knows records, not the store, and neither torch nor how a comparison is drawn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cnnlab.runs.records import RunRecord

METRIC: Final = "val_accuracy"
NOT_A_DIFFERENCE: Final = frozenset({"name", "data.path"})
"""Settings that tell runs apart without changing what is computed."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The outcome. `reasons` says in sentences why figures may not be set against each other; empty if they may."""

    metric: str
    reasons: tuple[str, ...]
    best: str | None
    val_pictures: int | None

    @property
    def comparable(self) -> bool:
        """Whether all runs were judged on the same pictures."""
        return not self.reasons


def compare(runs: Sequence[RunRecord]) -> Comparison:
    """Compare runs by their validation accuracy at the best epoch; a tie goes to the lower validation loss."""
    reasons = tuple(_reasons(runs))
    judged = [run for run in runs if run.val_accuracy is not None]
    best = None if reasons else max(judged, key=_rank, default=None)
    return Comparison(
        metric=METRIC,
        reasons=reasons,
        best=None if best is None else best.run_id,
        val_pictures=None if best is None else val_pictures(best),
    )


def val_pictures(run: RunRecord) -> int | None:
    """On how many pictures a run was judged; None before it began."""
    images: Mapping[str, int] = run.summary.get("images", {})
    return images.get("val")


def _rank(run: RunRecord) -> tuple[float, float]:
    return (run.val_accuracy or 0.0, -(run.val_loss if run.val_loss is not None else float("inf")))


def _reasons(runs: Sequence[RunRecord]) -> list[str]:
    if len(runs) < 2:
        return ["A comparison needs at least two runs; choose another one."]
    reasons = []
    without = [run.name for run in runs if run.val_accuracy is None]
    if without:
        reasons.append(
            f"{_listed(without)} {'has' if len(without) == 1 else 'have'} no validation figures; "
            "train with a validation fraction above 0 and for at least one epoch."
        )
    if len({run.fingerprint for run in runs}) > 1:
        reasons.append("The runs saw different pictures; train them on the same data set to compare them.")
    elif len({run.split_hash for run in runs}) > 1:
        reasons.append("The runs were judged on different validation pictures; train them on the same split.")
    return reasons


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def sentence(comparison: Comparison, runs: Sequence[RunRecord]) -> str:
    """The comparison for people: which figure is best and on how many pictures, or why none can be named."""
    if comparison.reasons:
        return " ".join(comparison.reasons)
    named = {run.run_id: run for run in runs}
    best = named[comparison.best] if comparison.best else None
    if best is None or best.val_accuracy is None:
        return "No run has a validation figure yet."
    ties = [run.name for run in named.values() if run.val_accuracy == best.val_accuracy and run is not best]
    shared = f", as high as {_listed(ties)}, with the lowest validation loss of them" if ties else ""
    return (
        f"{best.name} has the highest validation accuracy, {100 * best.val_accuracy:.3g} %{shared}, measured on "
        f"{comparison.val_pictures} pictures; how much of the difference is chance is not examined here."
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
