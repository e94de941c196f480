"""How much disk space the workspace uses, and how to free some without losing results. Counted only when opened."""

from collections.abc import Sequence

import streamlit as st

from cnnlab.plots import numbers
from cnnlab.runs import housekeeping
from cnnlab.runs.folder import size_of
from cnnlab.runs.housekeeping import DiskUse, run_folder
from cnnlab.store.records import ENDED, RunRecord
from cnnlab.ui import keys, messages, wording
from cnnlab.ui.resources import store


def render() -> None:
    """Render the folded panel."""
    folded = st.expander("Disk use", key=keys.TRAIN_DISK, on_change="rerun", icon=":material/hard_drive:")
    if folded.open:
        with folded, messages.guard("the disk use"):
            _render_open()


def clearable() -> list[RunRecord]:
    """Runs that ended and keep their best weights outside the checkpoints, so that clearing these loses no result."""
    ended = store().runs.list(status=ENDED)
    folders = ((run, run_folder(store(), run)) for run in ended)
    return [run for run, folder in folders if folder.best.is_file() and folder.checkpoints.is_dir()]


def _render_open() -> None:
    with st.spinner("Counting …"):
        use = housekeeping.disk_use(store())
        runs = clearable()
    with st.container(horizontal=True, gap="medium"):
        for title, size, meant in _figures(use):
            st.markdown(f"{title}: **{numbers.size(size)}**", help=meant, width="content")
    freed = sum(size_of(run_folder(store(), run).checkpoints) for run in runs)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Clear checkpoints of old runs",
            key=keys.TRAIN_CLEAR,
            icon=":material/cleaning_services:",
            on_click=_clear,
            args=([run.run_id for run in runs],),
            disabled=not runs,
        )
        st.caption(
            f"Frees {numbers.size(freed)} in {wording.counted(len(runs), 'ended run')}. Curves, predictions and best "
            "weights are kept; stopped and failed runs can no longer be resumed, only cloned."
            if runs
            else "No ended run has checkpoints.",
            width="stretch",
        )


def _figures(use: DiskUse) -> Sequence[tuple[str, int, str]]:
    return (
        ("Runs", use.runs, "Weights, checkpoints, logs and predictions."),
        ("incl. checkpoints", use.checkpoints, "Runs are resumed from these; the two newest of each run are kept."),
        ("Pictures", use.datasets, "Pictures that the lab made or unpacked; your own stay where they are."),
        ("Cache", use.cache, "Pictures at working size; can be deleted at any time."),
        ("Figures", use.store, "The database with curves and settings."),
        ("Free", use.free, "Free space on the disk."),
    )


def _clear(run_ids: Sequence[str]) -> None:
    with messages.guard_callback("checkpoints"):
        freed = sum(housekeeping.clear_checkpoints(store(), run_id) for run_id in run_ids)
        messages.add_notice(f"{numbers.size(freed)} freed.")
