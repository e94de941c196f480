"""The choice of runs that predict: up to six, kept in the address."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from cnnlab.analysis.comparison import leaders
from cnnlab.errors import RunNotFoundError
from cnnlab.helper.predict import MAX_RUNS
from cnnlab.plots import numbers
from cnnlab.runs.housekeeping import run_folder
from cnnlab.store.records import RunRecord
from cnnlab.ui import address, keys, messages
from cnnlab.ui.resources import store

LOOKED_AT: Final = 200
ASKED_AT_FIRST: Final = 3


def usable_runs() -> list[RunRecord]:
    """Runs with weights on disk, newest first; an active run has them after its first checkpoint."""
    runs = store().runs.list(limit=LOOKED_AT)
    return [run for run in runs if run.epoch > 0 and run_folder(store(), run).weights() is not None]


def choose(usable: Sequence[RunRecord]) -> list[RunRecord]:
    """The chosen runs: at first those named in the address, else the best of each family."""
    by_id = {run.run_id: run for run in usable}
    if keys.PREDICT_RUNS not in st.session_state:
        st.session_state[keys.PREDICT_RUNS] = _named(by_id) or _best_of_each_family(usable)
    else:
        st.session_state[keys.PREDICT_RUNS] = [
            run_id for run_id in st.session_state[keys.PREDICT_RUNS] if run_id in by_id
        ]
    chosen = st.multiselect(
        "Runs",
        list(by_id),
        key=keys.PREDICT_RUNS,
        format_func=lambda run_id: _title(by_id[run_id]),
        max_selections=MAX_RUNS,
        placeholder="Choose up to six",
        help="Each run uses its own pre-processing and its best weights so far.",
        wrap=True,
        persist_state="session",
    )
    address.compared.set(chosen)
    return [by_id[run_id] for run_id in chosen]


def _named(by_id: dict[str, RunRecord]) -> list[str]:
    run_ids = []
    for name in address.compared.get()[:MAX_RUNS]:
        try:
            run_id = store().runs.find(name).run_id
        except RunNotFoundError as error:
            messages.show_error(str(error))
            continue
        if run_id in by_id:
            run_ids.append(run_id)
    return run_ids


def _best_of_each_family(usable: Sequence[RunRecord]) -> list[str]:
    """The best run of each family on the newest run's data set; the newest of a family if none has been validated."""
    alike = [run for run in usable if run.fingerprint == usable[0].fingerprint]
    best = []
    for family in dict.fromkeys(run.family for run in alike):
        runs = [run for run in alike if run.family == family]
        best.append((leaders(runs) or runs[:1])[-1].run_id)
    return best[:ASKED_AT_FIRST]


def _title(run: RunRecord) -> str:
    return run.name if run.val_accuracy is None else f"{run.name} · {numbers.percent(run.val_accuracy)}"
