"""Rows of runs: find, file, and change them by compare-and-swap. Which changes make sense is up to lifecycle.py."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from cnnlab.errors import RunNotFoundError
from cnnlab.plain_yaml import quoted
from cnnlab.processes import ProcessIdentity
from cnnlab.store.records import TRANSITIONS, Request, RunRecord, Status, Summary
from cnnlab.store.schema import epochs, leases, metric_chunks, runs
from cnnlab.store.transactions import Rows, now, process_of

ID_ALPHABET: Final = (
    "23456789abcdefghjkmnpqrstvwxyz"  # without 0 and o, 1, l and i, and u: easy to read aloud and to copy from paper
)
LAST: Final = "@last"
NO_PROCESS: Final = {"pid": None, "process_start": None, "boot": None, "host": None}


def new_run_id() -> str:
    """A random id: eight characters, the first a letter, so that no tool takes it for a number."""
    return secrets.choice(ID_ALPHABET[8:]) + "".join(secrets.choice(ID_ALPHABET) for _ in range(7))


class RunRows(Rows):
    """All runs."""

    def add(self, values: Mapping[str, Any], *, token: str | None) -> RunRecord:
        """Add a run to the end of the queue. Filing again with the same token returns the first run."""
        run_id = new_run_id()
        try:
            with self.writing() as connection:
                last = connection.scalar(select(func.max(runs.c.position))) or 0.0
                connection.execute(
                    insert(runs).values(
                        run_id=run_id,
                        token=token,
                        status=Status.QUEUED,
                        created=now(),
                        queued=now(),
                        position=last + 1.0,
                        **values,
                    )
                )
        except IntegrityError:
            with self.reading() as connection:
                first = connection.scalar(select(runs.c.run_id).where(runs.c.token == token))
            if first is None:
                raise
            run_id = first
        return self.get(run_id)

    def get(self, run_id: str) -> RunRecord:
        """The run with exactly this id.

        Raises:
            RunNotFoundError: there is no such run.
        """
        with self.reading() as connection:
            record = run_in(connection, run_id)
        if record is None:
            raise RunNotFoundError(f"No run has the id {run_id!r}; it may have been deleted.", run_id=run_id)
        return record

    def get_many(self, run_ids: Sequence[str]) -> tuple[RunRecord, ...]:
        """The runs with these ids, in the given order; ids that no longer exist are skipped."""
        with self.reading() as connection:
            rows = connection.execute(select(runs).where(runs.c.run_id.in_(run_ids))).mappings()
            by_id = {row["run_id"]: record_of(row) for row in rows}
        return tuple(by_id[run_id] for run_id in run_ids if run_id in by_id)

    def find(self, name: str) -> RunRecord:
        """The run with an id, a unique prefix of an id, or a unique name; `@last` is the newest run.

        Raises:
            RunNotFoundError: no run matches, or several do.
        """
        newest = select(runs).order_by(runs.c.number.desc())
        if name == LAST:
            rows = self._first(newest)[:1]
        else:
            rows = (
                self._first(newest.where(runs.c.run_id == name))
                or self._first(newest.where(runs.c.name == name))
                or self._first(newest.where(runs.c.run_id.startswith(name, autoescape=True)))
            )
        if not rows or not name:
            raise RunNotFoundError(
                f"No run has the id or name {quoted(name)}; it may have been renamed or deleted (see cnnlab runs).",
                run_id=name,
            )
        if len(rows) > 1:
            candidates = ", ".join(f"{row['run_id']} ({row['name']})" for row in rows)
            raise RunNotFoundError(f"{name!r} matches several runs: {candidates}; give more of the id.", run_id=name)
        return record_of(rows[0])

    def _first(self, query: Select[Any]) -> Sequence[RowMapping]:
        """The first few rows: more than one is ambiguous, and the error lists them."""
        with self.reading() as connection:
            return connection.execute(query.limit(4)).mappings().all()

    def list(self, *, status: Collection[Status] | None = None, limit: int | None = None) -> tuple[RunRecord, ...]:
        """Runs, newest first."""
        query = select(runs).order_by(runs.c.number.desc())
        if status is not None:
            query = query.where(runs.c.status.in_([str(item) for item in status]))
        if limit is not None:
            query = query.limit(limit)
        with self.reading() as connection:
            return tuple(record_of(row) for row in connection.execute(query).mappings())

    def last_end(self) -> float | None:
        """When the latest run ended, in whatever way; None if none has."""
        with self.reading() as connection:
            ended: float | None = connection.scalar(select(func.max(runs.c.ended)))
        return ended

    def queue(self) -> tuple[RunRecord, ...]:
        """Queued runs, in the order in which they will start."""
        query = select(runs).where(runs.c.status == Status.QUEUED).order_by(runs.c.position, runs.c.number)
        with self.reading() as connection:
            return tuple(record_of(row) for row in connection.execute(query).mappings())

    def update(self, run_id: str, **values: object) -> None:
        """Change columns other than the status."""
        assert "status" not in values
        with self.writing() as connection:
            connection.execute(update(runs).where(runs.c.run_id == run_id).values(values))

    def move(
        self,
        run_id: str,
        source: Status | Collection[Status],
        target: Status,
        changes: Mapping[str, object],
        *,
        attempt: int | None = None,
    ) -> bool:
        """Compare-and-swap the status; False if it is no longer `source` (or the attempt no longer `attempt`)."""
        with self.writing() as connection:
            return move_in(connection, run_id, source, target, changes, attempt=attempt)

    def remove(self, run_id: str) -> bool:
        """Delete a run with its epochs and series; False if a process is working on it."""
        with self.writing() as connection:
            record = run_in(connection, run_id)
            if record is None or record.is_active:
                return False
            connection.execute(delete(epochs).where(epochs.c.run_number == record.number))
            connection.execute(delete(metric_chunks).where(metric_chunks.c.run_number == record.number))
            connection.execute(delete(leases).where(leases.c.run_id == run_id))
            connection.execute(delete(runs).where(runs.c.number == record.number))
        return True


def run_in(connection: Connection, run_id: str) -> RunRecord | None:
    """A run as seen inside a transaction."""
    row = connection.execute(select(runs).where(runs.c.run_id == run_id)).mappings().first()
    return None if row is None else record_of(row)


def move_in(
    connection: Connection,
    run_id: str,
    source: Status | Collection[Status],
    target: Status,
    changes: Mapping[str, object],
    *,
    attempt: int | None = None,
) -> bool:
    """`RunRows.move` inside a writing transaction."""
    sources = [source] if isinstance(source, Status) else list(source)
    for status in sources:
        if target not in TRANSITIONS[status]:
            raise ValueError(f"A run cannot change from {status} to {target}.")
    statement = update(runs).where(runs.c.run_id == run_id, runs.c.status.in_([str(status) for status in sources]))
    if attempt is not None:
        statement = statement.where(runs.c.attempt == attempt)
    return connection.execute(statement.values(status=str(target), **changes)).rowcount == 1


_PLAIN: Final = tuple(
    field.name for field in fields(RunRecord) if field.name not in {"status", "process", "request", "tags", "summary"}
)


def record_of(row: Mapping[Any, Any]) -> RunRecord:
    """A row of `runs` as a record."""
    process: ProcessIdentity | None = process_of(row)
    return RunRecord(
        **{name: row[name] for name in _PLAIN},
        status=Status(row["status"]),
        process=process,
        request=Request(row["request"]) if row["request"] else None,
        tags=tuple(row["tags"]),
        summary=Summary.from_json(row["summary"]),
    )
