"""What a terminal shows while a run trains: a progress bar, and a line for each epoch."""

import sys
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from cnnlab.cli.output import console
from cnnlab.store.records import LeaseRecord, Preparation, RunRecord
from cnnlab.training.events import EpochEnd, Evaluating, Event, StepEnd, TestEnd


class TrainingView:
    """Shows a run in the terminal, as a context manager; with JSON, on standard error."""

    def __init__(self, epochs: int, *, is_json: bool) -> None:
        self._console = console(is_json=is_json or not sys.stdout.isatty())
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeRemainingColumn())
        self._progress = Progress(
            *columns, console=self._console, disable=not self._console.is_terminal, transient=True
        )
        self._epochs = epochs
        self._task: TaskID | None = None
        self._has_waited = False

    def __enter__(self) -> Self:
        self._progress.start()
        self._task = self._progress.add_task("preparing pictures", total=self._epochs)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def announce(self, run: RunRecord) -> None:
        """Print the run's id, so that it can be paused or stopped from another terminal."""
        self._console.print(f"Run {run.run_id}: {run.name} on {run.device}, {run.threads} threads")

    def wait(self, holder: LeaseRecord) -> None:
        """Print, once, which run is using the device."""
        if not self._has_waited:
            self._console.print(f"Waiting for {holder.device}, which run {holder.run_id} is using")
            self._has_waited = True

    def prepare(self, now: Preparation) -> None:
        """Show what is being done before the first step."""
        assert self._task is not None
        self._progress.update(self._task, description=str(now))

    def show(self, event: Event) -> None:
        """Advance the bar, and print a line at the end of each epoch."""
        assert self._task is not None
        if isinstance(event, StepEnd):
            text = f"epoch {event.epoch}, loss {event.loss:.3f}, {event.images_per_second:.3g} images/s"
            self._progress.update(self._task, completed=event.progress, description=text)
        elif isinstance(event, Evaluating):
            self._progress.update(
                self._task, description=f"epoch {event.epoch}, {event.part} {event.done}/{event.total}"
            )
        elif isinstance(event, EpochEnd):
            self._console.print(_epoch_line(event, self._epochs))
        elif isinstance(event, TestEnd):
            self._console.print(f"test: accuracy {100 * event.accuracy:.3g} % on {event.pictures} pictures")


def _epoch_line(event: EpochEnd, epochs: int) -> str:
    parts = [f"epoch {event.epoch}/{epochs}", f"train loss {event.train_loss:.4f}"]
    if event.val_loss is not None and event.val_accuracy is not None:
        parts += [f"val loss {event.val_loss:.4f}", f"val accuracy {100 * event.val_accuracy:.3g} %"]
    parts.append(f"{event.images_per_second:.3g} images/s")
    return ", ".join(parts) + (" *" if event.is_best else "")
