"""The worker: takes queued runs, one at a time for each device, and has each trained in a run process of its own.

It keeps a run process warm when one may soon be needed, and ends after ten idle minutes or when its workspace is
deleted. It outlives the page server.
"""

import signal
import sys
import time
from collections.abc import Callable
from typing import IO, Final

from cnnlab.processes import ProcessIdentity, start_detached
from cnnlab.runs.launcher import CRASH_SIGNALS, RunProcess
from cnnlab.runs.lifecycle import claim_next, recognise_dead, record_death
from cnnlab.store.records import RunRecord, Status
from cnnlab.store.store import Store
from cnnlab.workspace import Workspace

IDLE_SECONDS: Final = 600.0
WARM_SECONDS: Final = 300.0
"""A warm process takes nine tenths of a gigabyte, so it is ended after this long without use."""
WANTED: Final = "worker_wanted"
WANTED_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.1
BEAT_SECONDS: Final = 2.0
REWARM_SECONDS: Final = 10.0
"""Starting a warm process occupies a core for some seconds, so not in the first seconds of a run, which are watched."""
STOP_PATIENCE_SECONDS: Final = 3.0
"""A run process exits by itself after 2 s; this is for one that cannot even do that."""
UNBEGUN_PATIENCE_SECONDS: Final = 0.8
"""Shorter: before the first step, perhaps still loading libraries, a process has nothing to save."""
FAREWELL_SECONDS: Final = 60.0


def run_worker(workspace: Workspace | None = None, *, stay: bool = False, idle_seconds: float = IDLE_SECONDS) -> bool:
    """Work until idle for `idle_seconds` (with `stay`: until asked to end); False if there is already a worker."""
    store = Store.open(workspace)
    identity = ProcessIdentity.current()
    if not store.workers.register(identity, stay=stay):
        return False
    worker = Worker(store, identity, stay=stay, idle_seconds=idle_seconds)
    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: worker.ask_to_end())
    worker.work()
    return True


def start_worker_if_none(store: Store) -> bool:
    """Start a worker that outlives this process and its terminal, unless there is one; returns whether it did.

    An existing worker is told that a run may come, so that it keeps a process warm.
    """
    if store.workers.living():
        if time.time() - float(store.settings.get(WANTED, 0.0)) > WANTED_SECONDS:
            store.settings.put(WANTED, time.time())
        return False
    with (store.workspace.home / "worker.log").open("ab") as log:
        command = [sys.executable, "-m", "cnnlab", "worker"]
        start_detached(command, environment=store.workspace.environment(), log=log)
    return True


