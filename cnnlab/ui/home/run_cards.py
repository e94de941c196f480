"""Cards of the last runs on the home page: name, status, best figure, a small curve. Reads records only."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from cnnlab.models.registry import get_family
from cnnlab.plots import numbers
from cnnlab.runs.records import EpochRecord, RunRecord
from cnnlab.ui import keys, progress, shell
from cnnlab.ui.resources import store

MOST_CARDS: Final = 6
MOST_POINTS: Final = 60


def draw() -> None:
    """Draw the cards of the newest runs; nothing where there are none."""
    runs = store().runs.list(limit=MOST_CARDS)
    if not runs:
        return
    epochs = store().epochs.of_many([run.number for run in runs])
    st.subheader("Last runs", anchor=False)
    with st.grid("auto", min_column_width=260, gap="small"):
        for run in runs:
            _draw_card(run, epochs[run.number])


def _draw_card(run: RunRecord, epochs: Sequence[EpochRecord]) -> None:
    with st.container(border=True, height="stretch", key=keys.home_run(run.run_id), gap="small"):
        shell.link("train", run.name, icon=progress.ICONS[run.status], query={keys.RUN: run.run_id})
        losses = [record.figures.get("val_loss") for record in epochs]
        curve = [loss for loss in losses if loss is not None][-MOST_POINTS:]
        st.metric(
            f"{get_family(run.family).title}, validation accuracy",
            numbers.percent(run.val_accuracy),
            chart_data=curve if len(curve) > 1 else None,
            help="At the best epoch; the line is the validation loss by epoch.",
        )
        st.caption(progress.status_line(run))
