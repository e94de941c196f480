"""Rows of leases (who uses a device) and of workers (who takes runs from the queue)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from cnnlab.processes import ProcessIdentity
from cnnlab.store.records import LeaseRecord, Status, WorkerRecord
from cnnlab.store.schema import leases, runs, workers
from cnnlab.store.transactions import Rows, now, process_of, process_values


def lease_in(connection: Connection, device: str) -> LeaseRecord | None:
    """The lease of a device if its holder is alive, as seen inside a transaction."""
    row = connection.execute(select(leases).where(leases.c.device == device)).mappings().first()
    if row is None:
        return None
    record = _lease(row)
    return record if record.process.alive() else None


def take_lease(connection: Connection, device: str, run_id: str, process: ProcessIdentity) -> bool:
    """Take a device for a run inside a writing transaction; False if another living process has it."""
    holder = lease_in(connection, device)
    if holder is not None and holder.process != process:
        return False
    connection.execute(delete(leases).where(leases.c.device == device))
    connection.execute(insert(leases).values(device=device, run_id=run_id, taken=now(), **process_values(process)))
    return True


class LeaseRows(Rows):
    """One lease for each device; a lease whose holder is dead does not count."""

    def holder(self, device: str) -> LeaseRecord | None:
        """The current lease of a device, if any."""
        with self.reading() as connection:
            return lease_in(connection, device)

    def release(self, device: str, process: ProcessIdentity) -> None:
        """Release a device; does nothing if `process` does not hold it."""
        mine = (leases.c.device == device, leases.c.pid == process.pid, leases.c.process_start == process.start)
        with self.writing() as connection:
            connection.execute(delete(leases).where(*mine))


class WorkerRows(Rows):
    """The registered workers."""

    def living(self) -> tuple[WorkerRecord, ...]:
        """Workers whose process is alive."""
        with self.reading() as connection:
            return _living(connection)

    def register(self, process: ProcessIdentity, *, stay: bool) -> bool:
        """Register a worker; returns False, unless it is meant to stay, if another one is alive."""
        with self.writing() as connection:
            others = _living(connection)
            if others and not stay:
                return False
            kept = [other.process.pid for other in others]
            connection.execute(delete(workers).where(workers.c.pid.not_in(kept)))
            connection.execute(
                insert(workers).values(stay=stay, started=now(), heartbeat=now(), **process_values(process))
            )
        return True

    def beat(self, process: ProcessIdentity) -> None:
        """Record a heartbeat of the worker."""
        with self.writing() as connection:
            connection.execute(update(workers).where(*_mine(process)).values(heartbeat=now()))

    def leave_if_idle(self, process: ProcessIdentity) -> bool:
        """Unregister the worker unless a run is queued; whoever files one later finds no worker and starts one."""
        with self.writing() as connection:
            waiting = connection.scalar(select(func.count()).where(runs.c.status == Status.QUEUED))
            if waiting:
                return False
            connection.execute(delete(workers).where(*_mine(process)))
        return True

    def leave(self, process: ProcessIdentity) -> None:
        """Unregister the worker."""
        with self.writing() as connection:
            connection.execute(delete(workers).where(*_mine(process)))


def _mine(process: ProcessIdentity) -> tuple[Any, ...]:
    return workers.c.pid == process.pid, workers.c.process_start == process.start


def _living(connection: Connection) -> tuple[WorkerRecord, ...]:
    records = (_worker(row) for row in connection.execute(select(workers)).mappings())
    return tuple(record for record in records if record.process.alive())


def _worker(row: Mapping[Any, Any]) -> WorkerRecord:
    process = process_of(row)
    assert process is not None
    return WorkerRecord(process=process, stay=row["stay"], started=row["started"], heartbeat=row["heartbeat"])


def _lease(row: Mapping[Any, Any]) -> LeaseRecord:
    process = process_of(row)
    assert process is not None
    return LeaseRecord(device=row["device"], run_id=row["run_id"], process=process, taken=row["taken"])
