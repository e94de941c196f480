"""Single pictures, uploaded or taken with the camera, added to a class of a data set that the lab owns."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from cnnlab.data.formats import PICTURE_SUFFIXES
from cnnlab.data.records import Unreadable
from cnnlab.data.uploads import add_pictures, check_label
from cnnlab.ui import keys, messages, wording
from cnnlab.ui.data_page import collection, work
from cnnlab.ui.data_page.offer import Offer
from cnnlab.ui.data_page.slots import slots
from cnnlab.ui.messages import guard_callback
from cnnlab.ui.resources import store

if TYPE_CHECKING:
    from streamlit.typing import UploadedFile

MAX_MEGABYTES: Final = 20
NAMED: Final = 3


def render() -> Offer:
    """Render the choice of data set and class, and the uploaders."""
    folder = _choose_folder()
    counts = collection.classes_in(folder)
    label = st.selectbox(
        "Class",
        list(counts),
        index=None,
        key=keys.DATA_LABEL,
        placeholder="Type what they show",
        accept_new_options=True,
        help="What these pictures show. Choose a class, or type a new one.",
        persist_state="session",
    )
    sent = _render_uploaders()
    if label is not None and label in counts:
        st.caption(f"{wording.counted(counts[label], 'picture')} so far.")
    if len(counts) == 1:
        st.caption(
            f"{wording.escape_markdown(next(iter(counts)))} is the first class; a data set needs a second class."
        )
    missing = None
    if not label:
        missing = "Choose a class first."
    elif not sent:
        missing = "Choose or take pictures first."

    def act() -> None:
        if label and sent:
            _add(folder, label, sent)

    return Offer(label="Add pictures", icon=":material/add_photo_alternate:", act=act, missing=missing)


def _choose_folder() -> Path:
    owned, begun = collection.owned(), str(collection.begun())
    names = [dataset.name for dataset in owned.values()]
    titles = {
        path: dataset.name if names.count(dataset.name) == 1 else f"{dataset.name} ({dataset.dataset_id})"
        for path, dataset in owned.items()
    } | {begun: "A new data set"}
    if st.session_state.get(keys.DATA_INTO) not in titles:
        st.session_state[keys.DATA_INTO] = begun
    chosen = st.selectbox(
        "Into",
        list(titles),
        key=keys.DATA_INTO,
        format_func=lambda path: titles.get(path, path),
        help="Pictures can only be added to data sets that the lab made; your own folders are never changed.",
        persist_state="session",
    )
    return Path(chosen if chosen in titles else begun)


def _render_uploaders() -> list["UploadedFile"]:
    uploaded = st.file_uploader(
        "Pictures",
        type=sorted(suffix.lstrip(".") for suffix in PICTURE_SUFFIXES),
        accept_multiple_files=True,
        max_upload_size=MAX_MEGABYTES,
        key=f"{keys.DATA_PHOTOS}.{slots.uploads}",
        help=f"Photos of up to {MAX_MEGABYTES} MB each, including those from an iPhone.",
    )
    sent = list(uploaded)
    if st.toggle("Camera", key=keys.DATA_CAMERA_ON, help="The browser will ask for permission."):
        photo = st.camera_input("Take a picture", key=f"{keys.DATA_CAMERA}.{slots.uploads}")
        if photo is not None:
            sent.append(photo)
    return sent


def _add(folder: Path, label: str, sent: Sequence["UploadedFile"]) -> None:
    upload = ",".join(file.file_id for file in sent)
    if slots.last_upload == upload:
        return
    with guard_callback("pictures"):
        name = check_label(label)
        with st.spinner(f"Checking {wording.counted(len(sent), 'picture')}…"):
            written, refused = add_pictures(folder, name, _contents(sent))
        slots.last_upload = upload
        slots.uploads += 1
        slots.problem = _refusals(refused)
        if not written:
            return
        messages.add_notice(f"{wording.counted(written, 'picture')} added to {name}.")
        if str(folder) in collection.owned() or len(collection.classes_in(folder)) > 1:
            problem = slots.problem
            work.start("scan", {"path": str(folder), "name": _name_of(folder)})
            slots.problem = problem


def _name_of(folder: Path) -> str:
    """A name for a new collection that differs from the others; an existing one keeps its own."""
    number = sum(dataset.name.startswith(collection.NEW_NAME) for dataset in store().datasets.all())
    return collection.NEW_NAME if not number else f"{collection.NEW_NAME} {number + 1}"


def _contents(sent: Sequence["UploadedFile"]) -> Iterator[tuple[str, bytes]]:
    for file in sent:
        yield file.name, file.getvalue()


def _refusals(refused: Sequence[Unreadable]) -> str | None:
    if not refused:
        return None
    named = "; ".join(f"{item.file}: {item.reason}" for item in refused[:NAMED])
    more = f"; and {len(refused) - NAMED} more" if len(refused) > NAMED else ""
    return f"{wording.counted(len(refused), 'file')} could not be added ({named}{more})."
