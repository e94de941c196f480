"""Sorts what may end a run into classes, each with a sentence and a remedy; knows no run."""

import errno
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cnnlab.errors import Category, CnnLabError, DataError, StoreError

REMEDIES: Final[Mapping[Category, str | None]] = {
    "data": "Look at the data set again, mend or remove what is named, then resume the run or clone it.",
    "configuration": "Clone the run and change the setting that is named.",
    "memory": "Clone the run with a smaller batch (gradient accumulation keeps its effect) or a smaller picture size.",
    "diverged": "Clone the run with a lower learning rate, a warm-up or gradient clipping.",
    "disk": "Free some space or make the folder writable, then resume the run.",
    "checkpoint": None,  # the one sentence that there is says it, and names the folder
    "crash": "Look at the end of its log; resume the run to go on from its last checkpoint.",
}
DISK_ERRORS: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG})
MEMORY_SIGNS: Final = ("out of memory", "not enough memory", "can't allocate memory", "cannot allocate memory")


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a run ended, for people."""

    category: Category
    reason: str
    remedy: str | None


def explain(error: BaseException) -> Failure:
    """The class, the sentence and the remedy of an error."""
    category, reason = _classify(error)
    remedy = None if isinstance(error, StoreError) else REMEDIES[category]  # its sentence says what is to be done
    return Failure(category=category, reason=reason, remedy=remedy)


def _classify(error: BaseException) -> tuple[Category, str]:
    text = " ".join(str(error).split())
    if isinstance(error, CnnLabError):
        return error.category, text
    if isinstance(error, MemoryError) or any(sign in text.lower() for sign in MEMORY_SIGNS):
        return "memory", f"There was no memory left ({text or type(error).__name__})."
    if isinstance(error, OSError) and error.errno in DISK_ERRORS:
        return "disk", f"A file could not be written ({text})."
    if isinstance(error, OSError) and error.filename is not None:
        return DataError.category, f"The file {str(error.filename)!r} could not be used ({error.strerror or text})."
    return "crash", f"The run stopped by a mistake of CNN Lab ({type(error).__name__}: {text})."
