"""What can be done with a run, and which runs have lost their process. Every change is a compare-and-swap.

queued ──> starting ──> running ──> finished
  │                        ├──────> failed
  │                        ├──────> paused ──> queued (front)
  │                        ├──────> stopping ──> stopped
  └──> stopped             └──────> interrupted: its process or its worker is gone
"""

import time
from collections.abc import Collection
from dataclasses import replace
from typing import Final

from sqlalchemy import func, select, update

from cnnlab.errors import DIVERGED_REMEDY, RunStateError
from cnnlab.processes import ProcessIdentity, boot_id
from cnnlab.runs import folder
from cnnlab.runs.housekeeping import run_folder
from cnnlab.store.device_rows import take_lease
from cnnlab.store.records import ACTIVE, Request, RunRecord, Status
from cnnlab.store.run_rows import NO_PROCESS, move_in, run_in
from cnnlab.store.schema import runs
from cnnlab.store.store import Store
from cnnlab.store.transactions import now, process_values

SILENCE_SECONDS: Final = 15.0
START_SECONDS: Final = 120.0
"""A process sends no heartbeat while it imports its libraries, which takes long on a busy machine."""
OBEY_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 0.1
NO_REASON: Final[dict[str, object]] = {"category": None, "reason": None, "remedy": None}
RESUME: Final = "Resume it to continue from its last checkpoint."


def is_not_responding(run: RunRecord) -> bool:
    """Whether an active run's process is alive but has sent no heartbeat for too long; only shown, never acted upon.

    Heartbeats use the monotonic clock, which all processes of one boot share, and which neither a changed date nor a
    suspended machine moves.
    """
    if not run.is_active or run.process is None or run.heartbeat is None or run.process.boot != boot_id():
        return False
    is_importing = run.status is Status.STARTING and run.preparation is None
    return time.monotonic() - run.heartbeat > (START_SECONDS if is_importing else SILENCE_SECONDS)


def claim(store: Store, run_id: str, process: ProcessIdentity) -> RunRecord | None:
    """Assign a queued run and its device to a process; None if either is already taken."""
    with store.runs.writing() as connection:
        record = run_in(connection, run_id)
        if record is None or record.status is not Status.QUEUED:
            return None
        if not take_lease(connection, record.device, run_id, process):
            return None
        changes: dict[str, object] = {"heartbeat": time.monotonic(), "started": now(), "attempt": record.attempt + 1}
        changes["summary"] = replace(record.summary, preparation=None).as_json()
        changes |= NO_REASON | process_values(process)
        move_in(connection, run_id, Status.QUEUED, Status.STARTING, changes)
    return store.runs.get(run_id)


def claim_next(store: Store, process: ProcessIdentity, *, busy: Collection[str] = ()) -> RunRecord | None:
    """Claim the first queued run whose device is free. No two callers get the same run or the same device."""
    for record in store.runs.queue():
        is_reserved = record.process is not None and record.process != process and record.process.alive()
        if record.device in busy or is_reserved:
            continue
        claimed = claim(store, record.run_id, process)
        if claimed is not None:
            return claimed
    return None


def stop(store: Store, run_id: str) -> RunRecord:
    """Ask a run to stop; a run that is not active is stopped at once.

    Raises:
        RunStateError: the run has already ended.
    """
    asked = {"request": Request.STOP, "requested": time.monotonic()}
    at_once = {"ended": now(), "request": None, "reason": "Stopped while waiting."} | NO_PROCESS
    if store.runs.move(run_id, [Status.QUEUED, Status.PAUSED, Status.INTERRUPTED], Status.STOPPED, at_once):
        return store.runs.get(run_id)
    store.runs.move(run_id, [Status.STARTING, Status.RUNNING], Status.STOPPING, asked)
    record = store.runs.get(run_id)
    if record.status is not Status.STOPPING:
        raise RunStateError(
            f"Run {run_id} has already ended ({record.status}); there is nothing to stop.", run_id=run_id
        )
    return record


def stop_all(store: Store) -> tuple[RunRecord, ...]:
    """Stop every run that is queued, paused or active."""
    stopped = []
    for record in store.runs.list(status={Status.QUEUED, Status.PAUSED, Status.STARTING, Status.RUNNING}):
        try:
            stopped.append(stop(store, record.run_id))
        except RunStateError:
            continue  # it has just ended by itself
    return tuple(stopped)


def pause(store: Store, run_id: str) -> RunRecord:
    """Ask an active run to save a checkpoint and free its device.

    Raises:
        RunStateError: the run is not active.
    """
    with store.runs.writing() as connection:
        active = update(runs).where(runs.c.run_id == run_id, runs.c.status.in_([Status.STARTING, Status.RUNNING]))
        is_asked = connection.execute(active.values(request=Request.PAUSE, requested=time.monotonic())).rowcount == 1
    record = store.runs.get(run_id)
    if not is_asked:
        raise RunStateError(f"Run {run_id} is {record.status}; only a running one can be paused.", run_id=run_id)
    return record


