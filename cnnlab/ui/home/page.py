"""Home: what this is, where to begin, and what happened last."""

import streamlit as st

from cnnlab.ui import keys, shell


def draw() -> None:
    """The whole page."""
    shell.header("home")
    with st.container(horizontal=True):
        if st.button("Use my own pictures", key=keys.HOME_OWN, icon=":material/photo_library:"):
            shell.go_to("data")
