"""The Train page: how a network learns, and how it is doing."""

import streamlit as st

from cnnlab.ui import messages, shell, sidebar

shell.ensure()
shell.header("train")

if sidebar.current_dataset() is None:
    messages.empty_state("Training needs pictures, and there are none yet.", button="Choose pictures", page="data")
    st.stop()
