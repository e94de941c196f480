"""The Compare page: finished runs side by side."""

import streamlit as st

from cnnlab.plots import numbers
from cnnlab.runs.records import Status
from cnnlab.ui import messages, shell
from cnnlab.ui.resources import store

shell.ensure()
shell.header("compare")

runs = store().runs.list(status={Status.FINISHED}, limit=200)
if not runs:
    messages.empty_state("Nothing has been trained to its end yet.", button="Train a network", page="train")
    st.stop()

st.dataframe(
    {
        "run": [run.name for run in runs],
        "family": [run.family for run in runs],
        "validation accuracy (%)": [numbers.percent(run.val_accuracy) for run in runs],
        "validation loss (nats)": [numbers.three_digits(run.val_loss) for run in runs],
        "best epoch": [run.best_epoch for run in runs],
        "time": [numbers.duration(run.seconds) for run in runs],
    },
    hide_index=True,
    alt="Finished runs with their figures at the best epoch",
)
shell.next_step("predict")
