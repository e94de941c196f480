"""What a run will take, in words: a range of times rather than one figure that promises too much."""

from collections.abc import Sequence
from typing import Final

from cnnlab.plots import numbers
from cnnlab.ui import wording
from cnnlab.ui.train_page.costs import Answer

PENDING: Final = "(measuring)"


def sentence(
    own: Answer | None, all_three: Sequence[Answer | None], queued: Sequence[Answer | None], *, left: Sequence[float]
) -> str:
    """The line. `all_three` has an answer for each family, `queued` for each run ahead; None: still being measured.

    `left` are the seconds that active runs still need.
    """
    if own is None:
        return "Measuring how long this run will take …"
    if own.error is not None:
        return f"The cost of this run could not be measured. {wording.escape_markdown(own.error)}"
    memory = f"and {numbers.size(own.memory_bytes)} of memory"
    parts = [f"Takes **{between([own])}** {memory}" + (", based on an earlier run" if own.is_from_run else "")]
    if all_three:
        parts.append(f"all three {between(all_three)}")
    if queued or left:
        before = wording.counted(len(queued) + len(left), "run")
        parts.append(f"done in {between([own, *queued], more=sum(left))}, after {before} ahead of it")
    return "; ".join(parts) + "."


def too_large(own: Answer | None, *, available: int) -> str | None:
    """A warning if the run needs more memory than is free (`available`, in bytes), else None."""
    if own is None or own.memory_bytes is None or own.memory_bytes <= available:
        return None
    return (
        f"This run needs about {numbers.size(own.memory_bytes)} of memory, and only {numbers.size(available)} is "
        "free. Use a smaller batch (with accumulation to keep its effect), smaller pictures or a smaller network."
    )


def between(answers: Sequence[Answer | None], *, more: float = 0.0) -> str:
    """What all of them take one after the other, plus `more` seconds: `40 s to 2 min`, or `about 40 s`."""
    known = [
        (answer.seconds, answer.slow_seconds or answer.seconds)
        for answer in answers
        if answer is not None and answer.seconds
    ]
    if len(known) < len(answers):
        return PENDING
    low, high = _about(more + sum(least for least, _ in known)), _about(more + sum(most for _, most in known))
    return f"about {low}" if low == high else f"{low} to {high}"


def _about(seconds: float) -> str:
    """A time rounded to two digits."""
    return numbers.duration(float(f"{seconds:.2g}")).removesuffix(" 0 s").removesuffix(" 0 min")
