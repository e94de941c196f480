"""Classifies the errors that make a run fail, and gives each a sentence and a remedy for the user."""

import errno
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cnnlab.errors import Category, CnnLabError, DataError
from cnnlab.store.records import FAILS_AGAIN

_LOOK_AT_DATA: Final = "Repair or remove the files named here, then resume or clone the run."
_LOOK_AT_LOG: Final = "Look at the end of its log. Resume it to continue from its last checkpoint."
_CHANGE_SETTING: Final = "Clone the run and change this setting."

REMEDIES: Final[Mapping[Category, str | None]] = {
    "data": _LOOK_AT_DATA,
    "layout": _LOOK_AT_DATA,
    "picture": _LOOK_AT_DATA,
    **dict.fromkeys(FAILS_AGAIN, _CHANGE_SETTING),
    "memory": "Clone the run with a smaller batch (gradient accumulation makes up for it) or a smaller image size.",
    "diverged": "Resuming it would diverge again.",  # the reason itself recommends a clone
    "disk": "Free some space or make the folder writable, then resume the run.",
    "checkpoint": None,  # the reason itself gives the remedy and the folder
    "store": None,  # likewise
    "stopped": None,
    "helper": _LOOK_AT_LOG,
    "run": _LOOK_AT_LOG,
    "crash": _LOOK_AT_LOG,
}
DISK_ERRORS: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG})
MEMORY_SIGNS: Final = ("out of memory", "not enough memory", "can't allocate memory", "cannot allocate memory")


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a run failed, in words for the user."""

    category: Category
    reason: str
    remedy: str | None


def explain(error: BaseException) -> Failure:
    """The category, reason and remedy for an error."""
    category, reason = _classify(error)
    return Failure(category=category, reason=reason, remedy=REMEDIES[category])


def _classify(error: BaseException) -> tuple[Category, str]:
    text = " ".join(str(error).split())
    if isinstance(error, CnnLabError):
        return error.category, text
    if isinstance(error, MemoryError) or any(sign in text.lower() for sign in MEMORY_SIGNS):
        return "memory", f"The machine ran out of memory ({text or type(error).__name__})."
    if isinstance(error, OSError) and error.errno in DISK_ERRORS:
        return "disk", f"A file could not be written ({text})."
    if isinstance(error, OSError) and error.filename is not None:
        return DataError.category, f"The file {str(error.filename)!r} could not be used ({error.strerror or text})."
    return "crash", f"Unexpected error in CNN Lab ({type(error).__name__}: {text})."
