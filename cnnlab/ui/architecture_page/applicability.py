"""Which options say nothing as the others stand, and why. Draws nothing.

An option that holds a value which is refused stays open, so that it can be taken back.
"""

from collections.abc import Callable, Mapping
from typing import Final

from cnnlab.models.options import Options

Reason = str | None


def idle_reason(family: str, option: str, values: Options) -> Reason:
    """Why the option has no effect at the moment, as a sentence; None where it has one."""
    check = _CHECKS.get((family, option))
    return None if check is None else check(values)


def _shortcut(values: Options) -> Reason:
    return None if values["skip"] else "Switched off with the skip connections."


def _auxiliary_weight(values: Options) -> Reason:
    return None if values["auxiliary"] else "Counts only with auxiliary classifiers."


def _zero_init(values: Options) -> Reason:
    if values["zero_init_residual"]:
        return None
    if not values["skip"]:
        return "Needs skip connections."
    if not values["batch_norm"]:
        return "Needs batch normalisation."
    return "Does not go with the article's layout." if values["layout"] == "article" else None


_CHECKS: Final[Mapping[tuple[str, str], Callable[[Options], Reason]]] = {
    ("resnet", "shortcut"): _shortcut,
    ("resnet", "zero_init_residual"): _zero_init,
    ("googlenet", "auxiliary_weight"): _auxiliary_weight,
}
