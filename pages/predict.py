"""The Predict page: trained networks on other pictures."""

import streamlit as st

from cnnlab.runs.records import Status
from cnnlab.ui import messages, shell, wording
from cnnlab.ui.resources import store

shell.ensure()
shell.header("predict")

runs = store().runs.list(status={Status.FINISHED}, limit=200)
if not runs:
    messages.empty_state("A prediction needs a trained network.", button="Train a network", page="train")
    st.stop()

st.markdown(f"{wording.counted(len(runs), 'trained network')} can be tried; on the command line: `cnnlab predict`.")
shell.next_step("compare")
