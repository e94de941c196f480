"""The waiting runs in order, each with its position to change and a button to cancel it.

Rows do not move under the pointer: a second click on *Cancel* must not hit the next run.
"""

import time
from collections.abc import Sequence
from typing import Final

import streamlit as st

from cnnlab.models.registry import get_family
from cnnlab.store.records import RunRecord, Status
from cnnlab.ui import keys, navigation, wording
from cnnlab.ui.resources import store
from cnnlab.ui.state import Slot
from cnnlab.ui.train_page import actions

MAX_SHOWN: Final = 8
CANCELLED_SECONDS: Final = 60.0
"""How long a cancelled run keeps its row, with a button to put it back."""


class _Slots:
    cancelled: Slot[tuple[tuple[int, str, float], ...]] = Slot(())
    """Line, run id and time of each run cancelled here."""


_slots = _Slots()


def render() -> None:
    """Render the waiting runs, if there are any. Pressing a button reruns the page."""
    waiting = store().runs.queue()
    rows = _with_cancelled(waiting)
    if not rows:
        return
    with st.container(border=True, key="train_waiting", gap="small"):
        st.markdown(f"**{wording.counted(len(waiting), 'run')} waiting**")
        for line, run in enumerate(rows[:MAX_SHOWN]):
            _render_row(waiting, line, run)
        more = sum(run.status is Status.QUEUED for run in rows[MAX_SHOWN:])
        if more:
            st.caption(f"and {more} more, in the order of the table.")


def _with_cancelled(waiting: Sequence[RunRecord]) -> list[RunRecord]:
    rows = list(waiting)
    recent = sorted(entry for entry in _slots.cancelled if time.time() - entry[2] < CANCELLED_SECONDS)
    if not recent:
        return rows
    cancelled = {run.run_id: run for run in store().runs.get_many([run_id for _, run_id, _ in recent])}
    for line, run_id, _ in recent:
        if run_id in cancelled and cancelled[run_id].status is Status.STOPPED:
            rows.insert(line, cancelled[run_id])
    return rows


def _render_row(waiting: Sequence[RunRecord], line: int, run: RunRecord) -> None:
    is_waiting = run.status is Status.QUEUED
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"train_waiting_{run.run_id}"):
        with st.container(width="stretch", gap=None):
            navigation.link("train", run.name, query={keys.RUN: run.run_id})
        what = f"{get_family(run.family).title}, {wording.counted(run.epochs, 'epoch')}"
        st.caption(what if is_waiting else "cancelled", width="content")
        if is_waiting:
            _render_position(waiting, run)
        elif st.button(
            "Put back",
            icon=":material/undo:",
            key=f"{keys.TRAIN_PUT_BACK}.{run.run_id}",
            type="tertiary",
            on_click=actions.put_back,
            args=(run.run_id, line),
        ):
            st.rerun()
        if st.button(
            "Cancel",
            icon=":material/close:",
            key=f"{keys.TRAIN_CANCEL}.{run.run_id}",
            help="Removes it from the queue; you can resume it later.",
            type="tertiary",
            on_click=_cancel,
            args=(line, run.run_id),
            disabled=not is_waiting,
        ):
            st.rerun()


def _render_position(waiting: Sequence[RunRecord], run: RunRecord) -> None:
    key = f"{keys.TRAIN_POSITION}.{run.run_id}"
    st.session_state[key] = waiting.index(run) + 1
    st.selectbox(
        f"Position of {wording.escape_markdown(run.name)}",
        range(1, len(waiting) + 1),
        key=key,
        label_visibility="collapsed",
        width=90,
        on_change=lambda: actions.move(run.run_id, st.session_state[key] - 1),
    )


def _cancel(line: int, run_id: str) -> None:
    others = tuple(entry for entry in _slots.cancelled if entry[1] != run_id)
    _slots.cancelled = (*others, (line, run_id, time.time()))
    actions.stop(run_id)
