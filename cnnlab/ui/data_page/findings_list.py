"""The findings as a list of sentences, each with a button that shows the files concerned."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from cnnlab.data.records import Severity
from cnnlab.ui import keys, messages, pictures, wording
from cnnlab.ui.data_page.findings import Shown
from cnnlab.ui.data_page.slots import slots

MAX_SHOWN: Final = 96


def render(findings: Sequence[Shown]) -> None:
    """Render the list, if there are any findings."""
    if not findings:
        return
    with st.container(border=True, gap=None, key="data_findings"):
        for index, finding in enumerate(findings):
            _render_one(index, finding)
    wanted, slots.wanted_finding = slots.wanted_finding, None  # only once: closing the dialog must not reopen it
    if wanted is not None and wanted < len(findings):
        _show(findings[wanted])


def _render_one(index: int, shown: Shown) -> None:
    finding = shown.finding
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        icon = "warning" if finding.severity is Severity.WARNING else "info"
        st.markdown(f":material/{icon}: {wording.escape_markdown(finding.sentence)}")
        if not (shown.pictures or finding.files):
            return
        st.button(
            "Show",
            key=f"{keys.DATA_FINDING}.{index}",
            type="tertiary",
            icon=":material/visibility:",
            help="Shows the files concerned.",
            on_click=_request,
            args=(index,),
        )


def _request(index: int) -> None:
    slots.wanted_finding = index


@st.dialog("Finding", width="large", icon=":material/warning:")
@messages.guard("the finding")
def _show(shown_item: Shown) -> None:
    finding = shown_item.finding
    st.markdown(wording.escape_markdown(finding.sentence))
    if finding.files:
        st.dataframe(
            {"file": [name for name, _ in finding.files], "reason": [reason for _, reason in finding.files]},
            hide_index=True,
            column_config={"file": st.column_config.TextColumn(width="medium")},
            alt=f"{len(finding.files)} files, each with its reason",
        )
    if shown_item.pictures:
        shown = shown_item.pictures[:MAX_SHOWN]
        with st.spinner("Making thumbnails…"):
            tiles = pictures.tiles(shown, facts=lambda picture: (picture.path.name, picture.label), side=120)
        pictures.grid(tiles, key=f"{keys.DATA_FINDING}.grid", side=120)
        if len(shown_item.pictures) > len(shown):
            st.caption(f"The first {len(shown)} of {len(shown_item.pictures):,}.")
