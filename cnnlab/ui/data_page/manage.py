"""What can be done with a data set: rename it, scan its folder again, or forget it."""

from typing import Final

import streamlit as st

from cnnlab.store import datasets
from cnnlab.store.records import DataSetRecord
from cnnlab.ui import keys, messages, wording
from cnnlab.ui.data_page import work
from cnnlab.ui.messages import guard_callback
from cnnlab.ui.next_run.dataset import choose_dataset, choose_none
from cnnlab.ui.resources import store

MAX_LETTERS: Final = 60


def render(dataset: DataSetRecord) -> None:
    """Render the buttons."""
    st.button(
        "Look again",
        key=keys.DATA_LOOK_AGAIN,
        icon=":material/refresh:",
        help="Reads the folder again after files were added, changed or removed.",
        width="stretch",
        on_click=look_again,
        args=(dataset,),
    )
    with st.container(horizontal=True, gap="small"):
        with st.popover("Rename", icon=":material/edit:"):
            _render_name(dataset)
        with st.popover("Forget", icon=":material/delete:", key=keys.DATA_FORGET_ASK):
            st.markdown(what_goes(dataset))
            st.button("Forget it", key=keys.DATA_FORGET, type="primary", on_click=_forget, args=(dataset,))


def look_again(dataset: DataSetRecord) -> None:
    """Scan the folder again, in the background."""
    with guard_callback(f"data set {dataset.dataset_id}"):
        work.start("scan", {"path": dataset.path, "again": True})


def what_goes(dataset: DataSetRecord) -> str:
    """What forgetting removes, and what it keeps."""
    runs = sum(run.dataset_id == dataset.dataset_id for run in store().runs.list())
    stays = f" {wording.counted(runs, 'run')} trained on it will be kept." if runs else ""
    pictures, name = wording.counted(dataset.images, "picture"), wording.escape_markdown(dataset.name)
    if dataset.owned:
        return f"**{name}** is removed from the list, and its {pictures}, made by the lab, will be **deleted**.{stays}"
    where = wording.escape_markdown(dataset.path)
    return f"**{name}** is removed from the list. Its {pictures} stay where they are, in {where}.{stays}"


def _render_name(dataset: DataSetRecord) -> None:
    key = f"{keys.DATA_NAME}.{dataset.dataset_id}"
    st.text_input(
        "Name",
        value=dataset.name,
        max_chars=MAX_LETTERS,
        key=key,
        help="What the lab calls this data set; its folder keeps its name.",
    )
    st.button("Rename", key=keys.DATA_RENAME, type="primary", on_click=_rename, args=(dataset, key))


def _rename(dataset: DataSetRecord, key: str) -> None:
    with guard_callback(f"data set {dataset.dataset_id}"):
        name = " ".join(str(st.session_state.get(key) or "").split())
        if not name:
            messages.add_error("A data set needs a name; type one.", f"data set {dataset.dataset_id}")
        elif name != dataset.name:
            store().datasets.rename(dataset.dataset_id, name)
            choose_dataset(dataset)  # its name is in the address
            messages.add_notice(f"{dataset.name} is now called {name}.")


def _forget(dataset: DataSetRecord) -> None:
    with guard_callback(f"data set {dataset.dataset_id}"):
        datasets.forget(store(), dataset.dataset_id)
        left = store().datasets.all()
        if left:
            choose_dataset(left[-1])
        else:
            choose_none()
        messages.add_notice(f"{dataset.name}: forgotten.")
