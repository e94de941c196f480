"""Every error that CNN Lab raises on purpose.

    CnnLabError
    ├── UsageError                  exit status 2: the request cannot be carried out as given
    │   ├── ConfigError             a hyperparameter or an option of an architecture
    │   ├── WeightsError            a weights file that does not fit or is not safe to read
    │   └── RunNotFoundError        no run has that name, or several do
    ├── DataError                   exit status 3: the folder cannot be used as a data set
    │   ├── LayoutDoubtError        the user must first say what the folders are: parts or classes
    │   └── PictureError            one file could not be decoded
    ├── StoppedError                exit status 130: the user ended the work before it was done
    ├── HelperError                 exit status 1: the helper crashed or took too long
    └── RunError                    exit status 1: a run failed, or cannot do what was asked of it
        ├── DivergedError           the loss is no longer a finite number
        ├── OutOfMemoryError        the device or the machine is out of memory
        ├── DiskError               a file could not be written
        ├── CheckpointError         a run's saved state can no longer be read
        ├── RunStateError           the run is in a status that does not allow this
        └── StoreError              the database cannot be opened or is too new

A message is one sentence: what happened, what was expected, what to do.
"""

from pathlib import PurePath
from typing import ClassVar, Final, Literal

Category = Literal[
    "crash",
    "usage",
    "configuration",
    "weights",
    "run not found",
    "data",
    "layout",
    "picture",
    "stopped",
    "helper",
    "run",
    "diverged",
    "memory",
    "disk",
    "checkpoint",
    "status",
    "store",
]


class CnnLabError(Exception):
    """Base of all errors whose message is written for the user.

    Args:
        message: one sentence.
        file: the file or folder that it is about, if it is about one.
        setting: the path of the setting that it is about.
        run_id: the run that it is about, by its id or whatever the user called it.
    """

    exit_code: ClassVar[int] = 1
    category: ClassVar[Category] = "crash"

    def __init__(
        self,
        message: str,
        *,
        file: PurePath | str | None = None,
        setting: str | None = None,
        run_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.file = None if file is None else str(file)
        self.setting = setting
        self.run_id = run_id


class UsageError(CnnLabError):
    """The request is understood, but cannot be carried out as given."""

    exit_code = 2
    category: ClassVar[Category] = "usage"


class ConfigError(UsageError):
    """A hyperparameter or an option of an architecture is unknown, out of range or conflicts with the others."""

    category: ClassVar[Category] = "configuration"


class WeightsError(UsageError):
    """A weights file is unreadable, unsafe, or does not fit the network."""

    category: ClassVar[Category] = "weights"


class RunNotFoundError(UsageError):
    """No run has that name, or more than one does."""

    category: ClassVar[Category] = "run not found"


class DataError(CnnLabError):
    """A folder cannot be used as a data set."""

    exit_code = 3
    category: ClassVar[Category] = "data"


class AmbiguousLayoutError(DataError):
    """The folders look like parts of a data set but may be classes; the user has to say which."""

    category: ClassVar[Category] = "layout"


class PictureError(DataError):
    """One file could not be decoded; the message is the reason, without the file's name."""

    category: ClassVar[Category] = "picture"


class StoppedError(CnnLabError):
    """The user stopped a task, such as a scan, before it was done."""

    exit_code = 130
    category: ClassVar[Category] = "stopped"


class HelperError(CnnLabError):
    """The helper crashed, or did not answer in time."""

    category: ClassVar[Category] = "helper"


class RunError(CnnLabError):
    """A run failed, or cannot do what was asked of it."""

    category: ClassVar[Category] = "run"


DIVERGED_REMEDY: Final = "clone the run with a lower learning rate, a warm-up or gradient clipping"


class DivergedError(RunError):
    """The loss became infinite or not a number."""

    category: ClassVar[Category] = "diverged"


class OutOfMemoryError(RunError):
    """The device or the machine has too little memory for this batch."""

    category: ClassVar[Category] = "memory"


class DiskError(RunError):
    """A file or a folder could not be written."""

    category: ClassVar[Category] = "disk"


class CheckpointError(RunError):
    """A run's saved state is damaged or missing."""

    category: ClassVar[Category] = "checkpoint"


class RunStateError(RunError):
    """The run's status does not allow what was asked."""

    category: ClassVar[Category] = "status"


class StoreError(RunError):
    """The database cannot be opened, or was written by a newer version of the lab."""

    category: ClassVar[Category] = "store"
