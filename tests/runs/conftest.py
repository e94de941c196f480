"""Stores, tiny data sets and real worker processes for the tests of runs."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image, ImageDraw

from cnnlab.data.pipeline import default_pipeline
from cnnlab.runs.children import environment_for
from cnnlab.runs.lifecycle import recognise_dead
from cnnlab.runs.records import RunRecord, Status
from cnnlab.runs.store import Store
from cnnlab.training.config import RunConfig
from cnnlab.workspace import Workspace


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An empty store in a workspace of its own."""
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CNNLAB_DATABASE_URL", raising=False)
    opened = Store.open(Workspace.current())
    yield opened
    opened.close()


def draw_pictures(folder: Path, *, per_class: int = 12, size: int = 40) -> Path:
    """Two classes that a small net tells apart, and no two pictures alike."""
    for label in ("disc", "square"):
        (folder / label).mkdir(parents=True)
        for number in range(per_class):
            picture = Image.new("RGB", (size, size), (number * 7 % 256, 40, 90))
            draw = ImageDraw.Draw(picture)
            shape = draw.ellipse if label == "disc" else draw.rectangle
            shape((4 + number % 5, 5, size - 6, size - 4 - number % 7), fill=(250, 200 - number, number * 11 % 256))
            picture.save(folder / label / f"{number:03}.png")
    return folder


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of 24 small pictures in two classes."""
    return draw_pictures(tmp_path / "pictures")


@pytest.fixture
def configure(pictures: Path) -> Callable[..., RunConfig]:
    """Makes a short run on one thread; changes by path with __ for the dot."""
    base = RunConfig.from_dict(
        {
            "data": {"path": str(pictures), "val_fraction": 0.25},
            "architecture": {"family": "vgg", "preset": "small"},
            "pipeline": default_pipeline(32).model_dump(),
            "training": {"epochs": 2, "batch_size": 6},
            "compute": {"device": "cpu", "threads": 1},
        }
    )
    return lambda **changes: base.with_overrides({path.replace("__", "."): value for path, value in changes.items()})


class Workers:
    """Real worker processes, ended with the test; `start` gives the process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, *, stay: bool = True, idle_seconds: float = 600.0) -> subprocess.Popen[bytes]:
        code = f"from cnnlab.runs.worker import run_worker; run_worker(stay={stay}, idle_seconds={idle_seconds})"
        with (self._store.workspace.home / "test.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", code],
                env=environment_for(self._store.workspace),
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
    """Starts workers on the test's store."""
    some = Workers(store)
    yield some
    some.end()


Until = Callable[..., RunRecord]


@pytest.fixture
def until(store: Store) -> Until:
    """Waits as a page does: looks, recognises dead runs, looks again."""

    def wait(run_id: str, *statuses: Status, seconds: float = 300.0, step: int = 0) -> RunRecord:
        end = time.monotonic() + seconds
        while True:
            recognise_dead(store)
            record = store.runs.get(run_id)
            if record.status in statuses and record.step >= step:
                return record
            if time.monotonic() > end:
                log = store.workspace.runs / run_id / "train.log"
                said = log.read_text() if log.exists() else "nothing"
                pytest.fail(f"{run_id} is {record.status} at step {record.step} ({record.reason}); its log: {said}")
            time.sleep(0.02)

    return wait
