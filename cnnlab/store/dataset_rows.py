"""Rows of data sets, their pictures and their splits."""

import json
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from cnnlab.data.records import Finding
from cnnlab.store.records import DataSetRecord, SplitRecord
from cnnlab.store.schema import datasets, fingerprints, pictures, splits
from cnnlab.store.transactions import Rows, now


class DataSetRows(Rows):
    """Data sets, one for each folder."""

    def all(self) -> tuple[DataSetRecord, ...]:
        """All data sets, except those taken off the list, oldest first."""
        query = select(datasets).where(~datasets.c.forgotten).order_by(datasets.c.created)
        with self.reading() as connection:
            return tuple(_record(row) for row in connection.execute(query).mappings())

    def get(self, dataset_id: int) -> DataSetRecord | None:
        """The data set, even if it was taken off the list, or None."""
        return self._first(datasets.c.dataset_id == dataset_id)

    def at(self, path: str) -> DataSetRecord | None:
        """The data set of a folder, by its resolved path, or None."""
        return self._first(datasets.c.path == path)

    def _first(self, condition: ColumnElement[bool]) -> DataSetRecord | None:
        with self.reading() as connection:
            row = connection.execute(select(datasets).where(condition)).mappings().first()
        return None if row is None else _record(row)

    def put(self, path: str, values: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> DataSetRecord:
        """Record a scan under its path, as a new data set or as the new state of an existing one.

        `values` holds columns of `datasets`, `rows` columns of `pictures` in the order of the scan.
        """
        with self.writing() as connection:
            dataset_id = connection.scalar(select(datasets.c.dataset_id).where(datasets.c.path == path))
            changed = {**values, "scanned": now(), "forgotten": False}
            if dataset_id is None:
                filed = insert(datasets).values(path=path, created=now(), **changed)
                dataset_id = connection.execute(filed).inserted_primary_key[0]  # type: ignore[index]
            else:
                # a new scan keeps the name, which the user may have chosen, and who made the files
                kept = {key: value for key, value in changed.items() if key not in {"name", "owned"}}
                connection.execute(update(datasets).where(datasets.c.dataset_id == dataset_id).values(kept))
            _record_fingerprint(connection, dataset_id, values["fingerprint"], len(rows))
            connection.execute(delete(pictures).where(pictures.c.dataset_id == dataset_id))
            if rows:
                numbered = [{"dataset_id": dataset_id, "place": index, **row} for index, row in enumerate(rows)]
                connection.execute(insert(pictures), numbered)
        record = self.get(dataset_id)
        assert record is not None
        return record

    def rename(self, dataset_id: int, name: str) -> None:
        """Rename a data set."""
        with self.writing() as connection:
            connection.execute(update(datasets).where(datasets.c.dataset_id == dataset_id).values(name=name))

    def forget(self, dataset_id: int) -> None:
        """Take a data set off the list and delete its pictures' rows; its splits stay for the runs that use them."""
        with self.writing() as connection:
            connection.execute(delete(pictures).where(pictures.c.dataset_id == dataset_id))
            connection.execute(update(datasets).where(datasets.c.dataset_id == dataset_id).values(forgotten=True))

    def history(self, dataset_id: int) -> tuple[tuple[float, str, int], ...]:
        """(time, fingerprint, pictures) of every recorded state, oldest first."""
        query = select(fingerprints).where(fingerprints.c.dataset_id == dataset_id).order_by(fingerprints.c.seen)
        with self.reading() as connection:
            return tuple((row.seen, row.fingerprint, row.images) for row in connection.execute(query))

    def pictures(
        self,
        dataset_id: int,
        *,
        label: str | None = None,
        beginning: str | None = None,
        offset: int = 0,
        limit: int | None = None,
    ) -> tuple[dict[str, Any], ...]:
        """Pictures as dictionaries of their columns, in the order of the scan; `beginning` is a prefix of their ids."""
        names = pictures.c.keys()  # not `mappings()`, which takes four times as long for 100,000 rows
        rows = self.picture_rows(dataset_id, label=label, beginning=beginning, offset=offset, limit=limit)
        return tuple(dict(zip(names, row, strict=True)) for row in rows)

    def picture_rows(
        self,
        dataset_id: int,
        *,
        label: str | None = None,
        beginning: str | None = None,
        offset: int = 0,
        limit: int | None = None,
    ) -> Sequence[Row[Any]]:
        """Like `pictures`, but as plain database rows."""
        query = select(pictures).where(pictures.c.dataset_id == dataset_id).order_by(pictures.c.place)
        if label is not None:
            query = query.where(pictures.c.label == label)
        if beginning is not None:
            query = query.where(pictures.c.picture_id.startswith(beginning, autoescape=True))
        if limit is not None:
            query = query.limit(limit)
        with self.reading() as connection:
            return connection.execute(query.offset(offset)).all()

    def picture_ids(self, dataset_id: int) -> tuple[str, ...]:
        """The ids of all pictures, in the order of the scan."""
        query = select(pictures.c.picture_id).where(pictures.c.dataset_id == dataset_id).order_by(pictures.c.place)
        with self.reading() as connection:
            return tuple(connection.scalars(query))

    def add_split(
        self,
        dataset_id: int,
        *,
        seed: int,
        val_fraction: float,
        test_fraction: float,
        split_hash: str,
        parts: Mapping[str, str],
    ) -> SplitRecord:
        """Store a split under a new number; if an equal one exists, return that instead."""
        with self.writing() as connection:
            mine = select(splits).where(splits.c.dataset_id == dataset_id)
            same = mine.where(
                splits.c.hash == split_hash,
                splits.c.seed == seed,
                splits.c.val_fraction == val_fraction,
                splits.c.test_fraction == test_fraction,
            )
            row = connection.execute(same.order_by(splits.c.number)).mappings().first()
            if row is None:
                last = connection.scalar(select(func.max(splits.c.number)).where(splits.c.dataset_id == dataset_id))
                values = {
                    "seed": seed,
                    "val_fraction": val_fraction,
                    "test_fraction": test_fraction,
                    "hash": split_hash,
                }
                number = (last or 0) + 1
                packed = zlib.compress(json.dumps(dict(parts), sort_keys=True).encode())
                connection.execute(
                    insert(splits).values(dataset_id=dataset_id, number=number, parts=packed, created=now(), **values)
                )
                row = connection.execute(mine.where(splits.c.number == number)).mappings().one()
            return _split(row)

    def split(self, dataset_id: int, number: int | None = None) -> SplitRecord | None:
        """A split by its number, or the newest if no number is given; None if there is none."""
        query = select(splits).where(splits.c.dataset_id == dataset_id).order_by(splits.c.number.desc()).limit(1)
        if number is not None:
            query = query.where(splits.c.number == number)
        with self.reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _split(row)

    def splits(self, dataset_id: int) -> tuple[SplitRecord, ...]:
        """All splits of a data set, by number."""
        query = select(splits).where(splits.c.dataset_id == dataset_id).order_by(splits.c.number)
        with self.reading() as connection:
            return tuple(_split(row) for row in connection.execute(query).mappings())


def _record_fingerprint(connection: Connection, dataset_id: int, fingerprint: str, images: int) -> None:
    mine = select(fingerprints.c.fingerprint).where(fingerprints.c.dataset_id == dataset_id)
    newest = connection.scalar(mine.order_by(fingerprints.c.seen.desc()).limit(1))
    if newest != fingerprint:
        connection.execute(
            insert(fingerprints).values(dataset_id=dataset_id, seen=now(), fingerprint=fingerprint, images=images)
        )


def _record(row: Mapping[Any, Any]) -> DataSetRecord:
    values = {str(key): value for key, value in row.items()}
    for name in ("classes", "unreadable"):
        values[name] = tuple(values[name])
    values["duplicates"] = tuple(tuple(group) for group in values["duplicates"])
    values["findings"] = tuple(Finding.from_json(finding) for finding in values["findings"])
    return DataSetRecord(**values)


def _split(row: Mapping[Any, Any]) -> SplitRecord:
    values = {str(key): value for key, value in row.items()}
    return SplitRecord(**{**values, "parts": _parts(values["parts"])})


@lru_cache(maxsize=4)  # decoding 100,000 takes an eighth of a second, and a page does so at every rerun
def _parts(packed: bytes) -> Mapping[str, str]:
    parts: dict[str, str] = json.loads(zlib.decompress(packed))
    return parts
