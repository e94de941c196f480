"""Pictures from a folder, used in place: its path, checked as soon as the field loses focus."""

from pathlib import Path
from typing import Final

import streamlit as st

from cnnlab.data.access import check_path_allowed
from cnnlab.data.layout import Glance, Reading, glance, propose_folder
from cnnlab.errors import AmbiguousLayoutError, DataError
from cnnlab.ui import keys, messages, wording
from cnnlab.ui.data_page import work
from cnnlab.ui.data_page.offer import Offer
from cnnlab.ui.messages import guard_callback
from cnnlab.ui.next_run.dataset import current_dataset

READINGS: Final[dict[Reading, str]] = {"parts": "They are parts", "classes": "They are classes"}


def render() -> Offer:
    """Render the field, and what a first look at the folder shows."""
    text = st.text_input(
        "Path of the folder",
        key=keys.DATA_PATH,
        placeholder="/home/me/photos",
        help="A folder on this computer with one sub-folder for each class, or with train, val and test folders that "
        "contain them. The pictures stay where they are and are never changed.",
        persist_state="session",
    )
    typed = (text or "").strip().strip("\"'")
    missing: str | None = "Type the path of a folder first."
    if typed:
        missing = _look(typed)
    else:
        st.caption("One sub-folder for each class, named after it. The files stay where they are.")
    return Offer(label="Add folder", icon=":material/create_new_folder:", act=lambda: _add(typed), missing=missing)


def _look(typed: str) -> str | None:
    try:
        folder = check_path_allowed(typed, server_address=_address())
        first_look = glance(folder)
    except AmbiguousLayoutError as doubt:
        _ask_reading(typed, doubt)
        return "Say what the folders are first."
    except (DataError, OSError, ValueError, RuntimeError) as error:
        message = (
            str(error) if isinstance(error, DataError) else f"{typed!r} is not a readable path; check the spelling."
        )
        messages.show_error(message)
        _propose(typed)
        return "This folder cannot be used as it is."
    shown = current_dataset()
    if shown is not None and shown.path == str(folder):
        st.caption(f"Already added as {wording.escape_markdown(shown.name)}.")
        return "This folder is the current data set."
    st.success(wording.escape_markdown(_sentence(first_look)), icon=":material/check:")
    return None


def _ask_reading(typed: str, doubt: AmbiguousLayoutError) -> None:
    """Offer both readings of folders that look like parts: nothing is trained on a guess."""
    st.warning(str(doubt).partition(" (--reading")[0] + ".", icon=":material/help:")
    with st.container(horizontal=True, gap="small"):
        for reading, label in READINGS.items():
            st.button(label, key=f"{keys.DATA_READING}.{reading}", on_click=_add, args=(typed, reading))


def _sentence(first_look: Glance) -> str:
    many = (
        f"{wording.counted(first_look.pictures, 'picture')}"
        if first_look.is_complete
        else f"more than {first_look.pictures:,} pictures"
    )
    names = ", ".join(first_look.classes[:4]) + (", …" if len(first_look.classes) > 4 else "")
    return f"{many} (by file extension) in {wording.counted(len(first_look.classes), 'class', 'classes')}: {names}."


def _propose(typed: str) -> None:
    try:
        inner = propose_folder(check_path_allowed(typed, server_address=_address()))
    except (DataError, OSError, ValueError, RuntimeError):
        return
    if inner is not None:
        st.button(
            f"Use {wording.escape_markdown(inner.name)} in it",
            key=keys.DATA_USE_INNER,
            icon=":material/subdirectory_arrow_right:",
            help=wording.escape_markdown(str(inner)),
            on_click=_use,
            args=(inner,),
        )


def _use(folder: Path) -> None:
    st.session_state[keys.DATA_PATH] = str(folder)


def _add(typed: str, reading: Reading | None = None) -> None:
    with guard_callback("pictures"):
        path = str(check_path_allowed(typed, server_address=_address()))
        work.start("scan", {"path": path} | ({"reading": reading} if reading else {}))


def _address() -> str:
    return str(st.get_option("server.address") or "0.0.0.0")  # noqa: S104 - no address set means that any computer may connect
