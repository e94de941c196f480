"""The store as a whole: stores of older versions, drafts of forms, tasks."""

import shutil
import sqlite3
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnlab.processes import ProcessIdentity
from cnnlab.store import database
from cnnlab.store.schema import SCHEMA_VERSION
from cnnlab.store.store import Store
from cnnlab.workspace import Workspace

OLD_STORES = sorted((Path(__file__).parent / "stores").glob("version_*.sql"))


@pytest.mark.parametrize("dump", OLD_STORES, ids=lambda path: path.stem)
def test_a_store_of_an_older_version_opens_with_its_contents(tmp_path, dump):
    with sqlite3.connect(tmp_path / "lab.db") as connection:
        connection.executescript(dump.read_text(encoding="utf-8"))
    store = Store.open(Workspace.at(tmp_path))
    run = store.runs.find("oldrun23")
    assert (run.name, run.config) == ("vgg small 1", {"seed": 0})
    assert store.metrics.read(run.number, "loss").values.tolist() == [1 / step for step in range(1, 301)]
    assert store.epochs.of(run.number)[0].figures == {"val_loss": 0.25}
    (dataset,) = store.datasets.all()
    assert dataset.classes == ("cat", "dog")
    assert [finding.sentence for finding in dataset.findings] == ["1 files were passed over (.txt)."]
    assert store.datasets.split(dataset.dataset_id).parts == {"cccc": "train", "dddd": "val"}
    assert store.drafts.get("train.epochs") == 7
    store.close()


def test_there_is_a_sample_store_of_every_version():
    assert [path.stem for path in OLD_STORES] == [f"version_{number}" for number in range(1, SCHEMA_VERSION + 1)]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not replace a file that is open")
def test_on_a_network_file_system_the_inode_number_is_ignored(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "file_system_of", lambda path: "cifs")
    store = Store.open(Workspace.at(tmp_path))
    shutil.copy(tmp_path / "lab.db", tmp_path / "copy.db")
    (tmp_path / "copy.db").replace(tmp_path / "lab.db")
    assert store.is_in_place
    store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not delete a file that is open")
def test_a_store_whose_file_was_deleted_or_replaced_is_no_longer_in_place(tmp_path):
    store = Store.open(Workspace.at(tmp_path))
    assert store.is_in_place
    shutil.copy(tmp_path / "lab.db", tmp_path / "copy.db")
    (tmp_path / "lab.db").unlink()
    assert not store.is_in_place
    (tmp_path / "copy.db").rename(tmp_path / "lab.db")
    assert not store.is_in_place
    store.close()


numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drafts=st.dictionaries(st.text(min_size=1, max_size=8), json_values, max_size=5))
def test_drafts_are_kept_and_replaced(store, drafts):
    store.drafts.remove("")
    for key, value in drafts.items():
        store.drafts.put(key, "before")
        store.drafts.put(key, value)
    assert store.drafts.all() == drafts


def test_drafts_are_removed_by_page(store):
    for key in ("train.epochs", "train.seed", "train_more"):
        store.drafts.put(key, 1)
    store.drafts.remove("train.")
    assert list(store.drafts.all()) == ["train_more"]
    assert store.drafts.get("train.seed", "default") == "default"


def test_a_task_is_taken_once_reports_progress_and_is_stopped(store):
    me = ProcessIdentity.current()
    task = store.tasks.file("scan", {"path": "/pictures"})
    assert store.tasks.start(task, me) and not store.tasks.start(task, me)
    assert not store.tasks.progress(task, 3, 10, "pictures")
    store.tasks.request_stop(task)
    assert store.tasks.progress(task, 4, 10) and store.tasks.stop_requested(task)
    store.tasks.end(task, "stopped")
    store.tasks.end(task, "done")  # too late
    record = store.tasks.get(task)
    assert (record.status, record.done, record.total) == ("stopped", 4, 10)
    assert store.tasks.open_tasks() == ()


def test_a_waiting_task_is_stopped_at_once_and_one_of_a_dead_process_has_failed(store):
    waiting, running = store.tasks.file("scan", {}), store.tasks.file("scan", {})
    store.tasks.request_stop(waiting)
    assert store.tasks.get(waiting).status == "stopped"
    me = ProcessIdentity.current()
    store.tasks.start(running, replace(me, start=me.start - 9))
    assert store.tasks.recognise_dead() == 1
    assert store.tasks.get(running).status == "failed"


def test_runs_are_returned_in_the_given_order_without_those_that_are_gone(store, configure):
    from cnnlab.runs.filing import file_run

    first, gone, last = (file_run(store, configure()).run_id for _ in range(3))
    store.runs.remove(gone)
    assert [run.run_id for run in store.runs.get_many((last, gone, first))] == [last, first]
    assert store.runs.get_many(()) == ()


def test_a_worker_leaves_only_while_no_run_is_queued(store, configure):
    from cnnlab.runs.filing import file_run

    me = ProcessIdentity.current()
    assert store.workers.register(me, stay=True) and not store.workers.register(me, stay=False)
    file_run(store, configure())
    assert not store.workers.leave_if_idle(me)
    store.runs.remove(store.runs.find("@last").run_id)
    assert store.workers.leave_if_idle(me) and store.workers.living() == ()
