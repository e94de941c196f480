"""Opening a store: safe on any file system, and one sentence if it cannot be opened."""

import sqlite3
import subprocess
import sys

import pytest
from sqlalchemy import text

from cnnlab.errors import DiskError, StoreError
from cnnlab.store import database
from cnnlab.store.database import file_system_of, journal_mode_for, sentence_for
from cnnlab.store.store import Store
from cnnlab.workspace import Workspace


def test_a_local_disk_gets_the_write_ahead_log(store):
    with store.engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 1


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "9p", "fuse.sshfs"])
def test_a_network_file_system_gets_a_rollback_journal(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(database, "file_system_of", lambda _path: kind)
    assert journal_mode_for(tmp_path) == "DELETE"
    opened = Store.open(Workspace.at(tmp_path / "home"))
    with opened.engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "delete"
        assert connection.scalar(text("PRAGMA synchronous")) == 2
    opened.runs.list()
    opened.close()


def test_the_file_system_of_a_path_is_that_of_its_closest_mount(tmp_path):
    assert file_system_of(tmp_path) != ""
    if sys.platform == "linux":
        answer = subprocess.run(["findmnt", "-no", "FSTYPE", "-T", str(tmp_path)], capture_output=True, text=True)
        assert answer.returncode or answer.stdout.strip() == file_system_of(tmp_path)


def test_a_file_that_is_not_a_database_gives_one_sentence(tmp_path):
    (tmp_path / "lab.db").write_bytes(b"not a database, but long enough to be taken for one" * 40)
    with pytest.raises(StoreError, match="damaged or not a CNN Lab database"):
        Store.open(Workspace.at(tmp_path))


def test_a_store_of_a_newer_version_gives_one_sentence(store):
    with store.runs.writing() as connection:
        connection.execute(text("UPDATE lab SET value = '99' WHERE key = 'schema_version'"))
    with pytest.raises(StoreError, match="version 99"):
        Store.open(store.workspace)


def test_a_workspace_that_cannot_be_written_gives_one_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DiskError, match="is not writable"):
        Store.open(Workspace.at(tmp_path / "file" / "home"))


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("database or disk is full", DiskError),
        ("disk I/O error", DiskError),
        ("attempt to write a readonly database", DiskError),
        ("unable to open database file", DiskError),
        ("database is locked", StoreError),
        ("database disk image is malformed", StoreError),
    ],
)
def test_every_database_error_has_its_sentence(message, error):
    raised = sentence_for(sqlite3.OperationalError(message))
    assert type(raised) is error and message.split()[-1] in str(raised)


def test_a_bug_is_not_reworded():
    assert sentence_for(sqlite3.OperationalError("no such table: nonsense")) is None


def test_a_missing_driver_is_reported(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNLAB_DATABASE_URL", "nonsense://here")
    with pytest.raises(StoreError, match="CNNLAB_DATABASE_URL"):
        Store.open(Workspace.at(tmp_path))
