"""The Data page: which pictures there are, and how they are divided."""

import streamlit as st

from cnnlab.ui import messages, shell, sidebar, wording

shell.ensure()
shell.header("data")

dataset = sidebar.current_dataset()
if dataset is None:
    messages.empty_state(
        "There are no pictures yet. On Home, *Show me* brings drawings of two animals and trains on them.",
        button="Go to Home",
        page="home",
    )
    st.stop()

with st.container(horizontal=True):
    st.metric("Pictures", f"{dataset.images:,}")
    st.metric("Classes", len(dataset.classes))
    st.metric("Unreadable", len(dataset.unreadable), help="Files that could not be decoded; they are left out.")
    st.metric("Identical", len(dataset.duplicates), help="Groups of files with the same content.")
for warning in dataset.warnings:
    st.warning(warning)
st.dataframe(
    {"class": list(dataset.counts), "pictures": list(dataset.counts.values())},
    hide_index=True,
    width="content",
    alt=f"Pictures of each class of {dataset.name}",
)
st.caption(f"{wording.counted(dataset.images, 'picture')} in {dataset.path}")
shell.next_step("augment")
