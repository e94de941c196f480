"""Read and write transactions, and the columns that hold a process identity."""

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Connection, Engine

from cnnlab.processes import ProcessIdentity


class Rows:
    """Base of the parts of the store, which all share one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing_engine = engine.execution_options(writes=True)

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection that sees a consistent state of the store and does not wait for writers."""
        return self._engine.begin()

    def writing(self) -> AbstractContextManager[Connection]:
        """A connection that holds the write lock; committed at the end, rolled back on an error."""
        return self._writing_engine.begin()


def now() -> float:
    """Wall-clock time in Unix seconds: for display and filing order, never to decide whether a process is alive."""
    return time.time()


def process_values(process: ProcessIdentity | None) -> dict[str, object]:
    """A process identity as its four columns."""
    if process is None:
        return {"pid": None, "process_start": None, "boot": None, "host": None}
    return {"pid": process.pid, "process_start": process.start, "boot": process.boot, "host": process.host}


def process_of(row: Mapping[Any, Any]) -> ProcessIdentity | None:
    """The process identity in a row's four columns."""
    if row["pid"] is None:
        return None
    return ProcessIdentity(row["pid"], row["process_start"], row["boot"], row["host"])
