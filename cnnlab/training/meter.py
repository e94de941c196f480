"""Measures steps: accumulates their figures on the device and turns them into events from time to time.

Reading a figure from a GPU makes the processor wait, so on a GPU the figures of several steps are read together, four
times a second. On a CPU reading costs nothing, and every step is reported at once.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from cnnlab.data.loading import Batch
from cnnlab.errors import DIVERGED_REMEDY, DivergedError
from cnnlab.training.device import memory_in_use
from cnnlab.training.events import StepEnd
from cnnlab.training.objective import Losses

if TYPE_CHECKING:
    from cnnlab.training.state import TrainingState

SECONDS_BETWEEN_READINGS = 0.25


@dataclass(frozen=True, kw_only=True)
class _Step:
    """A step that has not been reported yet. `figures`: plain loss, objective, correct, gradient norm."""

    step: int
    progress: float
    learning_rate: float
    images: int
    seconds: float
    waiting: float
    figures: Tensor


class StepMeter:
    """Measures the steps of one epoch and updates the counters of the state."""

    def __init__(self, state: "TrainingState") -> None:
        self._state = state
        self._reads_at_once = state.device.type == "cpu"
        self._pending: list[_Step] = []
        self._started = self._read = time.perf_counter()
        self._waiting = 0.0
        self._sums: Tensor | None = None

    def wait_for(self, batches: Iterator[Batch]) -> Batch:
        """The next batch; the time until it arrives counts as waiting for data."""
        started = time.perf_counter()
        batch = next(batches)
        self._waiting += time.perf_counter() - started
        return batch

    def add_batch(self, losses: Losses, correct: Tensor) -> None:
        """Add the sums of one batch of the current step, without reading them from the device."""
        sums = torch.stack([losses.plain.double(), losses.objective.detach().double(), correct])
        self._sums = sums if self._sums is None else self._sums + sums

    def end_step(self, learning_rate: float, norm: Tensor, *, pictures: int) -> None:
        """End the current step; the state's counters have already moved on."""
        assert self._sums is not None
        now, progress = time.perf_counter(), self._state.progress
        self._pending.append(
            _Step(
                step=progress.step,
                progress=progress.epoch - 1 + progress.batch / len(self._state.batches.sizes),
                learning_rate=learning_rate,
                images=pictures,
                seconds=now - self._started,
                waiting=self._waiting,
                figures=torch.cat([self._sums, norm.detach().double().reshape(1)]),
            )
        )
        self._started, self._waiting, self._sums = now, 0.0, None

    @property
    def is_due(self) -> bool:
        """Whether it is time to read the figures and report them."""
        return self._reads_at_once or time.perf_counter() - self._read > SECONDS_BETWEEN_READINGS

    def flush(self) -> Iterator[StepEnd]:
        """Events for all unreported steps; the epoch's sums include all of them before the first is yielded."""
        if not self._pending:
            return
        figures = torch.stack([step.figures for step in self._pending]).tolist()  # the one synchronisation
        memory = memory_in_use(self._state.device)
        events = [self._event(step, values, memory) for step, values in zip(self._pending, figures, strict=True)]
        self._pending = []
        for event in events:
            self._state.progress.sums.add(event)
        yield from events
        # What the consumer did meanwhile (recording, saving) does not count as part of a step.
        self._started = self._read = time.perf_counter()

    def _event(self, step: _Step, values: list[float], memory: int) -> StepEnd:
        loss, objective, correct, norm = values
        epoch = self._state.progress.epoch
        check_finite("The loss", objective, step.step, epoch)
        scaled = self._state.config.training.precision == "16"  # an infinite gradient then only lowers the loss scale
        if not scaled:
            check_finite("The gradient", norm, step.step, epoch)
        return StepEnd(
            step=step.step,
            epoch=epoch,
            progress=step.progress,
            loss=loss / step.images,
            objective=objective / step.images,
            accuracy=correct / step.images,
            learning_rate=step.learning_rate,
            gradient_norm=norm if math.isfinite(norm) else None,
            images=step.images,
            seconds=step.seconds,
            images_per_second=step.images / step.seconds,
            waiting_share=step.waiting / step.seconds,
            memory_bytes=memory,
        )


def check_finite(what: str, value: float, step: int, epoch: int) -> None:
    """Raise `DivergedError` if a value is infinite or not a number."""
    if not math.isfinite(value):
        kind = "infinite" if math.isinf(value) else "not a number"
        raise DivergedError(f"{what} became {kind} at step {step} (epoch {epoch}); {DIVERGED_REMEDY}.")
