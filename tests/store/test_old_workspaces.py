"""Workspaces of older versions open, show, predict and resume: one is kept for each version of the schema left behind.

In `lab.sql` and in text files of runs, @HOME@ stands for the workspace.
"""

import json
import sqlite3
import zipfile
from pathlib import Path

import pytest

from cnnlab.cli.app import run
from cnnlab.runs import lifecycle
from cnnlab.runs.execute import train_filed
from cnnlab.store.records import Status
from cnnlab.store.schema import SCHEMA_VERSION
from cnnlab.store.store import Store

KEPT = sorted((Path(__file__).parent / "workspaces").glob("version_*.zip"))


def test_every_version_left_behind_has_a_workspace():
    assert [path.stem for path in KEPT] == [f"version_{number}" for number in range(1, SCHEMA_VERSION)]


@pytest.fixture(params=KEPT, ids=lambda path: path.stem)
def store(request, workspace):
    """The kept workspace, unpacked."""
    with zipfile.ZipFile(request.param) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            if Path(name).suffix in (".sql", ".yaml", ".json", ".csv", ".log"):
                data = data.replace(b"@HOME@", workspace.home.as_posix().encode())
            target = workspace.home / name.removeprefix("home/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    with sqlite3.connect(workspace.home / "lab.db") as connection:
        connection.executescript((workspace.home / "lab.sql").read_text(encoding="utf-8"))
    connection.close()
    opened = Store.open(workspace)
    yield opened
    opened.close()


def test_an_old_run_is_shown_compared_and_predicts(store, capsys):
    finished = store.runs.find("finished")
    assert not finished.summary.keyed_weights
    assert run(["show", "finished", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["history"]) == 2
    assert run(["compare", "finished", "interrupted"]) == 0
    assert "are tied" in capsys.readouterr().out
    picture = next((store.workspace.home / "pictures").rglob("*.png"))
    assert run(["predict", "--run", "finished", str(picture), "--json"]) == 0
    (prediction,) = json.loads(capsys.readouterr().out)["predictions"]
    assert {answer["label"] for answer in prediction["top"]} == {"cat", "dog"}


@pytest.mark.slow
def test_an_old_run_goes_on_from_its_checkpoint(store):
    record = store.runs.find("interrupted")
    assert record.epoch == 3
    lifecycle.resume(store, record.run_id)
    result = train_filed(store, record.run_id)
    assert (result.run.status, result.run.epoch, len(result.history)) == (Status.FINISHED, 60, 60)
    assert not result.run.summary.keyed_weights
