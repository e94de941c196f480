"""A thread beside the training loop that sends heartbeats, reads requests, and ends a process that ignores a stop.

It is a thread because the loop may be in a long step. Does not import torch.
"""

import os
import threading
import time
from collections.abc import Callable
from enum import StrEnum
from types import TracebackType
from typing import Final, Self

from sqlalchemy import select, update

from cnnlab.errors import CnnLabError
from cnnlab.processes import end_descendants
from cnnlab.store.records import Request, RunRecord, Status
from cnnlab.store.schema import runs
from cnnlab.store.store import Store

LISTEN_SECONDS: Final = 0.2
BEAT_SECONDS: Final = 2.0
PATIENCE_SECONDS: Final = 2.0
PREPARING_PATIENCE_SECONDS: Final = 0.4
"""Shorter, because before the first step there is nothing to save."""
ALONE_PATIENCE_SECONDS: Final = 3.0
"""A run without its worker must be shown as interrupted within five seconds, even on a busy machine."""
EXIT_DISOBEYED: Final = 75


class LeaveReason(StrEnum):
    """Why the loop should stop after the current step."""

    PAUSE = "pause"
    STOP = "stop"
    ALONE = "alone"
    INTERRUPT = "interrupt"
    STORE_GONE = "store gone"
    """The store was deleted or replaced."""


class Watch:
    """A context manager around the loop. `reason_to_leave` is None while the run should continue.

    Args:
        alone: set by the caller once the worker is gone.
        may_exit: end the whole process if a stop is not obeyed in time; only for a process that does nothing else.
    """

    def __init__(
        self, store: Store, run: RunRecord, *, alone: threading.Event | None = None, may_exit: bool = False
    ) -> None:
        self._store, self._run = store, run
        self._alone = alone or threading.Event()
        self._may_exit = may_exit
        self._done, self._obeying, self._interrupted = threading.Event(), threading.Event(), threading.Event()
        self._prepared, self._store_gone = threading.Event(), threading.Event()
        self._request: Request | None = None
        self._asked_at: float | None = None
        self._thread = threading.Thread(target=self._listen, name="watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join(timeout=5)

    @property
    def reason_to_leave(self) -> LeaveReason | None:
        """Why the loop should stop, if it should; a stop takes precedence over the rest."""
        if self._request is Request.STOP:
            return LeaveReason.STOP
        if self._interrupted.is_set():
            return LeaveReason.INTERRUPT
        if self._alone.is_set():
            return LeaveReason.ALONE
        if self._store_gone.is_set():
            return LeaveReason.STORE_GONE
        return LeaveReason.PAUSE if self._request is Request.PAUSE else None

    def interrupt(self) -> None:
        """Ask the loop to stop; may be called from a signal handler."""
        self._interrupted.set()

    @property
    def is_preparing(self) -> bool:
        """Whether no step has been taken yet, so that there is nothing to save."""
        return not self._prepared.is_set()

    def begin_steps(self) -> None:
        """Mark the end of the preparation: from now on there is something to save."""
        self._prepared.set()

    def obey(self) -> None:
        """Mark that the loop has stopped: saving may now take as long as it needs."""
        self._obeying.set()
        self._quietly(lambda: self._store.runs.update(self._run.run_id, request=None))

    def _listen(self) -> None:
        beat_at = 0.0
        while not self._done.wait(LISTEN_SECONDS):
            self._quietly(self._look)
            if not self._store.is_in_place:
                self._store_gone.set()
            if time.monotonic() >= beat_at:
                beat_at = time.monotonic() + BEAT_SECONDS
                self._quietly(self._beat)
            if self._is_overdue() and not self._obeying.is_set():
                self._leave()

    @staticmethod
    def _quietly(action: Callable[[], None]) -> None:
        try:
            action()
        except CnnLabError:
            return  # a locked or full store is tried again shortly; the loop notices by itself

    def _look(self) -> None:
        query = select(runs.c.request).where(runs.c.run_id == self._run.run_id, runs.c.attempt == self._run.attempt)
        with self._store.runs.reading() as connection:
            request = connection.scalar(query)
        if request and not self._obeying.is_set():
            self._request = Request(request)

    def _beat(self) -> None:
        mine = update(runs).where(runs.c.run_id == self._run.run_id, runs.c.attempt == self._run.attempt)
        with self._store.runs.writing() as connection:
            connection.execute(mine.values(heartbeat=time.monotonic()))

    def _is_overdue(self) -> bool:
        reason = self.reason_to_leave
        if reason not in (LeaveReason.STOP, LeaveReason.ALONE):
            self._asked_at = None
            return False
        self._asked_at = self._asked_at or time.monotonic()
        patience = PATIENCE_SECONDS if reason is LeaveReason.STOP else ALONE_PATIENCE_SECONDS
        if not self._prepared.is_set():
            patience = PREPARING_PATIENCE_SECONDS
        return time.monotonic() - self._asked_at > patience

    def _leave(self) -> None:
        if not self._may_exit:
            return
        self._quietly(self._record_end)
        end_descendants()
        os._exit(EXIT_DISOBEYED)  # the loop is in the middle of a step and cannot react

    def _record_end(self) -> None:
        from cnnlab.runs.lifecycle import record_death

        record = self._store.runs.get(self._run.run_id)
        if record.status is Status.STOPPING or self._alone.is_set():
            record_death(self._store, record, cause="its worker ended")
