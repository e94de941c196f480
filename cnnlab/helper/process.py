"""What runs inside the helper process: its start, its end, and how it returns results and errors.

Imports torch only when the first call comes.
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
    """Initialise the process: it must not outlive the page server, and ends quietly on Ctrl-C in the terminal."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_watch, args=(server,), name="page server watch", daemon=True).start()


def _watch(server: ProcessIdentity) -> None:
    """Exit once the page server is gone; polling works on every system, even if the server was killed."""
    while server.alive():
        time.sleep(SECONDS_BETWEEN_LOOKS)
    os._exit(0)  # even in the middle of a call: nobody is waiting for the result


def answer(function: Callable[..., T], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> T:
    """Call the function on one thread. All errors become `CnnLabError`s, which can be unpickled without torch.

    Raises:
        CnnLabError: the function's own error, or any other error in this form.
    """
    import torch

    torch.set_num_threads(1)
    try:
        return function(*args, **kwargs)
    except CnnLabError:
        raise
    except Exception as error:
        if isinstance(error, MemoryError | torch.OutOfMemoryError) or "not enough memory" in str(error):
            raise OutOfMemoryError(
                "The machine does not have enough memory for this; choose something smaller."
            ) from None
        _log.exception("An unexpected error in the helper process")
        raise HelperError(
            f"Unexpected error in CNN Lab ({type(error).__name__}: {error}); see the terminal for details to report."
        ) from None


def warm() -> int:
    """Import what most calls need; returns the process id."""
    for name in _WARM:
        __import__(name)
    return os.getpid()
