import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from cnnlab.data import uploads
from cnnlab.data.thumbnails import thumbnail
from cnnlab.processes import ProcessIdentity
from cnnlab.store.datasets import pictures_of
from cnnlab.store.records import DataSetRecord, TaskRecord
from cnnlab.store.store import Store
from cnnlab.tasks import kinds, launch, process


def done(store: Store, kind: str, **arguments: object) -> TaskRecord:
    """Do a task in this process."""
    task_id = store.tasks.file(kind, arguments)
    process.run_task(store, task_id)
    task = store.tasks.get(task_id)
    assert task is not None
    return task


def until_over(store: Store, task_id: str, seconds: float = 60) -> TaskRecord:
    end = time.monotonic() + seconds
    while True:
        task = launch.look(store, task_id)
        assert task is not None
        if launch.is_over(task):
            return task
        assert time.monotonic() < end, f"still {task.status}: {task.message}"
        time.sleep(0.05)


def dataset_of(store: Store, task: TaskRecord) -> DataSetRecord:
    assert task.status == "done", task.message
    assert task.result is not None
    dataset = store.datasets.get(task.result["dataset_id"])
    assert dataset is not None
    return dataset


def zip_of(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*.png")):
            archive.write(path, path.relative_to(folder.parent))
    return target


def test_a_folder_becomes_a_data_set(store: Store, pictures: Path) -> None:
    task = done(store, "scan", path=str(pictures), name="My pets")
    dataset = dataset_of(store, task)
    assert (dataset.name, dataset.images, dataset.owned) == ("My pets", 24, False)
    assert (task.done, task.total) == (24, 24)


def test_a_folder_without_classes_gives_one_sentence(store: Store, tmp_path: Path) -> None:
    task = done(store, "scan", path=str(tmp_path / "nothing"))
    assert task.status == "failed"
    assert "nothing" in task.message


def test_a_zip_with_its_outer_folder_becomes_a_data_set(store: Store, pictures: Path, tmp_path: Path) -> None:
    source = zip_of(pictures, tmp_path / "pets.zip")
    with source.open("rb") as file:
        archive = uploads.keep_archive(store.workspace, file)
    dataset = dataset_of(store, done(store, "unpack", archive=str(archive), name="Haustiere ä"))
    assert (dataset.images, dataset.owned, dataset.classes) == (24, True, ("disc", "square"))
    assert Path(dataset.path).is_relative_to(store.workspace.datasets)
    assert not archive.exists()
    again = dataset_of(store, done(store, "unpack", archive=str(source), name="Haustiere ä"))
    assert again.dataset_id == dataset.dataset_id
    assert source.exists()
    assert [path.name for path in store.workspace.datasets.iterdir()] == [Path(dataset.path).name]


def test_a_rejected_zip_leaves_nothing_behind(store: Store, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("../outside/a.png", b"no")
    task = done(store, "unpack", archive=str(tmp_path / "bad.zip"), name="bad")
    assert task.status == "failed"
    assert "points outside the target folder" in task.message
    assert list(store.workspace.datasets.iterdir()) == []


def test_bundled_pictures_become_a_data_set(store: Store) -> None:
    dataset = dataset_of(store, done(store, "samples", samples="digits", per_class=3, seed=0))
    assert dataset.images == 30
    assert dataset.owned


def test_thumbnails_are_made_in_advance(store: Store, pictures: Path) -> None:
    dataset = dataset_of(store, done(store, "scan", path=str(pictures)))
    task = done(store, "thumbnails", dataset_id=dataset.dataset_id, side=64)
    assert task.result == {"made": 24}
    picture = pictures_of(store, dataset)[0]
    assert thumbnail(Path("gone.png"), picture.id, side=64, cache=store.workspace.cache)


def test_thumbnails_are_made_in_advance_only_for_the_first_pages(
    store: Store, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = dataset_of(store, done(store, "scan", path=str(pictures)))
    monkeypatch.setattr(kinds, "MAX_BEFOREHAND", 4)
    report = process.Reporter(store, store.tasks.file("thumbnails", {}))
    made = kinds.thumbnails(store, {"dataset_id": dataset.dataset_id, "side": 64}, report)
    assert made == {"made": 4}


def test_a_stopped_task_is_recorded_as_stopped(store: Store) -> None:
    task_id = store.tasks.file("samples", {"samples": "drawings", "per_class": 400, "seed": 0})
    store.tasks.start(task_id, ProcessIdentity.current())
    store.tasks.request_stop(task_id)
    reporter = process.Reporter(store, task_id)
    assert reporter.stopped()
    with pytest.raises(Exception, match="stopped before it was done"):
        reporter.progress(1, 800)


@pytest.mark.slow
def test_a_task_runs_in_a_process_of_its_own_until_it_is_stopped(store: Store) -> None:
    task_id = launch.start_task(store, "samples", {"samples": "drawings", "per_class": 5000, "seed": 0})
    end = time.monotonic() + 60
    while (task := launch.look(store, task_id)) is None or task.done == 0:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert task.process is not None
    assert task.process.pid != os.getpid()
    assert task.message == "Painting pictures"
    assert [task.task_id for task in launch.open_tasks(store)] == [task_id]
    store.tasks.request_stop(task_id)
    assert until_over(store, task_id, 10).status == "stopped"


@pytest.mark.slow
def test_a_task_whose_process_was_killed_is_recognised(store: Store) -> None:
    task_id = launch.start_task(store, "samples", {"samples": "drawings", "per_class": 5000, "seed": 1})
    end = time.monotonic() + 60
    while (task := launch.look(store, task_id)) is None or task.process is None:
        assert time.monotonic() < end
        time.sleep(0.05)
    task.process.end()
    task = until_over(store, task_id, 10)
    assert (task.status, "start it again" in task.message) == ("failed", True)


@pytest.mark.slow
def test_a_process_that_never_started_is_reported(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch.sys, "executable", "/bin/false")
    task = until_over(store, launch.start_task(store, "scan", {"path": "x"}), 10)
    assert "could not be started" in task.message


def test_tasks_do_not_import_torch() -> None:
    code = (
        "import sys, cnnlab.tasks.process, cnnlab.tasks.launch, cnnlab.data.uploads; sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