def resume(store: Store, run_id: str, *, reserved_for: ProcessIdentity | None = None) -> RunRecord:
    """Put a paused, stopped, interrupted or failed run at the front of the queue, to continue from its checkpoint.

    `reserved_for` reserves it for a process that will train it itself.

    Raises:
        RunStateError: the run is finished, active, or would fail again.
        DataError: the pictures changed, are gone, or cannot be read.
        CheckpointError: its checkpoints are gone.
    """
    from cnnlab.runs.pictures import check_unchanged

    record = store.runs.get(run_id)
    _check_resumable(record)
    if _has_lost_checkpoints(store, record):
        raise run_folder(store, record).no_checkpoint(epoch=record.epoch, step=record.step)
    check_unchanged(store, record)
    with store.runs.writing() as connection:
        first = connection.scalar(select(func.min(runs.c.position)).where(runs.c.status == Status.QUEUED))
        position = (first if first is not None else record.position) - 1.0
        changes: dict[str, object] = {"queued": now(), "ended": None, "position": position, "request": None}
        holder = process_values(reserved_for)
        if not move_in(connection, run_id, record.status, Status.QUEUED, changes | NO_REASON | holder):
            raise RunStateError(
                f"Run {run_id} changed at the same moment and was not resumed; check its status.", run_id=run_id
            )
    return store.runs.get(run_id)


def wait_until_obeyed(store: Store, run_id: str, *, timeout_seconds: float = OBEY_SECONDS) -> RunRecord:
    """Wait until a run that was asked to pause or stop has done so, or the time is up."""
    end = time.monotonic() + timeout_seconds
    while (record := store.runs.get(run_id)).is_active and time.monotonic() < end:
        time.sleep(LOOK_SECONDS)
        recognise_dead(store)
    return record


def _check_resumable(record: RunRecord) -> None:
    if record.status is Status.FINISHED:
        raise RunStateError(
            f"Run {record.run_id} is finished; clone it, or start another run from its weights.", run_id=record.run_id
        )
    if record.would_fail_again:
        raise RunStateError(_why_not_again(record), run_id=record.run_id)
    if not record.is_resumable:
        raise RunStateError(
            f"Run {record.run_id} is {record.status}; there is nothing to resume.", run_id=record.run_id
        )


def _why_not_again(record: RunRecord) -> str:
    if record.category == "diverged":
        return f"Run {record.run_id} diverged and would diverge again if it were resumed; {DIVERGED_REMEDY}."
    reason = (record.reason or "a setting does not fit").rstrip(".")
    return f"Run {record.run_id} would fail again for the same reason ({reason}); clone it and change this setting."


def _has_lost_checkpoints(store: Store, record: RunRecord) -> bool:
    """Whether resuming would drop records; a run that never had a checkpoint simply repeats itself bit by bit."""
    return record.had_checkpoint and not run_folder(store, record).complete_checkpoints()


def recognise_dead(store: Store, *, without: Collection[str] = ()) -> tuple[RunRecord, ...]:
    """Record the end of every run whose process is gone; returns the runs that were changed.

    Pages, command line and worker may all call this. It trusts the identity of the process, never the heartbeat.
    """
    changed = []
    for record in store.runs.list(status={*ACTIVE, Status.QUEUED}):
        if record.run_id in without or record.process is None or record.process.alive():
            continue
        if record_death(store, record):
            changed.append(store.runs.get(record.run_id))
    return tuple(changed)


def record_death(store: Store, record: RunRecord, *, cause: str | None = None, is_crash: bool = False) -> bool:
    """Record the end of a run whose process is gone, unless that was done already."""

    def move(source: Status | Collection[Status], target: Status, reason: str, **more: str) -> bool:
        changes = {"ended": now(), "request": None, "reason": reason, **more} | NO_PROCESS
        return store.runs.move(record.run_id, source, target, changes, attempt=record.attempt)

    if record.status is Status.QUEUED:
        return move(Status.QUEUED, Status.STOPPED, "The program that was going to train it ended before it started.")
    where = f"after epoch {record.epoch} of {record.epochs}" if record.epoch else "in its first epoch"
    crash = folder.crash_line(store.workspace.runs / record.run_id)
    if crash or is_crash:
        reason = f"The run process crashed {where} ({crash or cause})."
        return move(ACTIVE, Status.FAILED, reason, category="crash", remedy=f"Look at the end of its log. {RESUME}")
    if record.status is Status.STOPPING and not record.step:
        return move(Status.STOPPING, Status.STOPPED, "Stopped before its first step.")
    if record.status is Status.STOPPING:
        reason = (
            f"Stopped {where}. Its process was ended in the middle of a step, so it is back at its last checkpoint."
        )
        return move(Status.STOPPING, Status.STOPPED, reason)
    is_other_boot = record.process is not None and record.process.boot != boot_id()
    cause = "the machine was restarted" if is_other_boot else cause or "its process was killed from outside"
    return move(ACTIVE, Status.INTERRUPTED, f"Interrupted {where}: {cause}.", remedy=RESUME)
