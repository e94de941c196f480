"""A dialog with one large picture and its details, and buttons to the pictures before and after it."""

from collections.abc import Mapping

import streamlit as st

from cnnlab.data.identity import content_hash
from cnnlab.data.records import Picture
from cnnlab.names import as_unicode
from cnnlab.plots import numbers
from cnnlab.plots.bars import PART_TITLES
from cnnlab.runs.picture_table import PictureTable
from cnnlab.ui import keys, messages, pictures, wording
from cnnlab.ui.data_page.slots import slots


def open_picture(identifier: str, chosen: PictureTable, parts: Mapping[str, str]) -> None:
    """Show one of the chosen pictures in a dialog."""
    slots.opened_picture = identifier
    _dialog(chosen, parts)


@st.dialog("Picture", width="large", icon=":material/image:")
@messages.guard("the large picture")
def _dialog(chosen: PictureTable, parts: Mapping[str, str]) -> None:
    index = chosen.ids.index(slots.opened_picture) if slots.opened_picture in chosen.ids else 0
    picture = chosen[index]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        _step("Back", ":material/chevron_left:", keys.DATA_BEFORE, chosen, index - 1)
        st.markdown(f"**{wording.escape_markdown(picture.label)}** · {index + 1:,} of {len(chosen):,}", width="content")
        _step("Next", ":material/chevron_right:", keys.DATA_AFTER, chosen, index + 1)
    left, right = st.columns([1.7, 1], gap="medium")
    with left:
        pictures.large(picture.path, alt=f"{picture.label}: {picture.path.name}")
    with right:
        for title, value in _facts(picture, parts):
            st.markdown(f":gray[{title}]  \n{value}")
        st.caption("Path")
        st.code(as_unicode(str(picture.path)), language=None, wrap_lines=True)
        st.caption("Id (SHA-256 of the file)")
        st.code(content_hash(picture.id), language=None, wrap_lines=True)


def _facts(picture: Picture, parts: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return (
        ("Part", PART_TITLES.get(parts.get(picture.id, ""), "not in this split")),
        ("Size", f"{picture.width} x {picture.height} pixels"),
        ("Format", f"{picture.format}, {numbers.size(picture.size_bytes)}"),
    )


def _step(label: str, icon: str, key: str, chosen: PictureTable, index: int) -> None:
    is_there = 0 <= index < len(chosen)
    st.button(
        label,
        key=key,
        icon=icon,
        disabled=not is_there,
        on_click=_go,
        args=(chosen.ids[index] if is_there else "",),
        icon_position="right" if key == keys.DATA_AFTER else "left",
    )


def _go(identifier: str) -> None:
    slots.opened_picture = identifier
