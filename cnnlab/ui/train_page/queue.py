"""What waits, in the order in which it will be taken: moved forward and back, or taken out. Starts nothing."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from cnnlab.models.registry import get_family
from cnnlab.runs.records import RunRecord
from cnnlab.ui import keys, shell, wording
from cnnlab.ui.resources import store
from cnnlab.ui.train_page import actions

MOST_SHOWN: Final = 8


def draw() -> None:
    """Draw the waiting runs; nothing where none waits. Pressing a button draws the page anew."""
    waiting = store().runs.queue()
    if not waiting:
        return
    with st.container(border=True, key="train_waiting", gap="small"):
        st.markdown(f"**{wording.counted(len(waiting), 'run')} waiting**")
        for place, run in enumerate(waiting[:MOST_SHOWN]):
            _draw_row(waiting, place, run)
        if len(waiting) > MOST_SHOWN:
            st.caption(f"and {len(waiting) - MOST_SHOWN} more, in the order of the table.")


def _draw_row(waiting: Sequence[RunRecord], place: int, run: RunRecord) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"train_waiting_{run.run_id}"):
        with st.container(width="stretch", gap=None):
            shell.link("train", f"{place + 1}. {run.name}", query={keys.RUN: run.run_id})
        st.caption(f"{get_family(run.family).title}, {wording.counted(run.epochs, 'epoch')}", width="content")
        _button("To the front", ":material/vertical_align_top:", keys.TRAIN_FRONT, run, 0, is_off=place == 0)
        _button("Up", ":material/arrow_upward:", keys.TRAIN_UP, run, place - 1, is_off=place == 0)
        _button("Down", ":material/arrow_downward:", keys.TRAIN_DOWN, run, place + 1, is_off=run is waiting[-1])
        if st.button(
            "Cancel",
            icon=":material/close:",
            key=f"{keys.TRAIN_CANCEL}.{run.run_id}",
            help="Takes it out of the queue; it can be resumed later.",
            type="tertiary",
            on_click=actions.stop,
            args=(run.run_id,),
        ):
            st.rerun()


def _button(label: str, icon: str, key: str, run: RunRecord, place: int, *, is_off: bool) -> None:
    if st.button(
        label,
        icon=icon,
        key=f"{key}.{run.run_id}",
        type="tertiary",
        on_click=actions.move,
        args=(run.run_id, place),
        disabled=is_off,
    ):
        st.rerun()
