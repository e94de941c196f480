"""Opens the database safely for the file system it is on, and words its errors for users."""

import sqlite3
from pathlib import Path
from typing import Any, Final

import psutil
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError

from cnnlab.errors import CnnLabError, DiskError, StoreError

BUSY_SECONDS: Final = 15.0
NETWORK_FILE_SYSTEMS: Final = frozenset(
    {"nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "webdav", "davfs", "9p", "afs", "ceph",
     "glusterfs", "fuse.glusterfs", "lustre", "beegfs", "gpfs", "fuse.sshfs", "sshfs", "fuse.rclone", "fuse.s3fs",
     "ncpfs", "coda", "fuse.davfs2", "drvfs"}
)  # fmt: skip


def file_system_of(path: Path) -> str:
    """Type of the file system that holds `path`, in lower case; empty if unknown."""
    resolved = path.resolve()
    depth, kind = -1, ""
    for partition in psutil.disk_partitions(all=True):
        mount = Path(partition.mountpoint)
        if (mount == resolved or mount in resolved.parents) and len(mount.parts) >= depth:
            depth, kind = len(mount.parts), partition.fstype.lower()
    return kind


def is_network_path(path: Path) -> bool:
    """Whether other machines may have `path` open, which shared memory could not coordinate."""
    return file_system_of(path) in NETWORK_FILE_SYSTEMS or path.resolve().as_posix().startswith("//")


def journal_mode_for(path: Path) -> str:
    """WAL, or DELETE on a network file system: WAL needs memory that all readers share (https://sqlite.org/wal.html)."""
    return "DELETE" if is_network_path(path) else "WAL"


def open_engine(url: str) -> Engine:
    """An engine for `url`; SQLite files are opened in a safe journal mode, and writers take the write lock first.

    Raises:
        StoreError: the driver is missing or the URL is invalid.
    """
    try:
        parsed = make_url(url)
        is_sqlite = parsed.get_backend_name() == "sqlite"
        engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS} if is_sqlite else {})
    except (ImportError, ValueError, ArgumentError) as error:
        raise StoreError(f"The store {url!r} cannot be opened ({error}); check CNNLAB_DATABASE_URL.") from error
    event.listen(engine, "handle_error", _as_sentence)
    if is_sqlite:
        _make_safe(engine, journal_mode_for(Path(parsed.database or ".").parent))
    return engine


def file_to_watch(engine: Engine) -> Path | None:
    """The database's file, if its inode number tells whether it was replaced.

    None if there is no file, or on a network file system, where the number may change while the file is open.
    """
    name = engine.url.database
    if engine.url.get_backend_name() != "sqlite" or not name or is_network_path(Path(name).parent):
        return None
    return Path(name)


def file_identity(file: Path) -> tuple[int, int] | None:
    """Device and inode number of a file; None if it does not exist."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _make_safe(engine: Engine, journal_mode: str) -> None:
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # `begin` below sends BEGIN instead
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA journal_mode={journal_mode}")
        # with WAL a power cut may lose the last commits but never the file; a rollback journal needs FULL for that
        cursor.execute(f"PRAGMA synchronous={'NORMAL' if journal_mode == 'WAL' else 'FULL'}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    def begin(connection: Connection) -> None:
        # a transaction that reads first and writes later cannot wait for another writer, so it must start as a writer
        is_writer = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")

    event.listen(engine, "connect", configure)
    event.listen(engine, "begin", begin)


def _as_sentence(context: ExceptionContext) -> None:
    original: Any = context.original_exception
    if isinstance(original, sqlite3.DatabaseError):
        sentence = sentence_for(original)
        if sentence is not None:
            raise sentence from original


def sentence_for(error: sqlite3.DatabaseError) -> CnnLabError | None:
    """The user-facing form of the error, or None if it is a bug."""
    text = str(error).lower()
    if "full" in text or "disk i/o" in text:
        return DiskError(f"The store could not be written ({error}); free some space on its disk and resume the run.")
    if "readonly" in text or "unable to open" in text:
        return DiskError(
            f"The store could not be written ({error}); make the workspace writable, or set CNNLAB_HOME to another."
        )
    if "locked" in text or "busy" in text:
        return StoreError(
            f"Another program kept the store locked for {BUSY_SECONDS:.0f} s; close that program and try again."
        )
    if "malformed" in text or "not a database" in text:
        return StoreError(
            f"The store is damaged or not a CNN Lab database ({error}); close the lab and replace lab.db by a copy, "
            "without the old lab.db-wal and lab.db-shm, or set CNNLAB_HOME to another workspace."
        )
    return None
