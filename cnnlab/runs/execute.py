"""Trains one filed run in the calling process, for the worker's run process as well as for `cnnlab train`.

It prepares the pictures, consumes the events of `fit`, writes metrics and checkpoints, obeys requests between steps,
and records how the run ended.
"""

import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cnnlab.errors import CnnLabError, RunStateError, StoppedError, StoreError
from cnnlab.processes import ProcessIdentity
from cnnlab.runs.failures import explain
from cnnlab.runs.filing import file_run
from cnnlab.runs.lifecycle import RESUME, claim, recognise_dead, stop
from cnnlab.runs.watch import LeaveReason, Watch
from cnnlab.store.records import ACTIVE, EpochRecord, LeaseRecord, Preparation, RunRecord, Status
from cnnlab.store.run_rows import NO_PROCESS
from cnnlab.store.store import Store
from cnnlab.store.transactions import now
from cnnlab.training.config import RunConfig
from cnnlab.training.events import EpochEnd, Event, RunEnd, StepEnd, TestEnd
from cnnlab.workspace import Workspace

if TYPE_CHECKING:
    from cnnlab.data.layout import Reading
    from cnnlab.runs.attempt import Attempt

Listener = Callable[[Event], None]
WAIT_SECONDS: Final = 0.2


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """How a run ended, with its history; `error` is what made it fail."""

    run: RunRecord
    history: tuple[EpochRecord, ...]
    error: Exception | None = None

    def to_dict(self) -> dict[str, Any]:
        """The result as `cnnlab train --json` prints it."""
        run = self.run
        return {
            "run_id": run.run_id,
            "name": run.name,
            "status": str(run.status),
            "reason": run.reason,
            "family": run.family,
            "preset": run.preset,
            "epoch": run.epoch,
            "epochs": run.epochs,
            "history": [dict(record.figures) for record in self.history],
            "best_epoch": run.best_epoch,
            "val_accuracy": run.val_accuracy,
            "parameters": run.parameters,
            "seconds": run.seconds,
            "images_per_second": run.images_per_second,
            "bit_identical": run.bit_identical,
        }


def train(
    config: RunConfig,
    *,
    workspace: Workspace | None = None,
    recipe: str | None = None,
    listener: Listener | None = None,
) -> RunResult:
    """File a run and train it in this process as soon as its device is free; `listener` is called with every event.

    Raises:
        CnnLabError: the pictures or the configuration cannot be used (nothing is filed then), or the run failed.
        KeyboardInterrupt: it was interrupted; `resume` continues from its last checkpoint.
    """
    store = Store.open(workspace)
    result = train_filed(store, file_for_here(store, config, recipe=recipe).run_id, listener=listener)
    if result.error is not None:
        raise result.error
    return result


def file_for_here(
    store: Store,
    config: RunConfig,
    *,
    recipe: str | None = None,
    reading: "Reading | None" = None,
    progress: Callable[[int, int], None] | None = None,
) -> RunRecord:
    """File a run that this process will train itself; `progress` is called with (pictures scanned, pictures).

    `reading` tells whether ambiguous folders are parts or classes.

    Raises:
        CnnLabError: the pictures or the configuration cannot be used; nothing is filed.
    """
    from cnnlab.store.datasets import register_folder

    register_folder(store, config.data.path, reading=reading, progress=progress)
    return file_run(store, config, recipe=recipe, reserved_for=ProcessIdentity.current())


def train_filed(
    store: Store,
    run_id: str,
    *,
    listener: Listener | None = None,
    waiting: Callable[[LeaseRecord], None] | None = None,
    preparing: Callable[[Preparation], None] | None = None,
) -> RunResult:
    """Wait for the device of a queued run, then train it in this process.

    While it waits, `waiting` is called with the lease of the device; `preparing` is called with each stage before the
    first step.

    Raises:
        KeyboardInterrupt: it was interrupted, and this is recorded.
    """
    return execute_run(store, _claim_when_free(store, run_id, waiting), listener=listener, preparing=preparing)


def _claim_when_free(store: Store, run_id: str, waiting: Callable[[LeaseRecord], None] | None) -> RunRecord:
    try:
        while True:
            recognise_dead(store)
            run = claim(store, run_id, ProcessIdentity.current())
            if run is not None:
                return run
            record = store.runs.get(run_id)
            if record.status is not Status.QUEUED:
                raise RunStateError(
                    f"Run {run_id} is {record.status} because somebody else changed it before it could start.",
                    run_id=run_id,
                )
            holder = store.leases.holder(record.device)
            if waiting is not None and holder is not None:
                waiting(holder)
            time.sleep(WAIT_SECONDS)
    except KeyboardInterrupt:
        stop(store, run_id)
        raise


