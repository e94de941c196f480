"""What a run will take, in words: from the least to the most, never one figure that promises too much."""

from collections.abc import Sequence
from typing import Final

from cnnlab.plots import numbers
from cnnlab.ui import wording
from cnnlab.ui.train_page.costs import Answer

PENDING: Final = "(measuring)"


def sentence(
    own: Answer | None, all_three: Sequence[Answer | None], queued: Sequence[Answer | None], *, left: Sequence[float]
) -> str:
    """The line. `all_three` has an answer for each family, `queued` for each run before it; None is being measured.

    `left` are the seconds that runs which train now still need.
    """
    if own is None:
        return "Measuring what this run will take …"
    if own.error is not None:
        return f"What this run takes could not be measured: {wording.plain(own.error)}"
    memory = f"and {numbers.size(own.memory_bytes)} of memory"
    parts = [f"Takes **{between([own])}** {memory}" + (", as an earlier run shows" if own.is_from_run else "")]
    if all_three:
        parts.append(f"all three {between(all_three)}")
    if queued or left:
        before = wording.counted(len(queued) + len(left), "run")
        parts.append(f"ready after {before} in {between([own, *queued], more=sum(left))}")
    return "; ".join(parts) + "."


def too_large(own: Answer | None, *, available: int) -> str | None:
    """A warning where the run needs more memory than the machine has to give, in bytes."""
    if own is None or own.memory_bytes is None or own.memory_bytes <= available:
        return None
    return (
        f"It needs about {numbers.size(own.memory_bytes)} of memory and {numbers.size(available)} are free: take "
        "a smaller batch (accumulation keeps its effect), smaller pictures or a smaller network."
    )


def between(answers: Sequence[Answer | None], *, more: float = 0.0) -> str:
    """What all of them take one after the other, and `more` seconds: `40 s to 2 min`, or `about 40 s`."""
    known = [(one.seconds, one.slow_seconds or one.seconds) for one in answers if one is not None and one.seconds]
    if len(known) < len(answers):
        return PENDING
    low, high = _about(more + sum(least for least, _ in known)), _about(more + sum(most for _, most in known))
    return f"about {low}" if low == high else f"{low} to {high}"


def _about(seconds: float) -> str:
    """A time in two digits."""
    return numbers.duration(float(f"{seconds:.2g}")).removesuffix(" 0 s").removesuffix(" 0 min")
