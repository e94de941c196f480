"""How long work tells how far it is and asks whether to go on; knows nothing of the work."""

from collections.abc import Callable

from cnnlab.errors import StoppedError

Progress = Callable[[int, int], None]
"""Called with (done, total)."""
Stopped = Callable[[], bool]
"""True once the work is no longer wanted."""


def report(progress: Progress | None, done: int, total: int) -> None:
    """Tell how far the work is, if someone wants to know."""
    if progress is not None:
        progress(done, total)


def check_stopped(stopped: Stopped | None, what: str) -> None:
    """Leave the work if it is no longer wanted.

    Raises:
        StoppedError: it is not.
    """
    if stopped is not None and stopped():
        raise StoppedError(f"{what} was stopped before it was done; start it again to finish it.")
