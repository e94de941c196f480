"""What happens inside the helper process: its beginning, its end, and how an answer or an error leaves it.

Knows no question in particular, and imports torch only when the first one comes.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from cnnlab.errors import CnnLabError, HelperError, OutOfMemoryError
from cnnlab.processes import ProcessIdentity

T = TypeVar("T")

SECONDS_BETWEEN_LOOKS: Final = 1.0
_WARM: Final = ("cnnlab.helper.augment", "cnnlab.data.augmentation", "cnnlab.models.inspection")
_log: Final = logging.getLogger("cnnlab.helper")


def begin(server: ProcessIdentity) -> None:
    """First thing in the process: live no longer than the page server, and die quietly of Ctrl-C in its terminal."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_watch, args=(server,), name="page server watch", daemon=True).start()


def _watch(server: ProcessIdentity) -> None:
    """A server that was killed outright can tell nobody: look whether it is there. Works alike on every system."""
    while server.alive():
        time.sleep(SECONDS_BETWEEN_LOOKS)
    os._exit(0)  # in the middle of whatever it does: nobody waits for it any more


def answer(function: Callable[..., T], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> T:
    """Call the function on one thread; every error leaves as a `CnnLabError`, which needs no torch to be read.

    Raises:
        CnnLabError: the function's own, or what any other error says.
    """
    import torch

    torch.set_num_threads(1)
    try:
        return function(*args, **kwargs)
    except CnnLabError:
        raise
    except Exception as error:
        if isinstance(error, MemoryError | torch.OutOfMemoryError) or "not enough memory" in str(error):
            raise OutOfMemoryError("The machine has not enough memory for this; choose something smaller.") from None
        _log.exception("An unexpected error in the helper process")
        raise HelperError(
            f"CNN Lab made a mistake here ({type(error).__name__}: {error}); the terminal shows the details to report."
        ) from None


def warm() -> int:
    """Import what most questions need; gives the process's id."""
    for name in _WARM:
        __import__(name)
    return os.getpid()
