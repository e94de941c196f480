"""The learning rate as a function of the step; there is no state, so a resumed run has none to restore."""

import math
from dataclasses import dataclass

from cnnlab.training.config import TrainingConfig

ONE_CYCLE_RISE = (
    0.3  # share of the run in which the rate rises (Smith and Topin, 2017, https://arxiv.org/abs/1708.07120)
)
ONE_CYCLE_START = 1 / 25
ONE_CYCLE_END = 1e-4
WARMUP_START = 0.01


@dataclass(frozen=True)
class Schedule:
    """Learning rates of one run. Steps are counted from 0."""

    config: TrainingConfig
    steps_per_epoch: int

    @property
    def total_steps(self) -> int:
        """Optimiser steps of the whole run, unless it ends early."""
        return self.config.epochs * self.steps_per_epoch

    def rate(self, step: int) -> float:
        """The learning rate for a step."""
        return self.config.learning_rate * self._factor(step)

    def _factor(self, step: int) -> float:
        if self.config.schedule == "one_cycle":
            return _one_cycle(step / max(1, self.total_steps - 1))
        warmup = round(self.config.warmup_epochs * self.steps_per_epoch)
        if step < warmup:
            return WARMUP_START + (1 - WARMUP_START) * step / warmup
        if self.config.schedule == "step":
            return float(self.config.step_factor ** (step // (self.config.step_epochs * self.steps_per_epoch)))
        if self.config.schedule == "cosine":
            # Zero is reached one step after the last, so that the last step still changes the weights.
            return _half_cosine((step - warmup) / max(1, self.total_steps - warmup), 1.0, 0.0)
        return 1.0


def _half_cosine(share: float, start: float, end: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * min(share, 1.0))) / 2


def _one_cycle(share: float) -> float:
    if share < ONE_CYCLE_RISE:
        return _half_cosine(share / ONE_CYCLE_RISE, ONE_CYCLE_START, 1.0)
    return _half_cosine((share - ONE_CYCLE_RISE) / (1 - ONE_CYCLE_RISE), 1.0, ONE_CYCLE_END)
