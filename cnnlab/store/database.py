"""Opens the database so that it is safe where it lies, and turns its errors into sentences; knows no tables."""

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
    """Type of the file system that `path` lies on, in small letters; empty where the system does not tell."""
    resolved = path.resolve()
    best, found = -1, ""
    for partition in psutil.disk_partitions(all=True):
        mount = Path(partition.mountpoint)
        if (mount == resolved or mount in resolved.parents) and len(mount.parts) >= best:
            best, found = len(mount.parts), partition.fstype.lower()
    return found


def is_network_path(path: Path) -> bool:
    """Whether several machines may have `path` open, so that shared memory cannot coordinate them."""
    return file_system_of(path) in NETWORK_FILE_SYSTEMS or path.resolve().as_posix().startswith("//")


def journal_mode_for(path: Path) -> str:
    """WAL, or DELETE on a network file system: WAL needs memory shared by all readers (https://sqlite.org/wal.html)."""
    return "DELETE" if is_network_path(path) else "WAL"


def open_engine(url: str) -> Engine:
    """An engine for `url`; SQLite files are opened in a safe journal mode, writers begin with the write lock.

    Raises:
        StoreError: the driver is missing or the address is not one.
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
    """The database's file, where its number tells it from another that is put in its place.

    None without a file, and on a network file system, where the number may change while the file is open.
    """
    name = engine.url.database
    if engine.url.get_backend_name() != "sqlite" or not name or is_network_path(Path(name).parent):
        return None
    return Path(name)


def file_identity(file: Path) -> tuple[int, int] | None:
    """Device and number of a file; None where there is none."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _make_safe(engine: Engine, journal_mode: str) -> None:
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy says BEGIN itself, see below
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA journal_mode={journal_mode}")
        # a power cut may lose the last commits under WAL, never the file; the rollback journal needs FULL for that
        cursor.execute(f"PRAGMA synchronous={'NORMAL' if journal_mode == 'WAL' else 'FULL'}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    def begin(connection: Connection) -> None:
        # a transaction that reads first and writes later cannot wait for another writer: it must begin as a writer
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
    """The error as one for people, or None where it is a mistake of the program."""
    text = str(error).lower()
    if "full" in text or "disk i/o" in text:
        return DiskError(f"The store could not be written ({error}); free some space on its disk and resume the run.")
    if "readonly" in text or "unable to open" in text:
        return DiskError(
            f"The store could not be written ({error}); make the workspace writable, or name another in CNNLAB_HOME."
        )
    if "locked" in text or "busy" in text:
        return StoreError(
            f"The store stayed locked for {BUSY_SECONDS:.0f} s by another program; end that program and try again."
        )
    if "malformed" in text or "not a database" in text:
        return StoreError(
            f"The store is damaged or is not one ({error}); close the lab and put a copy of lab.db in its place, "
            "without the old lab.db-wal and lab.db-shm, or name another workspace."
        )
    return None
