"""Thumbnails, paged and filtered by class and part; each opens large. The choice is kept in the address."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from cnnlab.data.records import Picture
from cnnlab.plots.bars import PART_TITLES
from cnnlab.runs.picture_table import PictureTable
from cnnlab.ui import keys, messages, pictures, wording
from cnnlab.ui.address import AddressText
from cnnlab.ui.data_page import picture_dialog, reading
from cnnlab.ui.data_page.slots import slots

PAGE_SIZE: Final = 32
TILE_SIDE: Final = 112
ALL: Final = "all"

_label, _part, _page = (AddressText(name) for name in (keys.DATA_CLASS, keys.DATA_PART, keys.DATA_PAGE))


def begin_anew(dataset_id: int) -> None:
    """Reset class, part and page after a change of data set; keep those in the address of a page just opened."""
    if slots.gallery_of not in (None, dataset_id):
        st.session_state[keys.DATA_CLASS] = None
        st.session_state[keys.DATA_PART] = ALL
        _first_page()
    slots.gallery_of = dataset_id


@st.fragment
@messages.guard("the gallery")
def render(table: PictureTable, parts: Mapping[str, str], counts: Mapping[str, Mapping[str, int]]) -> None:
    """Render the filter, the pagination and the pictures."""
    chosen, page = _choose(table, parts, counts)
    if not chosen:
        st.info("No pictures in this class and part; choose others.", icon=":material/filter_alt:")
        return
    with st.spinner("Making thumbnails…", show_time=False):
        tiles = pictures.tiles(
            chosen[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
            facts=lambda picture: (picture.path.name, _where(picture, parts)),
            side=TILE_SIDE,
        )
    opened = pictures.grid(tiles, key=keys.DATA_GALLERY, side=TILE_SIDE, openable=True)
    if opened is not None:
        picture_dialog.open_picture(opened, chosen, parts)


def _choose(
    table: PictureTable, parts: Mapping[str, str], counts: Mapping[str, Mapping[str, int]]
) -> tuple[PictureTable, int]:
    present = [part for part in reading.PARTS if any(numbers[part] for numbers in counts.values())]
    _take_up(list(counts), present)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="data_filter"):
        label = st.selectbox(
            "Class",
            list(counts),
            index=None,
            key=keys.DATA_CLASS,
            placeholder="All classes",
            help="Shows only pictures of this class.",
            label_visibility="collapsed",
            width=195,
            on_change=_first_page,
        )
        part = st.segmented_control(
            "Part",
            [ALL, *present],
            format_func=_title,
            key=keys.DATA_PART,
            help="What the pictures are used for: training, validation, or a final test.",
            label_visibility="collapsed",
            required=True,
            on_change=_first_page,
        )
        chosen = reading.selected(table, parts, label=label, part=None if part in (None, ALL) else part)
        page = _choose_page(len(chosen))
        if label or part not in (None, ALL):
            st.caption(f"{wording.counted(len(chosen), 'picture')} of {len(table):,}", width="content")
    _label.show(label or "")
    _part.show("" if part in (None, ALL) else _title(part))
    _page.show("" if page == 1 else str(page))
    return chosen, page


def _take_up(labels: Sequence[str], present: Sequence[str]) -> None:
    """Widgets not rendered yet start with the values in the address; a missing value means all."""
    by_title = {_title(part): part for part in present}
    number = _page.read()
    chosen = {
        keys.DATA_CLASS: _label.read(),
        keys.DATA_PART: by_title.get(_part.read(), ALL),
        keys.DATA_PAGE: int(number) if number.isdecimal() else 1,
    }
    for key, value in chosen.items():
        st.session_state.setdefault(key, value)
    if st.session_state[keys.DATA_CLASS] not in labels:
        st.session_state[keys.DATA_CLASS] = None
    if st.session_state[keys.DATA_PART] not in (ALL, *present):
        st.session_state[keys.DATA_PART] = ALL


def _choose_page(count: int) -> int:
    pages = max(1, math.ceil(count / PAGE_SIZE))
    if pages == 1:
        st.session_state.pop(keys.DATA_PAGE, None)
        return 1
    if not 1 <= st.session_state.get(keys.DATA_PAGE, 1) <= pages:
        st.session_state[keys.DATA_PAGE] = pages
    return min(pages, st.pagination(pages, key=keys.DATA_PAGE, max_visible_pages=5))


def _first_page() -> None:
    st.session_state[keys.DATA_PAGE] = 1


def _title(part: str) -> str:
    return str(PART_TITLES.get(part, part)).capitalize()


def _where(picture: Picture, parts: Mapping[str, str]) -> str:
    return f"{picture.label} · {PART_TITLES.get(parts.get(picture.id, ''), 'no part')}"
