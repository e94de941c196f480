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

from typing import ClassVar, Literal

Category = Literal["data", "configuration", "memory", "diverged", "disk", "checkpoint", "crash"]


class CnnLabError(Exception):
    """Base of all errors whose message is written for the user."""

    exit_code: ClassVar[int] = 1
    category: ClassVar[Category] = "crash"


class UsageError(CnnLabError):
    """The request is understood, but cannot be carried out as given."""

    exit_code = 2
    category = "configuration"


class ConfigError(UsageError):
    """A hyperparameter or an option of an architecture is unknown, out of range or conflicts with the others."""


class WeightsError(UsageError):
    """A weights file is unreadable, unsafe, or does not fit the network."""


class RunNotFoundError(UsageError):
    """No run has that name, or more than one does."""


class DataError(CnnLabError):
    """A folder cannot be used as a data set."""

    exit_code = 3
    category = "data"


class LayoutDoubtError(DataError):
    """The folders look like parts of a data set but may be classes; the user has to say which."""


class PictureError(DataError):
    """One file could not be decoded; the message is the reason, without the file's name."""


class StoppedError(CnnLabError):
    """The user stopped a task, such as a scan, before it was done."""

    exit_code = 130


class HelperError(CnnLabError):
    """The helper crashed, or did not answer in time."""


class RunError(CnnLabError):
    """A run failed, or cannot do what was asked of it."""


class DivergedError(RunError):
    """The loss became infinite or not a number."""

    category = "diverged"


class OutOfMemoryError(RunError):
    """The device or the machine has too little memory for this batch."""

    category = "memory"


class DiskError(RunError):
    """A file or a folder could not be written."""

    category = "disk"


class CheckpointError(RunError):
    """A run's saved state is damaged or missing."""

    category = "checkpoint"


class RunStateError(RunError):
    """The run's status does not allow what was asked."""

    category = "configuration"


class StoreError(RunError):
    """The database cannot be opened, or was written by a newer version of the lab."""

    category = "disk"
