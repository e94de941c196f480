"""How far runs have got, in words: status, progress, time left."""

from typing import Final

from cnnlab.plots import numbers
from cnnlab.runs.lifecycle import is_not_responding
from cnnlab.store.records import RunRecord, Status

ICONS: Final = {
    Status.QUEUED: ":material/schedule:",
    Status.STARTING: ":material/hourglass_top:",
    Status.RUNNING: ":material/play_arrow:",
    Status.PAUSED: ":material/pause:",
    Status.STOPPING: ":material/front_hand:",
    Status.FINISHED: ":material/check:",
    Status.STOPPED: ":material/stop:",
    Status.FAILED: ":material/error:",
    Status.INTERRUPTED: ":material/power_off:",
}


def share_done(run: RunRecord) -> float:
    """Share of the run's steps that are done, 0 to 1."""
    if run.status is Status.FINISHED:
        return 1.0
    if (preparation := run.preparation) is not None and preparation.total:
        return preparation.done / preparation.total
    if run.total_steps:
        return min(1.0, run.step / run.total_steps)
    return min(1.0, run.epoch / run.epochs)


def seconds_left(run: RunRecord) -> float | None:
    """Time left at the pace so far, including validation; None before the first steps."""
    if not run.total_steps or run.step < 2 or run.status is not Status.RUNNING:
        return None
    return run.seconds / run.step * (run.total_steps - run.step)


def status_word(run: RunRecord) -> str:
    """The status as a word, or a more precise word derived from the record."""
    if is_not_responding(run):
        return "not responding"
    if run.request is not None and run.status is Status.RUNNING:
        return "pausing"
    return str(run.status)


def best_line(run: RunRecord) -> str | None:
    """Which epoch a run's figures come from, and why; None before the first validation."""
    if run.best_epoch is None or run.val_accuracy is None:
        return None
    return f"Epoch {run.best_epoch} of {run.epochs}, with the lowest validation loss"


def status_line(run: RunRecord) -> str:
    """The state of a run in one line: `running, epoch 3 of 30, 12 s left, 410 pictures/s`."""
    parts = [status_word(run)]
    if run.preparation is not None and run.request is None:
        return f"{parts[0]}: {run.preparation}"
    if run.is_active or run.status is Status.PAUSED or run.epoch:
        parts.append(f"epoch {min(run.epoch + int(run.is_active), run.epochs)} of {run.epochs}")
    left = seconds_left(run)
    if left is not None:
        parts.append(f"{numbers.duration(left)} left")
    elif run.seconds:
        parts.append(numbers.duration(run.seconds))
    if run.images_per_second is not None and run.epoch + run.step:
        parts.append(f"{numbers.three_digits(run.images_per_second)} pictures/s")
    return ", ".join(parts)