def execute_run(
    store: Store,
    run: RunRecord,
    *,
    listener: Listener | None = None,
    preparing: Callable[[Preparation], None] | None = None,
    alone: threading.Event | None = None,
    may_exit: bool = False,
) -> RunResult:
    """Train a claimed run until it ends in any way; the store then records how.

    `alone` is set once the worker is gone: the run then stops after the current step and can be resumed. With
    `may_exit`, the process is ended if it does not obey a stop in time.

    Raises:
        KeyboardInterrupt: it was interrupted, and this is recorded.
    """
    error: Exception | None = None
    with Watch(store, run, alone=alone, may_exit=may_exit) as watch, _interrupts(watch):
        try:
            _train(store, run, watch, listener, preparing)
        except StoppedError:
            watch.obey()
            _leave(store, run, watch.reason_to_leave or LeaveReason.STOP)
        except Exception as caught:
            error = caught
            if (
                watch.reason_to_leave is LeaveReason.INTERRUPT and watch.is_preparing
            ):  # a library turned it into another error
                _leave(store, run, LeaveReason.INTERRUPT)
            else:
                _fail(store, run, caught)
        except KeyboardInterrupt:
            _leave(store, run, LeaveReason.INTERRUPT)
            raise
        finally:
            store.leases.release(run.device, ProcessIdentity.current())
    record = store.runs.get(run.run_id)
    if watch.reason_to_leave is LeaveReason.INTERRUPT and record.status is Status.INTERRUPTED:
        raise KeyboardInterrupt
    return RunResult(run=record, history=store.epochs.of(run.number), error=error)


def _train(
    store: Store,
    run: RunRecord,
    watch: Watch,
    listener: Listener | None,
    preparing: Callable[[Preparation], None] | None,
) -> None:
    from cnnlab.runs.attempt import Attempt
    from cnnlab.training.loop import fit

    with Attempt.begin(store, run, stopped=lambda: watch.reason_to_leave is not None, listener=preparing) as attempt:
        watch.begin_steps()
        for event in fit(attempt.state):
            _note(attempt, event)
            if listener is not None:
                listener(event)
            if isinstance(event, RunEnd):
                watch.obey()
                attempt.keep_results()
                _check_store(store, run)
                _move(store, run, ACTIVE, Status.FINISHED, reason=event.reason)
                return
            # the loop may report several steps together: the state is then ahead of all but the last of them
            is_border = not isinstance(event, StepEnd) or event.step == attempt.state.progress.step
            if is_border and watch.reason_to_leave is not None:
                _obey(store, run, watch, attempt)
                return
            if is_border:
                attempt.checkpoint_if_due()


def _note(attempt: "Attempt", event: Event) -> None:
    if isinstance(event, StepEnd):
        attempt.recorder.step(event)
    elif isinstance(event, EpochEnd):
        attempt.recorder.epoch(event)
        attempt.folder.write_log(_line(event))
    elif isinstance(event, TestEnd):
        attempt.recorder.test(event)


def _line(event: EpochEnd) -> str:
    validation = f", validation loss {event.val_loss:.4f}, accuracy {event.val_accuracy:.4f}" if event.val_loss else ""
    return f"Epoch {event.epoch}: training loss {event.train_loss:.4f}{validation}, {event.seconds:.1f} s."


def _obey(store: Store, run: RunRecord, watch: Watch, attempt: "Attempt") -> None:
    reason = watch.reason_to_leave or LeaveReason.STOP
    watch.obey()
    attempt.keep_all()
    _check_store(store, run)
    _leave(store, run, reason)


def _check_store(store: Store, run: RunRecord) -> None:
    if not store.is_in_place:
        raise StoreError(
            "The database of the lab was deleted or replaced during the run, so nothing more can be recorded; the "
            f"results so far are in {str(store.workspace.runs / run.run_id)!r}."
        )


def _leave(store: Store, run: RunRecord, reason: LeaveReason) -> None:
    if reason is LeaveReason.PAUSE and _move(store, run, [Status.STARTING, Status.RUNNING], Status.PAUSED, reason=None):
        return
    if reason in (LeaveReason.PAUSE, LeaveReason.STOP):  # a stop may arrive while a pause is being obeyed
        _move(store, run, Status.STOPPING, Status.STOPPED, reason="Stopped on request.")
        return
    cause = "its worker ended" if reason is LeaveReason.ALONE else "Ctrl-C was pressed"
    _move(store, run, ACTIVE, Status.INTERRUPTED, reason=f"Interrupted: {cause}.", remedy=RESUME)


def _fail(store: Store, run: RunRecord, error: Exception) -> None:
    from cnnlab.runs.housekeeping import run_folder

    failure, folder = explain(error), run_folder(store, run)
    if failure.category in ("disk", "store"):
        folder.give_up_reserve()
    folder.write_log("".join(traceback.format_exception(error)))
    changes = {"category": failure.category, "reason": failure.reason, "remedy": failure.remedy}
    try:
        _move(store, run, ACTIVE, Status.FAILED, **changes)
    except CnnLabError:
        return  # the store cannot be written; the next reader will find the process gone


def _move(store: Store, run: RunRecord, source: Any, target: Status, **changes: str | None) -> bool:  # noqa: ANN401
    values: dict[str, object] = {"ended": now(), "request": None, **changes, **NO_PROCESS}
    return store.runs.move(run.run_id, source, target, values, attempt=run.attempt)


@contextmanager
def _interrupts(watch: Watch) -> Iterator[None]:
    """Let the first Ctrl-C stop the loop after the current step, with a checkpoint, and the second one at once.

    Before the first step the first one acts at once too: there is nothing to keep, and nothing checks for it yet.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(_number: int, _frame: object) -> None:
        is_at_once = watch.reason_to_leave is LeaveReason.INTERRUPT or watch.is_preparing
        watch.interrupt()
        if is_at_once:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
