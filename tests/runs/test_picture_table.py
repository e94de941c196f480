"""Rows read as pictures: the same records, but made on demand."""

import pytest

from cnnlab.runs import picture_table
from cnnlab.runs.picture_table import PictureTable
from cnnlab.store.datasets import pictures_of, register_folder


@pytest.fixture
def dataset(store, pictures):
    return register_folder(store, pictures)


def test_it_holds_the_pictures_of_the_last_scan_in_order(store, dataset):
    table, pictures = PictureTable.of(store, dataset), pictures_of(store, dataset)
    assert tuple(table) == pictures and table[3:5] == pictures[3:5] and table[-1] == pictures[-1]
    assert table.ids == tuple(picture.id for picture in pictures)
    assert tuple(table.where(label == "square" for label in table.labels)) == pictures[12:]
    assert table.smallest_and_largest == (pictures[0], pictures[0])
    assert (PictureTable(()).smallest_and_largest, table.folder_parts) == (None, frozenset())


def test_records_are_made_only_on_demand(store, dataset, monkeypatch):
    made = []
    make = picture_table.picture_of
    monkeypatch.setattr(picture_table, "picture_of", lambda row: made.append(row) or make(row))
    table = PictureTable.of(store, dataset)
    chosen = table.where(label == "square" for label in table.labels)
    assert len(chosen[4:8]) == 4 and len(made) == 4


def test_pictures_are_found_by_a_prefix_of_their_ids(store, dataset):
    picture = pictures_of(store, dataset)[7]
    assert pictures_of(store, dataset, beginning=picture.id[:12]) == (picture,)
    assert pictures_of(store, dataset, beginning="%") == ()
