"""The table of runs to tick, with a filter; the ticked runs are kept in the address."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import streamlit as st

from cnnlab.errors import RunNotFoundError
from cnnlab.models.registry import family_names, get_family
from cnnlab.store.records import EpochRecord, RunRecord
from cnnlab.store.store import Store
from cnnlab.ui import address, keys, progress, wording
from cnnlab.ui.resources import store

ALL: Final = "all"
LOOKED_AT: Final = 1000
MAX_RUNS: Final = 20
CURVE_POINTS: Final = 40
TICKED_AT_FIRST: Final = 3
LOSSES_KEPT: Final = 2 * LOOKED_AT


def choose() -> list[RunRecord]:
    """Render the filter and the table; return all ticked runs, newest first, even those the filter hides."""
    runs = store().runs.list(limit=LOOKED_AT)
    ticked = _ticked(runs)
    filtered = _filtered(runs)
    _render_table(filtered, ticked)
    hidden = len(ticked.keys() - {run.run_id for run in filtered})
    if hidden:
        st.caption(f"{wording.counted(hidden, 'ticked run')} hidden by the filter.")
    if st.session_state.get(keys.COMPARE_TRIMMED):
        st.warning(f"At most {MAX_RUNS} runs can be compared, so only the first {MAX_RUNS} ticked are shown.")
    st.caption(f"Tick up to {MAX_RUNS} runs. The address of this page contains them, so you can share it.")
    return sorted(ticked.values(), key=lambda run: -run.number)


def _render_table(runs: Sequence[RunRecord], ticked: Mapping[str, RunRecord]) -> None:
    if not runs:
        st.info("No run matches the filter.")
        return
    st.dataframe(
        _columns(runs),
        hide_index=True,
        placeholder="–",
        key=_table_key(runs),
        on_select=lambda: _note_ticks(runs),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [row for row, run in enumerate(runs) if run.run_id in ticked]}},
        height=min(40 + 35 * len(runs), 480),
        column_config={
            "run": st.column_config.TextColumn(width=104),
            "acc. (%)": st.column_config.NumberColumn(
                format="%.1f", width=58, help="Validation accuracy at the best epoch."
            ),
            "loss": st.column_config.LineChartColumn(y_min=0, width=56, help="Validation loss by epoch."),
            "status": st.column_config.TextColumn(width=68),
            "data set": st.column_config.TextColumn(width=70),
        },
        alt=f"{wording.counted(len(runs), 'run')} to tick, with validation accuracy and loss",
    )


def _filtered(runs: Sequence[RunRecord]) -> list[RunRecord]:
    wide, narrow = st.columns([1.7, 1], gap="small")
    text = wide.text_input(
        "Filter",
        key=keys.COMPARE_FILTER,
        placeholder="name, tag, status …",
        help="Shows runs with every one of these words in their name, id, family, preset, status, tags or note.",
        persist_state="session",
    )
    family = narrow.selectbox(
        "Family",
        [ALL, *family_names()],
        format_func=lambda name: name if name == ALL else get_family(name).title,
        key=keys.COMPARE_FAMILY,
        persist_state="session",
    )
    words = text.lower().split()
    return [
        run
        for run in runs
        if (family in (ALL, None) or run.family == family) and all(word in _searched(run) for word in words)
    ]


def _searched(run: RunRecord) -> str:
    return " ".join((run.name, run.run_id, run.status, run.family, run.preset, run.note, *run.tags)).lower()


def _ticked(runs: Sequence[RunRecord]) -> dict[str, RunRecord]:
    """Runs named in the address, else the newest validated ones that can be compared with each other."""
    named = _named({run.run_id: run for run in runs})
    if not named and keys.COMPARE_TOUCHED not in st.session_state:
        judged = [run for run in runs if run.val_accuracy is not None]
        alike = [run for run in judged if _judged_on(run) == _judged_on(judged[0])][:TICKED_AT_FIRST]
        named = {run.run_id: run for run in alike}
    address.compared.set(list(named))
    return named


def _judged_on(run: RunRecord) -> tuple[str | None, str | None]:
    return run.fingerprint, run.split_hash


def _named(known: Mapping[str, RunRecord]) -> dict[str, RunRecord]:
    """Runs by the ids in the address; missing ones (deleted in another tab, say) are reported once."""
    named: dict[str, RunRecord] = {}
    for name in address.compared.get()[:MAX_RUNS]:
        try:
            run = known.get(name) or store().runs.find(name)
        except RunNotFoundError as error:
            st.warning(f"{wording.escape_markdown(str(error))} It was removed from the comparison.")
            continue
        named[run.run_id] = run
    return named


def _note_ticks(runs: Sequence[RunRecord]) -> None:
    rows = st.session_state[_table_key(runs)]["selection"]["rows"]
    shown = {run.run_id for run in runs}
    hidden = [run_id for run_id in address.compared.get() if run_id not in shown]
    wanted = [*hidden, *(runs[row].run_id for row in sorted(rows) if row < len(runs))]
    st.session_state[keys.COMPARE_TOUCHED] = True
    st.session_state[keys.COMPARE_TRIMMED] = len(wanted) > MAX_RUNS
    address.compared.set(wanted[:MAX_RUNS])


def _table_key(runs: Sequence[RunRecord]) -> str:
    """Ticks are kept by row number, so a different set of rows needs a different table."""
    return keys.compare_table(tuple(run.number for run in runs))


def _columns(runs: Sequence[RunRecord]) -> dict[str, list[Any]]:
    losses = _losses(runs)
    names = {dataset.dataset_id: dataset.name for dataset in store().datasets.all()}
    return {
        "run": [run.name for run in runs],
        "acc. (%)": [None if run.val_accuracy is None else 100 * run.val_accuracy for run in runs],
        "data set": [names.get(run.dataset_id or 0, "–") for run in runs],
        "status": [progress.status_word(run) for run in runs],
        "loss": [losses[run.run_id] for run in runs],
        "tags": [", ".join(run.tags) for run in runs],
    }


def _losses(runs: Sequence[RunRecord]) -> dict[str, list[float]]:
    """Validation losses of each run, thinned; read from the store only for runs with new epochs."""
    kept = _kept_losses(store())
    losses = {run.run_id: kept[_version(run)] for run in runs if _version(run) in kept}
    new = [run for run in runs if run.run_id not in losses]
    epochs = store().epochs.of_many([run.number for run in new])
    for run in new:
        kept[_version(run)] = losses[run.run_id] = _curve(epochs[run.number])
    if len(kept) > LOSSES_KEPT:
        _kept_losses.cache_clear()
    return losses


def _version(run: RunRecord) -> tuple[str, int, int]:
    return run.run_id, run.attempt, run.epoch


@lru_cache(maxsize=4)
def _kept_losses(_store: Store) -> dict[tuple[str, int, int], list[float]]:
    return {}


def _curve(epochs: Sequence[EpochRecord]) -> list[float]:
    losses = [loss for record in epochs if (loss := record.figures.get("val_loss")) is not None]
    stride = max(1, -(-len(losses) // CURVE_POINTS))
    return losses[::stride]
