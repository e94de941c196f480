"""Rows of tasks (scanning, unpacking): progress, result, and requests to stop."""

import secrets
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import insert, select, update

from cnnlab.processes import ProcessIdentity
from cnnlab.store.records import TaskRecord
from cnnlab.store.schema import tasks
from cnnlab.store.transactions import Rows, now, process_of, process_values

OPEN: Final = ("waiting", "running")


class TaskRows(Rows):
    """Tasks; the status is waiting, running, done, failed or stopped."""

    def file(self, kind: str, arguments: Mapping[str, Any]) -> str:
        """File a task to be done; returns its id."""
        task_id = secrets.token_hex(6)
        with self.writing() as connection:
            connection.execute(
                insert(tasks).values(
                    task_id=task_id,
                    kind=kind,
                    arguments=dict(arguments),
                    status="waiting",
                    created=now(),
                    updated=now(),
                )
            )
        return task_id

    def get(self, task_id: str) -> TaskRecord | None:
        """The task, or None."""
        with self.reading() as connection:
            row = connection.execute(select(tasks).where(tasks.c.task_id == task_id)).mappings().first()
        return None if row is None else _record(row)

    def open_tasks(self, kind: str | None = None) -> tuple[TaskRecord, ...]:
        """Tasks that are waiting or running, oldest first."""
        query = select(tasks).where(tasks.c.status.in_(OPEN)).order_by(tasks.c.created)
        if kind is not None:
            query = query.where(tasks.c.kind == kind)
        with self.reading() as connection:
            return tuple(_record(row) for row in connection.execute(query).mappings())

    def start(self, task_id: str, process: ProcessIdentity) -> bool:
        """Take a waiting task; False if it is no longer waiting."""
        values = {"status": "running", "updated": now(), **process_values(process)}
        with self.writing() as connection:
            waiting = update(tasks).where(tasks.c.task_id == task_id, tasks.c.status == "waiting")
            return connection.execute(waiting.values(values)).rowcount == 1

    def progress(self, task_id: str, done: int, total: int | None, message: str = "") -> bool:
        """Record the progress of a task; returns whether it was asked to stop."""
        with self.writing() as connection:
            connection.execute(
                update(tasks)
                .where(tasks.c.task_id == task_id)
                .values(done=done, total=total, message=message, updated=now())
            )
            stop = connection.scalar(select(tasks.c.stop_requested).where(tasks.c.task_id == task_id))
        return bool(stop)

    def request_stop(self, task_id: str) -> None:
        """Ask a task to stop; one that is still waiting is stopped at once."""
        with self.writing() as connection:
            mine = update(tasks).where(tasks.c.task_id == task_id)
            connection.execute(mine.values(stop_requested=True))
            connection.execute(mine.where(tasks.c.status == "waiting").values(status="stopped", updated=now()))

    def stop_requested(self, task_id: str) -> bool:
        """Whether the task was asked to stop."""
        with self.reading() as connection:
            return bool(connection.scalar(select(tasks.c.stop_requested).where(tasks.c.task_id == task_id)))

    def end(self, task_id: str, status: str, *, message: str = "", result: Mapping[str, Any] | None = None) -> None:
        """End an open task as done, failed or stopped."""
        values = {"status": status, "message": message, "result": result and dict(result), "updated": now()}
        with self.writing() as connection:
            mine = update(tasks).where(tasks.c.task_id == task_id, tasks.c.status.in_(OPEN))
            connection.execute(mine.values(values))

    def recognise_dead(self) -> int:
        """End the running tasks whose process is gone as failed; returns how many."""
        dead = [task for task in self.open_tasks() if task.process is not None and not task.process.alive()]
        for task in dead:
            self.end(
                task.task_id, "failed", message="The process of this task ended before it was done; start it again."
            )
        return len(dead)


def _record(row: Mapping[Any, Any]) -> TaskRecord:
    names = ("task_id", "kind", "arguments", "status", "done", "total", "message", "result", "stop_requested")
    return TaskRecord(
        **{name: row[name] for name in names}, process=process_of(row), created=row["created"], updated=row["updated"]
    )
