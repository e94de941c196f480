"""Plain records of what the store holds. Imports neither the database nor torch."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Final, Self

from cnnlab.data.records import Finding, MeanStd
from cnnlab.errors import Category
from cnnlab.processes import ProcessIdentity


class Status(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


ACTIVE: Final = frozenset({Status.STARTING, Status.RUNNING, Status.STOPPING})
"""A process is working on the run, or was when it died."""

ENDED: Final = frozenset({Status.FINISHED, Status.STOPPED, Status.FAILED, Status.INTERRUPTED})
"""Nothing more happens to the run unless somebody resumes it."""

RESUMABLE: Final = frozenset({Status.PAUSED, Status.STOPPED, Status.FAILED, Status.INTERRUPTED})
FAILS_AGAIN: Final[frozenset[Category]] = frozenset(
    {"diverged", "usage", "configuration", "weights", "run not found", "status"}
)
"""Categories of failure that a resumed run would only repeat."""

TRANSITIONS: Final[Mapping[Status, frozenset[Status]]] = {
    Status.QUEUED: frozenset({Status.STARTING, Status.STOPPED}),
    Status.STARTING: frozenset(
        {Status.RUNNING, Status.STOPPING, Status.PAUSED, Status.FAILED, Status.INTERRUPTED, Status.FINISHED}
    ),
    Status.RUNNING: frozenset(
        {Status.STOPPING, Status.PAUSED, Status.FINISHED, Status.STOPPED, Status.FAILED, Status.INTERRUPTED}
    ),
    Status.STOPPING: frozenset({Status.STOPPED, Status.FINISHED, Status.FAILED, Status.INTERRUPTED}),
    Status.PAUSED: frozenset({Status.QUEUED, Status.STOPPED}),
    Status.STOPPED: frozenset({Status.QUEUED}),
    Status.FAILED: frozenset({Status.QUEUED}),
    Status.INTERRUPTED: frozenset({Status.QUEUED, Status.STOPPED}),
    Status.FINISHED: frozenset(),
}


class Request(StrEnum):
    """A request to an active run, which obeys it after its current step."""

    PAUSE = "pause"
    STOP = "stop"


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """What a run is doing before its first step; `total` is 0 if there is nothing to count."""

    doing: str
    done: int = 0
    total: int = 0

    def __str__(self) -> str:
        """`reading pictures, 34,000 of 100,000`."""
        return f"{self.doing}, {self.done:,} of {self.total:,}" if self.total else self.doing


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a run records once, besides its metrics; a field keeps its default until it is known.

    `images` counts the pictures of each part. `mean_std` holds three means and three standard deviations of the
    training pictures (0 to 1), if the pipeline normalises by them. `test` holds the figures of the test part.
    `keyed_weights` is false for runs of earlier versions, which initialised all weights from one random sequence.
    """

    classes: tuple[str, ...] = ()
    images: Mapping[str, int] = field(default_factory=dict)
    mean_std: MeanStd | None = None
    test: Mapping[str, Any] | None = None
    checkpoint: bool = False
    preparation: Preparation | None = None
    keyed_weights: bool = False

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of `as_json`; keys from another version that are unknown here are ignored."""
        known = {entry.name for entry in fields(cls)}
        kept = {name: value for name, value in values.items() if name in known and value is not None}
        if "classes" in kept:
            kept["classes"] = tuple(kept["classes"])
        if "mean_std" in kept:
            kept["mean_std"] = tuple(map(tuple, kept["mean_std"]))
        if "preparation" in kept:
            kept["preparation"] = Preparation(**kept["preparation"])
        return cls(**kept)

    def as_json(self) -> dict[str, object]:
        """The summary as plain values for the store, without fields that are not known yet."""
        return {name: value for name, value in asdict(self).items() if value not in (None, (), {}, False)}


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """One run. Times are in Unix seconds; `number` gives the order of filing and is the key of its metrics."""

    number: int
    run_id: str
    name: str
    status: Status
    family: str
    preset: str
    recipe: str | None = None
    config: Mapping[str, Any]
    dataset_id: int | None = None
    fingerprint: str | None = None
    split_number: int | None = None
    split_hash: str | None = None
    device: str
    threads: int
    created: float
    queued: float | None = None
    position: float = 0.0
    started: float | None = None
    ended: float | None = None
    attempt: int = 0
    epoch: int = 0
    epochs: int
    step: int = 0
    total_steps: int | None = None
    process: ProcessIdentity | None = None
    heartbeat: float | None = None
    request: Request | None = None
    requested: float | None = None
    category: str | None = None
    reason: str | None = None
    remedy: str | None = None
    best_epoch: int | None = None
    val_accuracy: float | None = None
    val_loss: float | None = None
    train_loss: float | None = None
    parameters: int | None = None
    flops: int | None = None
    seconds: float = 0.0
    images_per_second: float | None = None
    bit_identical: bool = True
    note: str = ""
    tags: tuple[str, ...] = ()
    cloned_from: str | None = None
    summary: Summary = field(default_factory=Summary)

    @property
    def preparation(self) -> Preparation | None:
        """What the run is doing before its first step; None after that."""
        return self.summary.preparation if self.status is Status.STARTING else None

    @property
    def had_checkpoint(self) -> bool:
        """Whether a checkpoint was ever written; False also for runs of versions that did not record this."""
        return self.summary.checkpoint

    @property
    def is_active(self) -> bool:
        """Whether a process is working on the run, as far as the store knows."""
        return self.status in ACTIVE

    @property
    def is_resumable(self) -> bool:
        """Whether `resume` makes sense; the checkpoint itself is only checked then."""
        return self.status in RESUMABLE and not self.would_fail_again

    @property
    def would_fail_again(self) -> bool:
        """Whether the run failed in a way that resuming it would only repeat."""
        return self.status is Status.FAILED and self.category in FAILS_AGAIN


@dataclass(frozen=True, kw_only=True)
class EpochRecord:
    """The figures at the end of one epoch: an `EpochEnd` with the fields of the version that wrote it."""

    epoch: int
    step: int
    figures: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class DataSetRecord:
    """A folder of pictures as of its last scan. `owned`: the lab made the files and may delete them.

    `listing` is a hash of names, sizes and times of all files: while it is unchanged, there is no need to scan again.
    """

    dataset_id: int
    name: str
    path: str
    owned: bool
    fingerprint: str
    listing: str
    classes: tuple[str, ...]
    counts: Mapping[str, int]
    unreadable: tuple[Mapping[str, str], ...]
    duplicates: tuple[tuple[str, ...], ...]
    findings: tuple[Finding, ...]
    created: float
    scanned: float
    forgotten: bool = False

    @property
    def images(self) -> int:
        """Pictures that could be read."""
        return sum(self.counts.values())


@dataclass(frozen=True, kw_only=True)
class SplitRecord:
    """A numbered, immutable split: it assigns a data set's pictures (by id) to parts."""

    dataset_id: int
    number: int
    seed: int
    val_fraction: float
    test_fraction: float
    hash: str
    parts: Mapping[str, str]
    created: float


@dataclass(frozen=True, kw_only=True)
class LeaseRecord:
    """Which run and process are using a device."""

    device: str
    run_id: str
    process: ProcessIdentity
    taken: float


@dataclass(frozen=True, kw_only=True)
class WorkerRecord:
    """A registered worker; `process.alive()` tells whether it still exists."""

    process: ProcessIdentity
    stay: bool
    started: float
    heartbeat: float


@dataclass(frozen=True, kw_only=True)
class TaskRecord:
    """A task, such as scanning or unpacking, with its progress."""

    task_id: str
    kind: str
    arguments: Mapping[str, Any]
    status: str
    done: int
    total: int | None
    message: str
    result: Mapping[str, Any] | None
    stop_requested: bool
    process: ProcessIdentity | None
    created: float
    updated: float
