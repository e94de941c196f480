"""Where the pictures come from: uploads, the camera, the data set. Uploaded names are shown, never used as paths."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st

from cnnlab.data.formats import PICTURE_SUFFIXES
from cnnlab.data.records import Picture
from cnnlab.store.datasets import pictures_of
from cnnlab.store.records import DataSetRecord
from cnnlab.ui import keys, pictures, wording
from cnnlab.ui.next_run.dataset import current_dataset
from cnnlab.ui.resources import store

UPLOAD_MB: Final = 20
MAX_UPLOADS: Final = 200
MAX_HELD_BYTES: Final = 50_000_000
PER_PAGE: Final = 12
SMALL_SIDE: Final = 66

ID_LETTERS: Final = 12
"""How much of a picture's id appears in the address."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One picture to predict; a picture of a data set also has its id, and its true class as `label`."""

    name: str
    source: Path | bytes
    label: str | None = None
    picture_id: str | None = None


def choose() -> list[Asked]:
    """Render the choice; return the chosen pictures, if any."""
    where = st.segmented_control(
        "Pictures",
        list(_SOURCES),
        default=_FROM_DATASET if keys.PICTURE in st.query_params else next(iter(_SOURCES)),
        key=keys.PREDICT_SOURCE,
        required=True,
        persist_state="session",
    )
    return _SOURCES[where]()


def _uploaded() -> list[Asked]:
    files = st.file_uploader(
        "One picture or many",
        type=sorted(suffix[1:] for suffix in PICTURE_SUFFIXES),
        accept_multiple_files=True,
        max_upload_size=UPLOAD_MB,
        key=keys.PREDICT_UPLOAD,
        help="They stay in this tab and are not written to disk.",
        on_change=_hold_uploads,
    )
    if len(files) > MAX_UPLOADS:
        st.warning(
            f"{len(files)} pictures are too many for one page, so only the first {MAX_UPLOADS} are used. "
            "Upload the others afterwards."
        )
    if files:
        return [Asked(name=file.name, source=file.getvalue()) for file in files[:MAX_UPLOADS]]
    return _held_uploads()


def _hold_uploads() -> None:
    """Keep uploads for this tab unless they are very large: Streamlit drops them when the page changes."""
    files = st.session_state[keys.PREDICT_UPLOAD][:MAX_UPLOADS]
    is_small = sum(file.size for file in files) <= MAX_HELD_BYTES
    st.session_state[keys.PREDICT_HELD] = [(file.name, file.getvalue()) for file in files] if is_small else []


def _held_uploads() -> list[Asked]:
    held: list[tuple[str, bytes]] = st.session_state.get(keys.PREDICT_HELD, [])
    if held:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            more = f" and {len(held) - 1} more" if len(held) > 1 else ""
            st.caption(f"Uploaded earlier: {wording.escape_markdown(held[0][0])}{more}", width="stretch")
            st.button(
                "Remove",
                key=keys.PREDICT_HELD_REMOVE,
                icon=":material/close:",
                type="tertiary",
                on_click=lambda: st.session_state.pop(keys.PREDICT_HELD, None),
            )
    return [Asked(name=name, source=source) for name, source in held]


def _photographed() -> list[Asked]:
    if not st.toggle("Turn the camera on", key=keys.PREDICT_CAMERA_ON, help="The browser will ask for permission."):
        st.caption("The picture stays on this machine and is not kept.")
        return []
    taken = st.camera_input("Take a picture", key=keys.PREDICT_CAMERA, resolution="720p")
    return [] if taken is None else [Asked(name="camera", source=taken.getvalue())]


def _from_dataset() -> list[Asked]:
    dataset = current_dataset()
    if dataset is None:
        st.caption("There is no data set yet.")
        return []
    label = st.selectbox("Class", ["all classes", *dataset.classes], key=keys.PREDICT_CLASS, persist_state="session")
    chosen = None if label == "all classes" else label
    count = dataset.images if chosen is None else dataset.counts[chosen]
    page = st.pagination(max(1, -(-count // PER_PAGE)), key=keys.PREDICT_PAGE) if count > PER_PAGE else 1
    page_pictures = pictures_of(store(), dataset, label=chosen, offset=(page - 1) * PER_PAGE, limit=PER_PAGE)
    wants_all = st.toggle("Predict all of these", key=keys.PREDICT_ALL, persist_state="session")
    opened = pictures.grid(
        pictures.tiles(page_pictures, facts=lambda picture: (picture.label,), side=SMALL_SIDE),
        key=keys.PREDICT_GRID,
        side=SMALL_SIDE,
        openable=not wants_all,
    )
    if opened is not None:
        st.session_state[keys.PREDICT_PICTURE] = (opened, dataset.dataset_id)
    if not wants_all:
        page_pictures = _remembered(dataset)
    return [
        Asked(name=picture.path.name, source=picture.path, label=picture.label, picture_id=picture.id)
        for picture in page_pictures
    ]


def _remembered(dataset: DataSetRecord) -> tuple[Picture, ...]:
    """The picture clicked last, else the one named in the address, if it is in this data set."""
    identifier, dataset_id = st.session_state.get(
        keys.PREDICT_PICTURE, (st.query_params.get(keys.PICTURE), dataset.dataset_id)
    )
    if not identifier or dataset_id != dataset.dataset_id:
        return ()
    matches = pictures_of(store(), dataset, beginning=identifier, limit=1)
    for picture in matches:
        st.query_params[keys.PICTURE] = picture.id[:ID_LETTERS]
    return matches


_FROM_DATASET: Final = "Data set"
_SOURCES: Final[Mapping[str, Callable[[], list[Asked]]]] = {
    "Upload": _uploaded,
    "Camera": _photographed,
    _FROM_DATASET: _from_dataset,
}
