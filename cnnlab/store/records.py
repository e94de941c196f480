"""Plain records of what the store holds; they know neither the database nor torch."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Final, Self

from cnnlab.data.records import Finding, MeanStd
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
"""A process is at work on the run, or was when it died."""

ENDED: Final = frozenset({Status.FINISHED, Status.STOPPED, Status.FAILED, Status.INTERRUPTED})
"""Nothing will happen to the run unless somebody asks."""

RESUMABLE: Final = frozenset({Status.PAUSED, Status.STOPPED, Status.FAILED, Status.INTERRUPTED})

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
    """What somebody asks of an active run; it obeys at the next border between two batches."""

    PAUSE = "pause"
    STOP = "stop"


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """What a run does before its first step; `total` is 0 where there is nothing to count."""

    doing: str
    done: int = 0
    total: int = 0

    def __str__(self) -> str:
        """`reading pictures, 34,000 of 100,000`."""
        return f"{self.doing}, {self.done:,} of {self.total:,}" if self.total else self.doing


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a run's process records once beside its figures; each field has its default until it is known.

    `images` counts the pictures of each part, `mean_std` holds three means and three deviations of the training
    pictures (0 to 1) where the pipeline takes them from there, `test` the figures of the test part.
    `keyed_weights` is false for runs of versions that drew all initial weights in one sequence.
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
        """The summary that `as_json` gave, by this version or another one: what is not known here is left out."""
        known = {one.name for one in fields(cls)}
        found = {name: value for name, value in values.items() if name in known and value is not None}
        if "classes" in found:
            found["classes"] = tuple(found["classes"])
        if "mean_std" in found:
            found["mean_std"] = tuple(map(tuple, found["mean_std"]))
        if "preparation" in found:
            found["preparation"] = Preparation(**found["preparation"])
        return cls(**found)

    def as_json(self) -> dict[str, object]:
        """As plain values for the store, without what is not known."""
        return {name: value for name, value in asdict(self).items() if value not in (None, (), {}, False)}


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """One run. Times are Unix seconds; `number` is the order of filing and the key of its metrics."""

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
        """What the run does before its first step, as long as it does."""
        return self.summary.preparation if self.status is Status.STARTING else None

    @property
    def had_checkpoint(self) -> bool:
        """Whether a checkpoint was ever written; False also for runs of versions that did not note it."""
        return self.summary.checkpoint

    @property
    def is_active(self) -> bool:
        """Whether a process is at work on the run, as far as the store knows."""
        return self.status in ACTIVE

    @property
    def is_resumable(self) -> bool:
        """Whether `resume` makes sense; the checkpoint itself is looked at when it is asked for."""
        return self.status in RESUMABLE


@dataclass(frozen=True, kw_only=True)
class EpochRecord:
    """The figures at the end of one epoch: `EpochEnd` as it was written, whatever its fields."""

    epoch: int
    step: int
    figures: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class DataSetRecord:
    """One folder of pictures as it was at its last scan. `owned`: the lab made the files and may delete them.

    `listing` is a hash of names, sizes and times of all files: while it is equal, nobody need scan again.
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
    """A numbered, immutable assignment of a data set's pictures (by id) to parts."""

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
    """Who uses a device."""

    device: str
    run_id: str
    process: ProcessIdentity
    taken: float


@dataclass(frozen=True, kw_only=True)
class WorkerRecord:
    """A worker that registered; `process.alive()` tells whether it still is one."""

    process: ProcessIdentity
    stay: bool
    started: float
    heartbeat: float


@dataclass(frozen=True, kw_only=True)
class TaskRecord:
    """A piece of torch-free work (a scan, an unpacking) with its progress."""

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
