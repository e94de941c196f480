"""The current data set, chosen in the sidebar: every page shows it and the next run trains on it."""

from typing import Final

import streamlit as st

from cnnlab.store.records import DataSetRecord
from cnnlab.ui import drafts, keys
from cnnlab.ui.resources import store
from cnnlab.ui.state import session

LAST_DATASET: Final = "dataset"


def current_dataset() -> DataSetRecord | None:
    """The data set chosen in the sidebar, or None if there is none."""
    label = st.session_state.get(keys.DATASET)
    return labelled_datasets().get(label) if label else None


def choose_dataset(dataset: DataSetRecord) -> None:
    """Make a data set the current one when the page is next rendered; called once it has been registered."""
    drafts.remember(LAST_DATASET, dataset.dataset_id)
    st.session_state.pop(keys.DATASET, None)
    session.chosen_dataset = dataset.dataset_id


def choose_none() -> None:
    """Clear the choice once there is nothing left to choose from."""
    drafts.remember(LAST_DATASET, None)
    st.session_state.pop(keys.DATASET, None)
    st.query_params.pop(keys.DATASET, None)


def labelled_datasets() -> dict[str, DataSetRecord]:
    """Data sets by unique name, since the name appears in the address."""
    labelled: dict[str, DataSetRecord] = {}
    for dataset in store().datasets.all():
        label = dataset.name if dataset.name not in labelled else f"{dataset.name} ({dataset.dataset_id})"
        labelled[label] = dataset
    return labelled
