"""The pictures of a data set, for code that needs only a few of many: each record is made on demand.

Making 100,000 records takes seconds, reading 100,000 rows a third of a second; counts need only the rows.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import compress
from operator import attrgetter
from typing import Any, Self, overload

from cnnlab.data.records import Picture
from cnnlab.store.datasets import picture_of
from cnnlab.store.records import DataSetRecord
from cnnlab.store.store import Store


class PictureTable(Sequence[Picture]):
    """Rows with the columns of `pictures`, read as a sequence of `Picture`."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self._rows = rows

    @classmethod
    def of(cls, store: Store, dataset: DataSetRecord) -> Self:
        """All pictures of a data set, as of its last scan."""
        return cls(store.datasets.picture_rows(dataset.dataset_id))

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids of the pictures, in order."""
        return tuple(map(attrgetter("picture_id"), self._rows))

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The labels of the pictures, in order."""
        return tuple(map(attrgetter("label"), self._rows))

    @cached_property
    def folder_parts(self) -> frozenset[str]:
        """The parts (train, val, test) into which the folders divide the pictures."""
        return frozenset(row.folder_part for row in self._rows if row.folder_part is not None)

    @cached_property
    def smallest_and_largest(self) -> tuple[Picture, Picture] | None:
        """The pictures with the fewest and the most pixels; None if there are no pictures."""
        areas = [row.width * row.height for row in self._rows]
        return (self[areas.index(min(areas))], self[areas.index(max(areas))]) if areas else None

    def where(self, wanted: Iterable[bool]) -> "PictureTable":
        """The pictures for which `wanted` is true, in the same order."""
        return PictureTable(tuple(compress(self._rows, wanted)))

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Picture: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Picture, ...]: ...

    def __getitem__(self, index: int | slice) -> Picture | tuple[Picture, ...]:
        if isinstance(index, slice):
            return tuple(picture_of(row._mapping) for row in self._rows[index])
        return picture_of(self._rows[index]._mapping)
