"""Callbacks with which long work reports its progress and checks whether it should stop."""

from collections.abc import Callable

from cnnlab.errors import StoppedError

ProgressCallback = Callable[[int, int], None]
"""Called with (done, total)."""
Stopped = Callable[[], bool]
"""Returns True once the work should stop."""


def report_progress(progress: ProgressCallback | None, done: int, total: int) -> None:
    """Call `progress`, if there is one."""
    if progress is not None:
        progress(done, total)


def check_stopped(stopped: Stopped | None, what: str) -> None:
    """Abandon the work if it should stop; `what` starts the message.

    Raises:
        StoppedError: `stopped` returned True.
    """
    if stopped is not None and stopped():
        raise StoppedError(f"{what} was stopped before it was done; start it again to finish it.")
