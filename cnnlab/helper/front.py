"""Runs what needs torch in the helper process: `ask(augment.gallery, ...)`. Does not import torch itself.

There is one process, which handles one call at a time and returns results by value. The first call starts it. It ends
after five minutes without calls (it takes three quarters of a gigabyte) or as soon as its page server is gone, and is
restarted after a crash. It keeps nothing that could not be recreated.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Final, ParamSpec, TypeVar

from cnnlab.errors import HelperError
from cnnlab.helper.process import answer, begin, warm
from cnnlab.processes import ProcessIdentity

P = ParamSpec("P")
T = TypeVar("T")

TIMEOUT_SECONDS: Final = 60.0
IDLE_SECONDS = 5 * 60
_ONE_THREAD: Final = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")

_log: Final = logging.getLogger("cnnlab.helper")
_turn: Final = threading.Lock()
"""One call at a time, so that no call slows down another, and ending one that takes too long ends no other."""


def ask(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of `function(*args, **kwargs)` in the helper process; it must be a function of a module.

    Raises:
        CnnLabError: raised by the function.
        HelperError: the process crashed twice, or the answer took longer than `TIMEOUT_SECONDS`.
    """
    return ask_within(TIMEOUT_SECONDS, function, *args, **kwargs)


def ask_within(seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Like `ask`, with a different time limit."""
    started = time.monotonic()
    if not _turn.acquire(timeout=seconds):
        raise HelperError("The helper process is busy with other requests; try again in a moment.")
    try:
        try:
            return _call(seconds, function, args, kwargs)
        except BrokenProcessPool:
            _log.warning("The helper process ended in %s; restarting it", function.__name__)
        left = max(1.0, seconds - (time.monotonic() - started))
        try:
            return _call(left, function, args, kwargs)
        except BrokenProcessPool as error:
            raise HelperError(
                "The helper process ended twice before it had a result, perhaps because the machine ran out of memory; "
                "close other programs or choose something smaller, and try again."
            ) from error
    finally:
        _turn.release()


def start_warming() -> None:
    """Start the process in the background, so that the first call does not have to wait for its imports."""
    threading.Thread(target=_warm, name="helper warm-up", daemon=True).start()


def close() -> None:
    """Kill the process; the next call starts a new one."""
    _executor().shutdown(wait=True, kill_workers=True)


def _call(seconds: float, function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
    future = _executor().submit(answer, function, args, kwargs)
    try:
        result: T = future.result(timeout=seconds)
    except FutureTimeoutError:
        close()
        raise HelperError(
            f"The helper process had no result after {seconds:g} s and was ended; choose something smaller, or try "
            "again when the machine is less busy."
        ) from None
    return result


def _executor() -> Any:  # noqa: ANN401 - loky has no types
    from joblib.externals.loky import get_reusable_executor  # takes 0.25 s, which the first page should not wait for

    return get_reusable_executor(
        max_workers=1,
        timeout=IDLE_SECONDS,
        initializer=begin,
        initargs=(ProcessIdentity.current(),),
        env=_ONE_THREAD,
    )


def _warm() -> None:
    try:
        ask(warm)
    except HelperError as error:
        _log.warning("%s", error)  # nobody is waiting for it yet; the first call will raise the error
