"""What a run does before its first step, told in its record and to whoever listens. Knows nothing of how it is done."""

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
    """Use as progress of the work: the store is written a few times a second only."""

    def __init__(self, store: Store, run: RunRecord, listener: Listener | None = None) -> None:
        self._store, self._run, self._listener = store, run, listener
        self._doing = ""
        self._told = 0.0

    def stage(self, doing: str) -> None:
        """Name what is done now."""
        self._doing = doing
        self._tell(Preparation(doing=doing))

    def progress(self, done: int, total: int) -> None:
        """Say how far it is."""
        if done == total or time.monotonic() - self._told >= SECONDS_BETWEEN_REPORTS:
            self._tell(Preparation(doing=self._doing, done=done, total=total))

    def _tell(self, now: Preparation) -> None:
        self._told = time.monotonic()
        self._store.runs.update(self._run.run_id, summary=replace(self._run.summary, preparation=now).as_json())
        if self._listener is not None:
            self._listener(now)
