"""The events of the training loop, as frozen records. Does not import torch.

For each epoch `fit` yields, in this order: a `StepEnd` for every optimiser step, an `Evaluating` from time to time
during validation, and an `EpochEnd`. After the last epoch come `TestEnd` (if there is a test part) and `RunEnd`. If
the loss is no longer a number, there is no event: `fit` raises `DivergedError`.

Units: losses in nats, mean over pictures; accuracies 0 to 1; times in seconds; memory in bytes. Epochs and steps are
numbered from 1. A figure that was not measured is None.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal, Self

# Fields that depend on machine load, not on the configuration: equal runs may differ only in these.
TIMING_FIELDS: Final = ("seconds", "images_per_second", "waiting_share", "memory_bytes")


@dataclass(frozen=True, kw_only=True)
class StepEnd:
    """One optimiser step has been taken.

    `loss` is the main head's plain cross-entropy, `objective` what is minimised (smoothed, weighted, with auxiliary
    heads). `gradient_norm` is measured before clipping (None if half precision skipped the step). `progress` is the
    position in epochs: 1.5 is halfway through the second.
    """

    step: int
    epoch: int
    progress: float
    loss: float
    objective: float
    accuracy: float
    learning_rate: float
    gradient_norm: float | None
    images: int
    seconds: float
    images_per_second: float
    waiting_share: float
    memory_bytes: int


@dataclass(frozen=True, kw_only=True)
class Evaluating:
    """The validation or test part is being evaluated; the consumer may stop here."""

    part: Literal["val", "test"]
    epoch: int
    step: int
    done: int
    total: int


@dataclass(frozen=True, kw_only=True)
class ClassFigures:
    """Figures of one class. Recall is None if the class has no pictures, precision if it was never predicted."""

    label: str
    pictures: int
    recall: float | None
    precision: float | None
    f1: float | None


@dataclass(frozen=True, kw_only=True)
class EpochEnd:
    """One pass over the training pictures is done and, if there are any, over the validation pictures.

    Training figures are collected during the epoch, so on augmented pictures and changing weights.
    """

    epoch: int
    step: int
    train_loss: float
    objective: float
    train_accuracy: float
    val_loss: float | None
    val_accuracy: float | None
    val_balanced_accuracy: float | None
    per_class: tuple[ClassFigures, ...] | None
    learning_rate: float
    gradient_norm: float | None
    is_best: bool
    best_epoch: int
    seconds: float
    val_seconds: float
    images_per_second: float
    waiting_share: float
    memory_bytes: int

    def to_dict(self) -> dict[str, Any]:
        """The record as plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of `to_dict`; unknown keys, from another version, are ignored."""
        known = {field.name for field in fields(cls)}
        kept = {name: value for name, value in values.items() if name in known}
        if kept.get("per_class") is not None:
            kept["per_class"] = tuple(ClassFigures(**figures) for figures in kept["per_class"])
        return cls(**kept)

    def without_timing(self) -> dict[str, Any]:
        """The fields that are bit-identical in two equal runs."""
        return {name: value for name, value in self.to_dict().items() if name not in (*TIMING_FIELDS, "val_seconds")}


@dataclass(frozen=True, kw_only=True)
class TestEnd:
    """The test part was evaluated, once, with the best weights."""

    __test__ = False  # keeps pytest from collecting it

    epoch: int
    pictures: int
    loss: float
    accuracy: float
    balanced_accuracy: float
    per_class: tuple[ClassFigures, ...]

    def to_dict(self) -> dict[str, Any]:
        """The record as plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of `to_dict`."""
        return cls(**{**values, "per_class": tuple(ClassFigures(**figures) for figures in values["per_class"])})


@dataclass(frozen=True, kw_only=True)
class RunEnd:
    """The run is finished. `reason` is a sentence for users; `early` means that patience ran out."""

    reason: str
    early: bool
    epochs: int
    step: int
    best_epoch: int
    seconds: float


Event = StepEnd | Evaluating | EpochEnd | TestEnd | RunEnd
