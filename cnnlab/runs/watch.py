"""The thread beside a training loop: it beats, listens for requests, and ends a process that does not obey a stop.

A thread, because the loop may be in a long step or a long validation. Knows neither torch nor what is trained.
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
"""Before the first step there is nothing to keep, so that nobody needs to wait."""
ALONE_PATIENCE_SECONDS: Final = 3.0
"""Within five seconds a run without its worker is to be shown as interrupted, on a busy machine too."""
EXIT_DISOBEYED: Final = 75


class Wish(StrEnum):
    """Why a loop should leave at the next border between two batches."""

    PAUSE = "pause"
    STOP = "stop"
    ALONE = "alone"
    INTERRUPT = "interrupt"
    ASTRAY = "astray"
    """The store was deleted, or another was put in its place."""


class Watch:
    """Use as a context around the loop. `wish` is None as long as the run shall go on.

    Args:
        alone: set by the caller once the worker is gone.
        may_exit: end the whole process if a stop is not obeyed in time; only for a process that has nothing else to do.
    """

    def __init__(
        self, store: Store, run: RunRecord, *, alone: threading.Event | None = None, may_exit: bool = False
    ) -> None:
        self._store, self._run = store, run
        self._alone = alone or threading.Event()
        self._may_exit = may_exit
        self._done, self._obeying, self._interrupted = threading.Event(), threading.Event(), threading.Event()
        self._prepared, self._astray = threading.Event(), threading.Event()
        self._request: Request | None = None
        self._wished_at: float | None = None
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
    def wish(self) -> Wish | None:
        """What is wanted of the loop; a stop comes before everything else."""
        if self._request is Request.STOP:
            return Wish.STOP
        if self._interrupted.is_set():
            return Wish.INTERRUPT
        if self._alone.is_set():
            return Wish.ALONE
        if self._astray.is_set():
            return Wish.ASTRAY
        return Wish.PAUSE if self._request is Request.PAUSE else None

    def interrupt(self) -> None:
        """Wish the loop to leave, from a signal handler."""
        self._interrupted.set()

    @property
    def is_preparing(self) -> bool:
        """Whether no step was taken yet, so that there is nothing to keep."""
        return not self._prepared.is_set()

    def begin_steps(self) -> None:
        """Say that the preparation is over: from now on there is something to keep."""
        self._prepared.set()

    def obey(self) -> None:
        """Say that a border was reached: from now on the end takes the time that it takes."""
        self._obeying.set()
        self._quietly(lambda: self._store.runs.update(self._run.run_id, request=None))

    def _listen(self) -> None:
        beat_at = 0.0
        while not self._done.wait(LISTEN_SECONDS):
            self._quietly(self._look)
            if not self._store.is_in_place:
                self._astray.set()
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
            return  # a store that is locked or full now is asked again in a moment; the loop finds out by itself

    def _look(self) -> None:
        query = select(runs.c.request).where(runs.c.run_id == self._run.run_id, runs.c.attempt == self._run.attempt)
        with self._store.runs.reading() as connection:
            found = connection.scalar(query)
        if found and not self._obeying.is_set():
            self._request = Request(found)

    def _beat(self) -> None:
        mine = update(runs).where(runs.c.run_id == self._run.run_id, runs.c.attempt == self._run.attempt)
        with self._store.runs.writing() as connection:
            connection.execute(mine.values(heartbeat=time.monotonic()))

    def _is_overdue(self) -> bool:
        wish = self.wish
        if wish not in (Wish.STOP, Wish.ALONE):
            self._wished_at = None
            return False
        self._wished_at = self._wished_at or time.monotonic()
        patience = PATIENCE_SECONDS if wish is Wish.STOP else ALONE_PATIENCE_SECONDS
        if not self._prepared.is_set():
            patience = PREPARING_PATIENCE_SECONDS
        return time.monotonic() - self._wished_at > patience

    def _leave(self) -> None:
        if not self._may_exit:
            return
        self._quietly(self._record_end)
        end_descendants()
        os._exit(EXIT_DISOBEYED)  # the loop is in the middle of a step and cannot be asked

    def _record_end(self) -> None:
        from cnnlab.runs.lifecycle import bury

        record = self._store.runs.get(self._run.run_id)
        if record.status is Status.STOPPING or self._alone.is_set():
            bury(self._store, record, cause="its worker ended")
