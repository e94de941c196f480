"""The table of runs to tick, with a filter; what is ticked stands in the address. Compares nothing."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from cnnlab.errors import RunNotFoundError
from cnnlab.models.registry import family_names, get_family
from cnnlab.runs.records import EpochRecord, RunRecord
from cnnlab.ui import address, keys, messages, progress, wording
from cnnlab.ui.resources import store

LOOKED_AT: Final = 1000
MOST_RUNS: Final = 20
CURVE_POINTS: Final = 40
TICKED_AT_FIRST: Final = 3


def choose() -> list[RunRecord]:
    """Draw filter and table; gives the runs that are ticked, the newest first."""
    found = _filtered(store().runs.list(limit=LOOKED_AT))
    by_id = {run.run_id: run for run in found}
    ticked = _ticked(by_id)
    epochs = store().epochs.of_many([run.number for run in found])
    st.dataframe(
        _columns(found, epochs),
        hide_index=True,
        key=_table_key(found),
        on_select=lambda: _note_ticks(found),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [place for place, run in enumerate(found) if run.run_id in ticked]}},
        height=min(40 + 35 * max(1, len(found)), 520),
        column_config={
            "accuracy (%)": st.column_config.NumberColumn(format="%.1f", help="Validation, at the best epoch."),
            "validation loss": st.column_config.LineChartColumn(y_min=0, help="By epoch."),
        },
        alt=f"{wording.counted(len(found), 'run')} to tick, with validation accuracy and loss",
    )
    st.caption(f"Tick up to {MOST_RUNS} runs. They stand in the address of this page, which can be shared.")
    return [by_id[run_id] for run_id in by_id if run_id in ticked]


def _filtered(runs: Sequence[RunRecord]) -> list[RunRecord]:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        text = st.text_input(
            "Filter",
            key=keys.COMPARE_FILTER,
            placeholder="name, tag, status …",
            help="Shows runs of which name, tags, status, preset or note contain every word.",
            width="stretch",
            persist_state="session",
        )
        family = st.selectbox(
            "Family",
            [None, *family_names()],
            format_func=lambda name: "all" if name is None else get_family(name).title,
            key=keys.COMPARE_FAMILY,
            width=120,
            persist_state="session",
        )
    words = text.lower().split()
    return [
        run
        for run in runs
        if (family is None or run.family == family) and all(word in _searched(run) for word in words)
    ]


def _searched(run: RunRecord) -> str:
    return " ".join((run.name, run.run_id, run.status, run.family, run.preset, run.note, *run.tags)).lower()


def _ticked(shown: Mapping[str, RunRecord]) -> set[str]:
    """Ids that the address names, else the newest finished runs that may be compared with each other."""
    named: list[str] = []
    for name in address.compared.get()[:MOST_RUNS]:
        try:
            named.append(store().runs.find(name).run_id)
        except RunNotFoundError as error:
            messages.show_error(str(error))
    if named or keys.COMPARE_TOUCHED in st.session_state:
        return set(named)
    judged = [run for run in shown.values() if run.val_accuracy is not None]
    alike = [run for run in judged if run.split_hash == judged[0].split_hash][:TICKED_AT_FIRST]
    address.compared.set([run.run_id for run in alike])
    return {run.run_id for run in alike}


def _note_ticks(found: Sequence[RunRecord]) -> None:
    rows = st.session_state[_table_key(found)]["selection"]["rows"]
    hidden = [run_id for run_id in address.compared.get() if run_id not in {run.run_id for run in found}]
    st.session_state[keys.COMPARE_TOUCHED] = True
    address.compared.set([*hidden, *(found[row].run_id for row in rows if row < len(found))][:MOST_RUNS])


def _table_key(found: Sequence[RunRecord]) -> str:
    """Ticks are kept by row number: another set of rows is another table."""
    return keys.compare_table(tuple(run.number for run in found))


def _columns(runs: Sequence[RunRecord], epochs: Mapping[int, Sequence[EpochRecord]]) -> dict[str, list[Any]]:
    return {
        "run": [run.name for run in runs],
        "accuracy (%)": [None if run.val_accuracy is None else 100 * run.val_accuracy for run in runs],
        "validation loss": [_curve(epochs[run.number]) for run in runs],
        "status": [progress.status_word(run) for run in runs],
        "tags": [", ".join(run.tags) for run in runs],
    }


def _curve(epochs: Sequence[EpochRecord]) -> list[float]:
    losses = [loss for record in epochs if (loss := record.figures.get("val_loss")) is not None]
    stride = max(1, -(-len(losses) // CURVE_POINTS))
    return losses[::stride]
