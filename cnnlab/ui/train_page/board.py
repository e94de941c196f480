"""Below the curves: the queue, the table of all runs, and disk use. Updates itself while a run is active or waiting."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from cnnlab.runs.lifecycle import recognise_dead
from cnnlab.store.records import ACTIVE, DataSetRecord, Status
from cnnlab.ui import messages, wording
from cnnlab.ui.resources import store
from cnnlab.ui.train_page import disk, queue, runs_table

LOOK_SECONDS: Final = 2.0


def render(shown: Sequence[str], dataset: DataSetRecord) -> None:
    """Render all of it, or a hint before the first run. `shown` are the runs whose curves are above."""
    if not store().runs.list(limit=1):
        name = wording.escape_markdown(dataset.name)
        st.info(f"Nothing has been trained yet. *Start* trains a network on {name} with the settings on this page.")
        return
    is_busy = bool(store().runs.list(status={*ACTIVE, Status.QUEUED}, limit=1))
    st.fragment(_render_runs, run_every=LOOK_SECONDS if is_busy else None)(tuple(shown))
    disk.render()


@messages.guard("the table of runs")
def _render_runs(shown: Sequence[str]) -> None:
    recognise_dead(store())
    queue.render()
    runs_table.render(shown)
