"""Training progress: the counters and history of a run, as values that JSON stores exactly."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

from cnnlab.training.events import EpochEnd, StepEnd, TestEnd

if TYPE_CHECKING:
    from cnnlab.training.metrics import Figures


@dataclass(kw_only=True)
class EpochSums:
    """Sums over the pictures of the current epoch so far; gradient norms are summed over `normed_steps`."""

    pictures: int = 0
    loss: float = 0.0
    objective: float = 0.0
    correct: int = 0
    gradient_norm: float = 0.0
    normed_steps: int = 0
    seconds: float = 0.0
    waiting: float = 0.0

    def add(self, step: StepEnd) -> None:
        """Add the means of a step, weighted by its pictures."""
        self.pictures += step.images
        self.loss += step.loss * step.images
        self.objective += step.objective * step.images
        self.correct += round(step.accuracy * step.images)
        self.seconds += step.seconds
        self.waiting += step.waiting_share * step.seconds
        if step.gradient_norm is not None:
            self.gradient_norm += step.gradient_norm
            self.normed_steps += 1


@dataclass(kw_only=True)
class TrainingProgress:
    """How far a run is. `epoch` is the current one, from 1; `batch` is the number of its batches that are done."""

    epoch: int = 1
    batch: int = 0
    step: int = 0
    sums: EpochSums = field(default_factory=EpochSums)
    history: list[EpochEnd] = field(default_factory=list)
    best_epoch: int = 0
    best_loss: float = math.inf
    test: TestEnd | None = None
    finished: bool = False
    seconds: float = 0.0

    def is_over(self, epochs: int) -> bool:
        """Whether all epochs are done."""
        return self.epoch > epochs

    def ran_out_of(self, patience: int | None) -> bool:
        """Whether validation has not improved for `patience` epochs."""
        return patience is not None and len(self.history) - self.best_epoch >= patience > 0

    def end_epoch(
        self, figures: "Figures | None", *, learning_rate: float, val_seconds: float, memory: int
    ) -> EpochEnd:
        """Append the current epoch to the history and begin the next. Without figures, the latest epoch is the best."""
        loss = figures.loss if figures else None
        is_best = loss is None or loss < self.best_loss
        if is_best:
            self.best_epoch, self.best_loss = self.epoch, math.inf if loss is None else loss
        sums = self.sums
        event = EpochEnd(
            epoch=self.epoch,
            step=self.step,
            train_loss=sums.loss / sums.pictures,
            objective=sums.objective / sums.pictures,
            train_accuracy=sums.correct / sums.pictures,
            val_loss=loss,
            val_accuracy=figures.accuracy if figures else None,
            val_balanced_accuracy=figures.balanced_accuracy if figures else None,
            per_class=figures.per_class if figures else None,
            learning_rate=learning_rate,
            gradient_norm=sums.gradient_norm / sums.normed_steps if sums.normed_steps else None,
            is_best=is_best,
            best_epoch=self.best_epoch,
            seconds=sums.seconds + val_seconds,
            val_seconds=val_seconds,
            images_per_second=sums.pictures / sums.seconds if sums.seconds else 0.0,
            waiting_share=sums.waiting / sums.seconds if sums.seconds else 0.0,
            memory_bytes=memory,
        )
        self.history.append(event)
        self.seconds += event.seconds
        self.epoch, self.batch, self.sums = self.epoch + 1, 0, EpochSums()
        return event

    def to_dict(self) -> dict[str, Any]:
        """The counters as plain values; infinity, which JSON lacks, becomes None."""
        return {**asdict(self), "best_loss": self.best_loss if math.isfinite(self.best_loss) else None}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The exact inverse of `to_dict`."""
        best_loss = values["best_loss"]
        history: Sequence[Mapping[str, Any]] = values["history"]
        return cls(
            **{
                **values,
                "sums": EpochSums(**values["sums"]),
                "history": [EpochEnd.from_dict(epoch) for epoch in history],
                "best_loss": math.inf if best_loss is None else best_loss,
                "test": TestEnd.from_dict(values["test"]) if values["test"] else None,
            }
        )
