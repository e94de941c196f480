"""Reports what a run does before its first step, in its record and to a listener."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from cnnlab.store.records import Preparation, RunRecord
from cnnlab.store.store import Store

SECONDS_BETWEEN_REPORTS: Final = 0.25
LOOKING: Final = "looking through the folder"
READING: Final = "reading pictures"

Listener = Callable[[Preparation], None]


class Preparing:
    """Reports the stages of the preparation and their progress; writes to the store only a few times a second."""

    def __init__(self, store: Store, run: RunRecord, listener: Listener | None = None) -> None:
        self._store, self._run, self._listener = store, run, listener
        self._doing = ""
        self._reported_at = 0.0

    def stage(self, doing: str) -> None:
        """Begin a stage."""
        self._doing = doing
        self._report(Preparation(doing=doing))

    def progress(self, done: int, total: int) -> None:
        """Report progress within the stage; usable as a progress callback."""
        if done == total or time.monotonic() - self._reported_at >= SECONDS_BETWEEN_REPORTS:
            self._report(Preparation(doing=self._doing, done=done, total=total))

    def _report(self, now: Preparation) -> None:
        self._reported_at = time.monotonic()
        self._store.runs.update(self._run.run_id, summary=replace(self._run.summary, preparation=now).as_json())
        if self._listener is not None:
            self._listener(now)
