"""What the page reads: pictures and parts of a data set, and whether its folder changed; cached in memory."""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

import streamlit as st

from cnnlab.errors import DataError
from cnnlab.runs.picture_table import PictureTable
from cnnlab.store.datasets import list_folder
from cnnlab.store.records import DataSetRecord, SplitRecord
from cnnlab.store.store import Store
from cnnlab.ui.data_page import findings
from cnnlab.ui.data_page.findings import Shown
from cnnlab.ui.resources import store

PARTS: Final = ("train", "val", "test")
MAX_WATCHED: Final = 30_000
"""Larger folders are only checked on request: listing their files takes too long for a page."""
_SECONDS_BETWEEN_LOOKS: Final = 20


def pictures(dataset: DataSetRecord) -> PictureTable:
    """The pictures of a data set as they were at its last scan."""
    return _pictures(store(), dataset.dataset_id, dataset.scanned)


def findings_of(dataset: DataSetRecord) -> tuple[Shown, ...]:
    """What is odd about the pictures of a data set."""
    return _findings(store(), dataset.dataset_id, dataset.scanned)


def counts_by_part(table: PictureTable, split: SplitRecord) -> dict[str, dict[str, int]]:
    """Number of pictures by class and part."""
    counts: dict[str, dict[str, int]] = {}
    for (label, part), count in Counter(zip(table.labels, map(split.parts.get, table.ids), strict=True)).items():
        parts = counts.setdefault(label, dict.fromkeys(PARTS, 0))
        if part is not None:
            parts[part] += count
    return counts


def selected(table: PictureTable, parts: Mapping[str, str], *, label: str | None, part: str | None) -> PictureTable:
    """The pictures of a class and a part; None means all."""
    if label is None and part is None:
        return table
    return table.where(
        label in (None, own) and (part is None or parts.get(identifier) == part)
        for own, identifier in zip(table.labels, table.ids, strict=True)
    )


def what_changed(dataset: DataSetRecord) -> str | None:
    """A sentence if the folder has changed since its last scan, else None."""
    if not Path(dataset.path).is_dir():
        return f"The folder {dataset.path} no longer exists; put it back, or forget this data set."
    if dataset.images > MAX_WATCHED or _listing(dataset.path, dataset.scanned) in (None, dataset.listing):
        return None
    return "Files in the folder have changed since the last look."


@lru_cache(maxsize=4)  # records are immutable, and a scan makes new ones
def _pictures(opened: Store, dataset_id: int, scanned: float) -> PictureTable:
    dataset = opened.datasets.get(dataset_id)
    return PictureTable(()) if dataset is None else PictureTable.of(opened, dataset)


@lru_cache(maxsize=4)
def _findings(opened: Store, dataset_id: int, scanned: float) -> tuple[Shown, ...]:
    dataset = opened.datasets.get(dataset_id)
    return () if dataset is None else findings.find(dataset, _pictures(opened, dataset_id, scanned))


@st.cache_data(max_entries=16, ttl=_SECONDS_BETWEEN_LOOKS, show_spinner=False)
def _listing(path: str, scanned: float) -> str | None:
    try:
        return list_folder(Path(path))
    except (DataError, OSError):
        return None
