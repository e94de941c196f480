"""The table below the curves: active, waiting and ended runs; ticking rows shows the curves of those runs."""

from collections.abc import Sequence
from typing import Any, Final

import streamlit as st

from cnnlab.models.registry import get_family
from cnnlab.plots import numbers
from cnnlab.store.records import RunRecord, Status
from cnnlab.ui import address, keys, progress
from cnnlab.ui.resources import store

MAX_ROWS: Final = 200
MAX_SHOWN: Final = 6
STATUS_PX: Final = 134
"""Room for `failed: configuration`: a column keeps the width that fits its first texts."""


def runs_shown() -> list[RunRecord]:
    """The runs named in the address, else active and waiting ones, else the newest.

    Raises:
        RunNotFoundError: the address names an unknown run.
    """
    named = address.runs.get()
    if named:
        return [store().runs.find(run_id) for run_id in named[:MAX_SHOWN]]
    newest = store().runs.list(limit=MAX_SHOWN)
    busy = [run for run in reversed(newest) if run.is_active or run.status is Status.QUEUED]
    return busy or list(newest[:1])


def render(shown: Sequence[str]) -> None:
    """Render the table, with the runs of these ids ticked."""
    runs = _ordered(store().runs.list(limit=MAX_ROWS))
    key = keys.train_table(tuple(run.number for run in runs), tuple(shown))  # ticks are kept by row number
    st.dataframe(
        _columns(runs),
        hide_index=True,
        key=key,
        on_select=lambda: _show_ticked(key, runs),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [row for row, run in enumerate(runs) if run.run_id in shown]}},
        height=min(38 + 35 * len(runs), 300),
        column_config={
            "status": st.column_config.TextColumn(width=STATUS_PX),
            "progress (%)": st.column_config.ProgressColumn(format="%d", min_value=0, max_value=100, width=86),
            "accuracy (%)": st.column_config.TextColumn(help="Validation, at the best epoch."),
            "loss (nats)": st.column_config.TextColumn(help="Validation, at the best epoch."),
        },
        alt=f"{len(runs)} runs with status, progress and figures at the best epoch",
    )
    st.caption(
        f"Tick up to {MAX_SHOWN} runs to see their curves together. Waiting runs start from the top, and runs "
        "continue when you close this page, the browser or the terminal."
    )


def _ordered(runs: Sequence[RunRecord]) -> list[RunRecord]:
    """Active runs, then the queue in order, then ended runs, newest first."""
    active = [run for run in runs if run.is_active]
    waiting = sorted((run for run in runs if run.status is Status.QUEUED), key=lambda run: (run.position, run.number))
    return [*active, *waiting, *(run for run in runs if not run.is_active and run.status is not Status.QUEUED)]


def _status(run: RunRecord) -> str:
    word = progress.status_word(run)
    return f"{word}: {run.category}" if run.status is Status.FAILED and run.category else word


def _columns(runs: Sequence[RunRecord]) -> dict[str, list[Any]]:
    return {
        "run": [run.name for run in runs],
        "status": [_status(run) for run in runs],
        "progress (%)": [round(100 * progress.share_done(run)) for run in runs],
        "family": [get_family(run.family).title for run in runs],
        "epochs": [f"{run.epoch} of {run.epochs}" for run in runs],
        "accuracy (%)": ["–" if run.val_accuracy is None else f"{100 * run.val_accuracy:.1f}" for run in runs],
        "loss (nats)": [numbers.three_digits(run.val_loss) for run in runs],
        "time": [numbers.duration(run.seconds) if run.seconds else "–" for run in runs],
        "device": [run.device for run in runs],
    }


def _show_ticked(key: str, runs: Sequence[RunRecord]) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    address.runs.set([runs[row].run_id for row in rows if row < len(runs)][:MAX_SHOWN])
