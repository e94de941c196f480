"""What the training loop tells, as frozen records; knows neither torch nor who listens.

`fit` yields, in this order and for each epoch: one `StepEnd` for every optimiser step, `Evaluating` now and then while
the validation part is gone through, one `EpochEnd`. After the last epoch come `TestEnd` (only with a test part) and
`RunEnd`. A loss that is no longer a number is no event: `fit` raises `DivergedError`.

Units: losses in nats, mean over pictures; accuracies 0 to 1; times in seconds; memory in bytes. Epochs and steps count
from 1. A figure that was not examined is None.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal, Self

# Fields that depend on the machine's mood and not on the configuration: equal runs may differ in these only.
TIMING_FIELDS: Final = ("seconds", "images_per_second", "waiting_share", "memory_bytes")


@dataclass(frozen=True, kw_only=True)
class StepEnd:
    """One optimiser step is done.

    `loss` is the main head's plain cross-entropy, `objective` what was minimised (smoothed, weighted, with auxiliary
    heads). `gradient_norm` is taken before clipping (None where half precision skipped the step). `progress` is the
    position in epochs: 1.5 is half of the second.
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
    """A part without training is being gone through; the listener may stop here."""

    part: Literal["val", "test"]
    epoch: int
    step: int
    done: int
    total: int


@dataclass(frozen=True, kw_only=True)
class ClassFigures:
    """How one class fared. Recall is None for a class without pictures, precision for one that was never said."""

    label: str
    pictures: int
    recall: float | None
    precision: float | None
    f1: float | None


@dataclass(frozen=True, kw_only=True)
class EpochEnd:
    """One pass over the training pictures and, if there are any, over the validation pictures.

    Training figures come from the augmented pictures and the weights of the moment, as the epoch went along.
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
        """Plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The record that `to_dict` wrote; keys that this version does not know are left out."""
        known = {field.name for field in fields(cls)}
        kept = {name: value for name, value in values.items() if name in known}
        if kept.get("per_class") is not None:
            kept["per_class"] = tuple(ClassFigures(**figures) for figures in kept["per_class"])
        return cls(**kept)

    def without_timing(self) -> dict[str, Any]:
        """What two equal runs agree on bit for bit."""
        return {name: value for name, value in self.to_dict().items() if name not in (*TIMING_FIELDS, "val_seconds")}


@dataclass(frozen=True, kw_only=True)
class TestEnd:
    """The separate test part, gone through once with the best weights."""

    __test__ = False  # the name is not that of a test

    epoch: int
    pictures: int
    loss: float
    accuracy: float
    balanced_accuracy: float
    per_class: tuple[ClassFigures, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The record that `to_dict` wrote."""
        return cls(**{**values, "per_class": tuple(ClassFigures(**figures) for figures in values["per_class"])})


@dataclass(frozen=True, kw_only=True)
class RunEnd:
    """Nothing is left to do. `reason` is a sentence for people; `early` means that patience ran out."""

    reason: str
    early: bool
    epochs: int
    step: int
    best_epoch: int
    seconds: float


Event = StepEnd | Evaluating | EpochEnd | TestEnd | RunEnd