class Worker:
    """The loop of `run_worker`, in single steps for tests."""

    def __init__(
        self,
        store: Store,
        identity: ProcessIdentity,
        *,
        stay: bool,
        idle_seconds: float,
        warm_seconds: float = WARM_SECONDS,
        start_child: Callable[[Workspace, IO[bytes]], RunProcess] = RunProcess,
    ) -> None:
        self._store, self._identity = store, identity
        self._stay, self._idle_seconds = stay, idle_seconds
        self._warm_seconds, self._start_child = warm_seconds, start_child
        self._warm: RunProcess | None = None
        self._busy: dict[str, RunProcess] = {}
        self._busy_until = time.monotonic()
        self._wanted = float(store.settings.get(WANTED, 0.0))
        self._beat_at = 0.0
        self._is_ending = False

    def ask_to_end(self) -> None:
        """End after the current step; may be called from a signal handler."""
        self._is_ending = True

    def work(self) -> None:
        """Work until there is a reason to end, then clean up."""
        try:
            while not self._is_ending:
                self.step()
                if self._is_idle() and self._store.workers.leave_if_idle(self._identity):
                    break
                time.sleep(LOOK_SECONDS)
        finally:
            self._end_children()
            self._store.workers.leave(self._identity)

    def step(self) -> None:
        """Check the run processes, the queue and the clock once."""
        for device, child in list(self._busy.items()):
            if child.has_ended:
                self._note_end(child)
                del self._busy[device]
            else:
                self._insist_on_stop(child)
        self._look_after_all()
        self._keep_warm()
        self._take_next()
        if self._busy:
            self._busy_until = time.monotonic()

    def _look_after_all(self) -> None:
        if time.monotonic() < self._beat_at:
            return
        self._beat_at = time.monotonic() + BEAT_SECONDS
        if not self._store.is_in_place:
            self.ask_to_end()  # its database file was deleted, so nobody would ever see its work
        self._store.workers.beat(self._identity)
        wanted = float(self._store.settings.get(WANTED, 0.0))
        if wanted != self._wanted:
            self._wanted, self._busy_until = wanted, time.monotonic()
        mine = {child.run.run_id for child in self._busy.values() if child.run is not None}
        recognise_dead(self._store, without=mine)  # for its own run processes, it knows better how they ended

    def _keep_warm(self) -> None:
        if self._warm is not None and self._warm.has_ended:
            self._warm = None
        if not self._may_be_needed():
            self._release_warm()
            return
        is_disturbing = any(time.monotonic() - child.began < REWARM_SECONDS for child in self._busy.values())
        if self._warm is None and not is_disturbing:
            with (self._store.workspace.home / "worker.log").open("ab") as log:
                self._warm = self._start_child(self._store.workspace, log)

    def _may_be_needed(self) -> bool:
        """Whether a run is waiting or may come soon; while one is training, a second process is not needed."""
        return bool(self._store.runs.queue()) or (
            not self._busy and time.monotonic() - self._busy_until <= self._warm_seconds
        )

    def _release_warm(self) -> None:
        if self._warm is not None:
            self._warm.close_pipe()
            self._warm.wait(FAREWELL_SECONDS)  # it ends at once, because it is only waiting for a line
            self._warm = None

    def _take_next(self) -> None:
        if self._warm is None:
            return
        run = claim_next(self._store, self._warm.identity, busy=self._busy)
        if run is not None:
            self._warm.begin(run)
            self._busy[run.device] = self._warm
            self._warm = None

    def _insist_on_stop(self, child: RunProcess) -> None:
        assert child.run is not None
        run = self._store.runs.get(child.run.run_id)
        # a process that obeys clears the request, and may then take as long as it needs for a last checkpoint
        if run.status is not Status.STOPPING or run.request is None or run.requested is None:
            return
        patience = STOP_PATIENCE_SECONDS if run.step else UNBEGUN_PATIENCE_SECONDS
        if time.monotonic() - run.requested > patience:
            child.end()

    def _note_end(self, child: RunProcess) -> None:
        child.kill_group()
        assert child.run is not None
        run = self._store.runs.get(child.run.run_id)
        if run.is_active and run.attempt == child.run.attempt:
            record_death(self._store, run, cause=_cause(child), is_crash=_is_crash(child, run))
        self._store.leases.release(child.run.device, child.identity)

    def _is_idle(self) -> bool:
        return not self._stay and not self._busy and time.monotonic() - self._busy_until > self._idle_seconds

    def _end_children(self) -> None:
        children = [*self._busy.values(), *([self._warm] if self._warm is not None else [])]
        for child in children:
            child.close_pipe()
        end = time.monotonic() + FAREWELL_SECONDS
        for child in children:
            if not child.wait(max(0.0, end - time.monotonic())):
                child.end()
            if child.run is not None:
                self._note_end(child)


def _cause(child: RunProcess) -> str:
    name = child.death_signal
    if name == "SIGKILL":
        return "its process was killed (signal SIGKILL), by a user or because the system ran out of memory"
    how = f"by signal {name}" if name else f"with exit status {child.exit_code}"
    return f"its process ended {how}"


def _is_crash(child: RunProcess, run: RunRecord) -> bool:
    if child.death_signal is not None:
        return child.death_signal in CRASH_SIGNALS
    return run.status is not Status.STOPPING and child.exit_code not in (0, None)
