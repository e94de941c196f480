"""The choice of a source of pictures, and the fields of the chosen source."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from cnnlab.ui import drafts, keys
from cnnlab.ui.data_page import from_folder, from_photos, from_samples, from_zip
from cnnlab.ui.data_page.offer import Offer

FORM: Final = "data"
SOURCES: Final[dict[str, Callable[[], Offer]]] = {
    "folder": from_folder.render,
    "zip": from_zip.render,
    "photos": from_photos.render,
    "bundled": from_samples.render,
}
TITLES: Final = {"folder": "Folder", "zip": "Zip", "photos": "Photos", "bundled": "Bundled"}
HELP: Final = """
- **Folder**: pictures on this computer, used where they are
- **Zip**: an archive, unpacked into the lab's own folder
- **Photos**: single pictures, uploaded or taken with the camera
- **Bundled**: drawings and digits that come with the lab
"""
KEPT: Final = (keys.DATA_SOURCE, keys.DATA_PATH, keys.DATA_SAMPLES, keys.DATA_PER_CLASS, keys.DATA_SEED)


def render() -> Offer:
    """Render the choice with its fields; return what the page's primary button does."""
    drafts.restore(FORM, KEPT)
    if st.session_state.get(keys.DATA_SOURCE) not in SOURCES:
        st.session_state[keys.DATA_SOURCE] = "folder"
    source = st.pills(
        "Add pictures",
        list(SOURCES),
        format_func=TITLES.__getitem__,
        key=keys.DATA_SOURCE,
        help=HELP,
        required=True,
        wrap=True,
        persist_state="session",
    )
    offer = SOURCES[str(source)]()
    drafts.keep(FORM, {key: st.session_state[key] for key in KEPT if st.session_state.get(key) is not None})
    return offer
