"""Stores, tiny data sets and real worker processes for the tests of runs."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from cnnlab.runs.lifecycle import recognise_dead
from cnnlab.store.records import RunRecord, Status
from cnnlab.store.store import Store


class Workers:
    """Real worker processes, which end with the test; `start` returns the process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, *, stay: bool = True, idle_seconds: float = 600.0) -> subprocess.Popen[bytes]:
        code = f"from cnnlab.runs.worker import run_worker; run_worker(stay={stay}, idle_seconds={idle_seconds})"
        with (self._store.workspace.home / "test.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", code],
                env=self._store.workspace.environment(),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def end(self) -> None:
        for process in self.started:
            descendants = []
            if process.poll() is None:
                descendants = psutil.Process(process.pid).children(recursive=True)
                process.kill()
            process.wait()
            for child in descendants:
                try:
                    child.kill()
                except psutil.NoSuchProcess:
                    continue


@pytest.fixture
def workers(store: Store) -> Iterator[Workers]:
    """Workers on the test's store, started by `start`."""
    started = Workers(store)
    yield started
    started.end()


Until = Callable[..., RunRecord]


@pytest.fixture
def until(store: Store) -> Until:
    """Waits for a status like a page does, recognising dead runs meanwhile."""

    def wait(run_id: str, *statuses: Status, seconds: float = 300.0, step: int = 0) -> RunRecord:
        end = time.monotonic() + seconds
        while True:
            recognise_dead(store)
            record = store.runs.get(run_id)
            if record.status in statuses and record.step >= step:
                return record
            if time.monotonic() > end:
                log = store.workspace.runs / run_id / "train.log"
                text = log.read_text() if log.exists() else "empty"
                pytest.fail(f"{run_id} is {record.status} at step {record.step} ({record.reason}); its log: {text}")
            time.sleep(0.02)

    return wait
