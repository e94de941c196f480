"""Pictures from an uploaded zip, unpacked into the workspace by a task that trusts nothing in it."""

from pathlib import PurePath
from typing import TYPE_CHECKING, Final

import streamlit as st

from cnnlab.data.archives import Guess, guessed_names
from cnnlab.data.uploads import keep_archive
from cnnlab.plots import numbers
from cnnlab.ui import keys, wording
from cnnlab.ui.data_page import work
from cnnlab.ui.data_page.offer import Offer
from cnnlab.ui.data_page.slots import slots
from cnnlab.ui.messages import guard_callback
from cnnlab.ui.resources import store

if TYPE_CHECKING:
    from streamlit.typing import UploadedFile

MAX_MEGABYTES: Final = 1024
NAMED: Final = 8
"""Guessed names to show: enough to see whether they are real words."""


def render() -> Offer:
    """Render the uploader."""
    uploaded = st.file_uploader(
        "Zip of pictures",
        type="zip",
        max_upload_size=MAX_MEGABYTES,
        key=f"{keys.DATA_ZIP}.{slots.uploads}",
        help="One folder for each class with its pictures in it; an extra folder around them does no harm. The lab "
        "unpacks the zip into its own folder. If yours is too large, unpack it yourself and add the folder.",
    )
    missing = None
    if uploaded is None:
        missing = "Choose a zip first."
    else:
        st.caption(f"{numbers.size(uploaded.size)} to unpack into the lab's own folder.")
        guess = _guess(uploaded.file_id, uploaded)
        if guess is not None:
            st.info(_guess_line(guess), icon=":material/translate:")

    def act() -> None:
        if uploaded is not None:
            _unpack(uploaded)

    return Offer(label="Unpack zip", icon=":material/folder_zip:", act=act, missing=missing)


@st.cache_data(max_entries=4, show_spinner=False)
def _guess(file_id: str, _uploaded: "UploadedFile") -> Guess | None:
    """Cached by upload id: the directory of a large archive takes a second to read."""
    return guessed_names(_uploaded)


def _guess_line(guess: Guess) -> str:
    shown = ", ".join(map(wording.escape_markdown, guess.names[:NAMED]))
    more = f" and {len(guess.names) - NAMED:,} more" if len(guess.names) > NAMED else ""
    return (
        f"Names guessed as {guess.writing} ({guess.encoding}): {shown}{more}. If they are wrong, create the zip again "
        "with names in UTF-8."
    )


def _unpack(uploaded: "UploadedFile") -> None:
    if slots.last_upload == uploaded.file_id:
        return
    with guard_callback("pictures"):
        archive = keep_archive(store().workspace, uploaded)
        work.start("unpack", {"archive": str(archive), "name": PurePath(uploaded.name).stem[:60] or "pictures"})
        slots.last_upload = uploaded.file_id
        slots.uploads += 1  # empties the uploader, and with it the server's memory
