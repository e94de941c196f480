"""The choice of weights to start from: an earlier run from a list, or a typed path."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from cnnlab.models.registry import get_preset
from cnnlab.parameters import Parameter
from cnnlab.plots import numbers
from cnnlab.runs.housekeeping import run_folder
from cnnlab.store.records import RunRecord
from cnnlab.ui.next_run import choices
from cnnlab.ui.resources import store

LOOKED_AT: Final = 60


def render(setting: Parameter, *, key: str) -> None:
    """Render the select box; runs of the chosen family come first, since others do not fit."""
    runs = {run.run_id: run for run in offered(choices.architecture().family)}

    def describe(origin: str) -> str:
        run = runs.get(origin)
        if run is None:
            return origin
        accuracy = "" if run.val_accuracy is None else f" · {numbers.percent(run.val_accuracy)}"
        return f"{run.name} · {get_preset(run.family, run.preset).title}{accuracy}"

    st.selectbox(
        setting.title,
        list(runs),
        index=None,
        format_func=describe,
        accept_new_options=True,
        placeholder="none: a run, or a path",
        key=key,
        help=setting.help,
        persist_state="session",
    )


def offered(family: str) -> Sequence[RunRecord]:
    """Runs that have weights: those of the given family first, newest first."""
    runs = store().runs.list(limit=LOOKED_AT)
    usable = [run for run in runs if run.epoch > 0 and run_folder(store(), run).weights() is not None]
    return sorted(usable, key=lambda run: run.family != family)
