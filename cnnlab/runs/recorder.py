"""Writes the events of the training loop into the store, in batches four times a second. Does not import torch."""

import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Final

import numpy as np
from sqlalchemy import update

from cnnlab.store.metric_rows import Points, append_points, write_epoch
from cnnlab.store.records import RunRecord, Status
from cnnlab.store.schema import runs
from cnnlab.store.store import Store
from cnnlab.training.events import EpochEnd, StepEnd, TestEnd

FLUSH_SECONDS: Final = 0.25
SERIES: Final = (
    "loss",
    "objective",
    "accuracy",
    "learning_rate",
    "gradient_norm",
    "images_per_second",
    "waiting_share",
    "memory_bytes",
    "elapsed",
)
"""Series with a value for every step. `elapsed` is the training time so far in seconds, over all attempts."""


class Recorder:
    """Records one attempt at a run; `seconds_before` is the training time up to the checkpoint it started from."""

    def __init__(self, store: Store, run: RunRecord, *, seconds_before: float = 0.0) -> None:
        self._store, self._run = store, run
        self._began = time.monotonic() - seconds_before
        self._flushed_at = -FLUSH_SECONDS  # so that the first point is written at once
        self._steps: list[StepEnd] = []
        self._elapsed: list[float] = []
        self._changes: dict[str, Any] = {}
        self._epochs: list[EpochEnd] = []
        self._had_checkpoint = run.had_checkpoint

    @property
    def seconds(self) -> float:
        """Training time so far, over all attempts."""
        return time.monotonic() - self._began

    def step(self, event: StepEnd) -> None:
        """Add a step, to be written with the next batch."""
        self._steps.append(event)
        self._elapsed.append(self.seconds)
        self._changes |= {"step": event.step, "images_per_second": event.images_per_second}
        if time.monotonic() - self._flushed_at >= FLUSH_SECONDS:
            self.flush()

    def epoch(self, event: EpochEnd) -> None:
        """Record the end of an epoch at once."""
        self._epochs.append(event)
        self._changes |= {
            "epoch": event.epoch,
            "step": event.step,
            "best_epoch": event.best_epoch,
            "images_per_second": event.images_per_second,
        }
        if event.is_best:
            self._changes |= {
                "val_accuracy": event.val_accuracy,
                "val_loss": event.val_loss,
                "train_loss": event.train_loss,
            }
        self.flush()

    def test(self, event: TestEnd) -> None:
        """Record the figures of the test part at once."""
        self._complete_summary(test=event.to_dict())

    def checkpoint(self) -> None:
        """Record that a checkpoint was saved, so that its loss is noticed later."""
        if not self._had_checkpoint:
            self._had_checkpoint = True
            self._complete_summary(checkpoint=True)

    def _complete_summary(self, **known: Any) -> None:  # noqa: ANN401 - fields of the summary
        summary = self._store.runs.get(self._run.run_id).summary
        self._changes["summary"] = replace(summary, **known).as_json()
        self.flush()

    def flush(self) -> None:
        """Write everything pending in one transaction; the first write sets the status to running."""
        self._flushed_at = time.monotonic()
        if not (self._steps or self._changes):
            return
        number = self._run.number
        mine = update(runs).where(runs.c.number == number, runs.c.attempt == self._run.attempt)
        with self._store.runs.writing() as connection:
            append_points(connection, number, self._series())
            for event in self._epochs:
                write_epoch(connection, number, event.epoch, event.step, asdict(event))
            connection.execute(mine.values({**self._changes, "seconds": self.seconds}))
            starting = mine.where(runs.c.status == Status.STARTING)
            connection.execute(starting.values(status=Status.RUNNING))
        self._steps, self._elapsed, self._epochs, self._changes = [], [], [], {}

    def _series(self) -> Mapping[str, Points]:
        steps = np.array([event.step for event in self._steps], np.int64)
        columns: dict[str, list[float]] = {
            name: [getattr(event, name) for event in self._steps] for name in SERIES if name != "elapsed"
        }
        columns["elapsed"] = self._elapsed
        return {name: Points(steps, np.array(values, np.float64)) for name, values in columns.items()}
