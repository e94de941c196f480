"""Rows of epochs, and of the series that grow with every step.

A series is stored in chunks of up to 240 points. A flush appends to the last chunk or begins a new one, so it costs
the same at step 10 as at step 1,000,000, and a point takes about 8 bytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from cnnlab.store.records import EpochRecord
from cnnlab.store.schema import epochs, metric_chunks
from cnnlab.store.transactions import Rows

POINTS_PER_CHUNK: Final = 240  # two full chunks fit into a page of 4,096 bytes

Steps = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]


class Points(NamedTuple):
    """A series: `steps` (N,) in ascending order, `values` (N,)."""

    steps: Steps
    values: Values


class EpochRows(Rows):
    """The figures at the end of each epoch."""

    def of(self, run_number: int, *, after_epoch: int = 0) -> tuple[EpochRecord, ...]:
        """Epochs after `after_epoch`, in order."""
        query = (
            select(epochs)
            .where(epochs.c.run_number == run_number, epochs.c.epoch > after_epoch)
            .order_by(epochs.c.epoch)
        )
        with self.reading() as connection:
            rows = connection.execute(query).all()
        return tuple(EpochRecord(epoch=row.epoch, step=row.step, figures=row.figures) for row in rows)

    def of_many(self, run_numbers: Sequence[int]) -> dict[int, tuple[EpochRecord, ...]]:
        """Epochs of several runs in one query."""
        query = select(epochs).where(epochs.c.run_number.in_(run_numbers)).order_by(epochs.c.run_number, epochs.c.epoch)
        by_run: dict[int, list[EpochRecord]] = {number: [] for number in run_numbers}
        with self.reading() as connection:
            for row in connection.execute(query):
                by_run[row.run_number].append(EpochRecord(epoch=row.epoch, step=row.step, figures=row.figures))
        return {number: tuple(records) for number, records in by_run.items()}


def write_epoch(connection: Connection, run_number: int, epoch: int, step: int, figures: Mapping[str, Any]) -> None:
    """Store the figures of an epoch, replacing those of an earlier attempt."""
    values = {"step": step, "figures": dict(figures)}
    statement = upsert(epochs).values(run_number=run_number, epoch=epoch, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["run_number", "epoch"], set_=values))


class MetricRows(Rows):
    """The series of all runs."""

    def append(self, run_number: int, series: Mapping[str, Points]) -> None:
        """Append points to several series in one transaction. Steps must be in ascending order."""
        with self.writing() as connection:
            append_points(connection, run_number, series)

    def names(self, run_number: int) -> tuple[str, ...]:
        """Names of the run's series, sorted."""
        query = select(metric_chunks.c.series).where(metric_chunks.c.run_number == run_number).distinct()
        with self.reading() as connection:
            return tuple(sorted(connection.scalars(query)))

    def last_step(self, run_number: int, series: str) -> int | None:
        """The latest step of a series, or None if it is empty."""
        query = select(func.max(metric_chunks.c.last_step)).where(*_of(run_number, series))
        with self.reading() as connection:
            step: int | None = connection.scalar(query)
        return step

    def read(self, run_number: int, series: str, *, after: int | None = None, until: int | None = None) -> Points:
        """Points of a series with after < step <= until."""
        query = select(metric_chunks).where(*_of(run_number, series)).order_by(metric_chunks.c.first_step)
        if after is not None:
            query = query.where(metric_chunks.c.last_step > after)
        if until is not None:
            query = query.where(metric_chunks.c.first_step <= until)
        with self.reading() as connection:
            chunks = [_decode(row) for row in connection.execute(query)]
        if not chunks:
            return Points(np.empty(0, np.int64), np.empty(0, np.float64))
        steps = np.concatenate([chunk.steps for chunk in chunks])
        values = np.concatenate([chunk.values for chunk in chunks])
        first = 0 if after is None else int(np.searchsorted(steps, after, side="right"))
        last = len(steps) if until is None else int(np.searchsorted(steps, until, side="right"))
        return Points(steps[first:last], values[first:last])


def append_points(connection: Connection, run_number: int, series: Mapping[str, Points]) -> None:
    """`MetricRows.append` inside a writing transaction."""
    for name, points in series.items():
        if len(points.steps):
            _append(connection, run_number, name, points)


def truncate_metrics(connection: Connection, run_number: int, *, step: int, epoch: int) -> None:
    """Delete everything after a step and an epoch, which a resumed run repeats from its checkpoint."""
    connection.execute(delete(epochs).where(epochs.c.run_number == run_number, epochs.c.epoch > epoch))
    later = (metric_chunks.c.run_number == run_number, metric_chunks.c.last_step > step)
    rows = connection.execute(select(metric_chunks).where(*later)).all()
    connection.execute(delete(metric_chunks).where(*later))
    for row in rows:
        points = _decode(row)
        kept = int(np.searchsorted(points.steps, step, side="right"))
        if kept:
            _insert(connection, run_number, row.series, Points(points.steps[:kept], points.values[:kept]))


def _append(connection: Connection, run_number: int, series: str, points: Points) -> None:
    newest = select(metric_chunks).where(*_of(run_number, series)).order_by(metric_chunks.c.first_step.desc()).limit(1)
    row = connection.execute(newest).first()
    rest = points
    if row is not None and row._mapping["count"] < POINTS_PER_CHUNK:
        room = POINTS_PER_CHUNK - row._mapping["count"]
        old = _decode(row)
        joined = Points(
            np.concatenate([old.steps, points.steps[:room]]), np.concatenate([old.values, points.values[:room]])
        )
        mine = update(metric_chunks).where(metric_chunks.c.chunk_id == row.chunk_id)
        connection.execute(mine.values(_encode(joined)))
        rest = Points(points.steps[room:], points.values[room:])
    for part in _parts(rest):
        _insert(connection, run_number, series, part)


def _parts(points: Points) -> Iterator[Points]:
    for start in range(0, len(points.steps), POINTS_PER_CHUNK):
        part = slice(start, start + POINTS_PER_CHUNK)
        yield Points(points.steps[part], points.values[part])


def _insert(connection: Connection, run_number: int, series: str, points: Points) -> None:
    connection.execute(insert(metric_chunks).values(run_number=run_number, series=series, **_encode(points)))


def _of(run_number: int, series: str) -> tuple[Any, ...]:
    return metric_chunks.c.run_number == run_number, metric_chunks.c.series == series


def _encode(points: Points) -> dict[str, Any]:
    first, last, count = int(points.steps[0]), int(points.steps[-1]), len(points.steps)
    is_consecutive = last - first + 1 == count
    return {
        "first_step": first,
        "last_step": last,
        "count": count,
        "steps": None if is_consecutive else points.steps.astype("<i8").tobytes(),
        "values": points.values.astype("<f8").tobytes(),
    }


def _decode(row: Row[Any]) -> Points:
    values = np.frombuffer(row._mapping["values"], "<f8")
    if row.steps is None:
        return Points(np.arange(row.first_step, row.last_step + 1, dtype=np.int64), values)
    return Points(np.frombuffer(row.steps, "<i8"), values)
