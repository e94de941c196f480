"""The choice of the picture to augment: at first the first of the data set; remembered with its data set."""

from typing import Final

import streamlit as st

from cnnlab.data.records import Picture
from cnnlab.store.datasets import pictures_of
from cnnlab.store.records import DataSetRecord
from cnnlab.ui import drafts, keys, pictures
from cnnlab.ui.resources import store

CHOICE: Final = "augment_picture"
PER_PAGE: Final = 15
SMALL_SIDE: Final = 84


def choose(dataset: DataSetRecord) -> Picture | None:
    """Render the button that opens the choice; return the picture, or None if the data set has none."""
    popover = st.popover("Other picture", icon=":material/photo_library:", key=keys.AUGMENT_CHOOSE, on_change="rerun")
    if popover.open:
        with popover:
            opened = _pick(dataset)
            if opened is not None:
                drafts.remember(CHOICE, [dataset.dataset_id, opened])
    return _chosen(dataset)


def _pick(dataset: DataSetRecord) -> str | None:
    pages = max(1, -(-dataset.images // PER_PAGE))
    page = st.pagination(pages, key=keys.AUGMENT_PAGE, max_visible_pages=5) if pages > 1 else 1
    page_pictures = pictures_of(store(), dataset, offset=(min(page, pages) - 1) * PER_PAGE, limit=PER_PAGE)
    shown = pictures.tiles(page_pictures, facts=lambda picture: (picture.label,), side=SMALL_SIDE)
    with st.container(width=480):
        return pictures.grid(shown, key=keys.AUGMENT_CHOICES, side=SMALL_SIDE, openable=True)


def _chosen(dataset: DataSetRecord) -> Picture | None:
    kept = drafts.recall(CHOICE)
    if isinstance(kept, list) and len(kept) == 2 and kept[0] == dataset.dataset_id:
        for picture in pictures_of(store(), dataset, beginning=str(kept[1])):
            if picture.id == kept[1]:
                return picture
    return next(iter(pictures_of(store(), dataset, limit=1)), None)
