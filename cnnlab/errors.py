"""Every error that CNN Lab raises on purpose; knows nothing about what raises it.

    CnnLabError
    ├── UsageError                  exit status 2: the request cannot be carried out as it stands
    │   ├── ConfigError             a hyperparameter or an option of an architecture
    │   ├── WeightsError            a file of weights that does not fit or is not safe to read
    │   └── RunNotFoundError        no run has that name, or several have
    ├── DataError                   exit status 3: the folder cannot be used as a data set
    │   ├── LayoutDoubtError        what the folders stand for has to be said first
    │   └── PictureError            one file could not be decoded
    ├── StoppedError                exit status 130: the user ended the work before it was done
    ├── HelperError                 exit status 1: the process that pages ask crashed or took too long
    └── RunError                    exit status 1: a run ended badly, or cannot do what was asked of it
        ├── DivergedError           the loss is no longer a finite number
        ├── OutOfMemoryError        the device or the machine has no memory left
        ├── DiskError               a file could not be written
        ├── CheckpointError         what a run saved of itself cannot be read any more
        ├── RunStateError           the run is in a status that does not allow this
        └── StoreError              the database cannot be opened or is too new

A message is one sentence: what happened, what was expected, what to do.
"""

from typing import ClassVar, Literal

Category = Literal["data", "configuration", "memory", "diverged", "disk", "checkpoint", "crash"]


class CnnLabError(Exception):
    """Base of all errors whose message is written for the person in front of the screen."""

    exit_code: ClassVar[int] = 1
    category: ClassVar[Category] = "crash"


class UsageError(CnnLabError):
    """The request is understood, but cannot be carried out as it stands."""

    exit_code = 2
    category = "configuration"


class ConfigError(UsageError):
    """A hyperparameter or an option of an architecture is unknown, out of its limits or does not fit the others."""


class WeightsError(UsageError):
    """A file of weights is unreadable, unsafe, or does not fit the network."""


class RunNotFoundError(UsageError):
    """No run is called so, or more than one is."""


class DataError(CnnLabError):
    """A folder cannot be used as a data set."""

    exit_code = 3
    category = "data"


class LayoutDoubtError(DataError):
    """Folders look like parts of a data set and may be classes; somebody has to say which."""


class PictureError(DataError):
    """One file could not be decoded; the message is the reason, without the file's name."""


class StoppedError(CnnLabError):
    """The user ended a scan, an unpacking or the like before it was done."""

    exit_code = 130


class HelperError(CnnLabError):
    """The process that pages ask crashed, or had no answer in time."""


class RunError(CnnLabError):
    """A run ended badly, or cannot do what was asked of it."""


class DivergedError(RunError):
    """The loss became infinite or not a number."""

    category = "diverged"


class OutOfMemoryError(RunError):
    """The device or the machine has no memory left for this batch."""

    category = "memory"


class DiskError(RunError):
    """A file or a folder could not be written."""

    category = "disk"


class CheckpointError(RunError):
    """What a run saved of itself is damaged or gone."""

    category = "checkpoint"


class RunStateError(RunError):
    """The run's status does not allow what was asked."""

    category = "configuration"


class StoreError(RunError):
    """The database cannot be opened, or was written by a newer version of the lab."""

    category = "disk"
