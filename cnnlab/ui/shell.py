"""The frame around every page: title, navigation, sidebar, header, footer.

Because there is a folder `pages/` next to app.py, Streamlit runs a page file without app.py until `st.navigation` has
run once in the process (a deep link after a restart). So app.py calls `run`, and each page starts with `ensure`, which
makes up for it.
"""

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnnlab.names import as_unicode
from cnnlab.store.records import RunRecord
from cnnlab.ui import garbage, keys, navigation, number_fields, same_origin, sidebar, stale_requests, wording
from cnnlab.ui.messages import guard, show_kept
from cnnlab.ui.state import session

# Our own SVG: Streamlit would fetch one of its own icons from the internet.
ICON: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1F5FBF"/>'
    '<g fill="none" stroke="#fff" stroke-width="2"><rect x="5" y="9" width="14" height="14"/>'
    '<rect x="10" y="12" width="8" height="8"/><path d="M19 12l7 4-7 4"/></g></svg>'
)

LOGO: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 32" height="32"><g transform="scale(0.9) translate(0 2)">'
    f'{ICON.partition(">")[2].removesuffix("</svg>")}</g><text x="38" y="23" font-family="Source Sans, sans-serif" '
    'font-size="21" font-weight="600" fill="#3B7DDD">CNN Lab</text></svg>'
)

# Streamlit uses the primary colour for the text of a chosen segment, and as the background of white text on buttons; on
# a dark page no colour works for both. A chosen segment still has its frame and tint.
CHOSEN_SEGMENT: Final = "<style>.stButtonGroup [role=radio][aria-checked=true] {color: inherit}</style>"

# Small laptops and projectors: margins shrink before controls do, and the segments of a choice may wrap.
NARROW: Final = """<style>
@media (min-width: 641px) and (max-width: 1700px) {
    [data-testid=stMainBlockContainer] { padding-left: 1.6rem; padding-right: 1.6rem }
}
@media (max-width: 640px) { .st-key-frame_canvas_first > * > [data-testid=stHorizontalBlock],
    .st-key-frame_canvas_first > [data-testid=stHorizontalBlock] { flex-direction: column-reverse } }
[data-testid=stMain] [data-testid=stButtonGroup] [role=radiogroup] { flex-wrap: wrap }
[data-testid=stMain] [data-testid=stNumberInputContainer] input { min-width: 0; text-overflow: ellipsis }
</style>"""

SIDEBAR_PX: Final = 240
_is_drawn: ContextVar[bool] = ContextVar("is_drawn", default=False)


def run(home: Callable[[], None]) -> None:
    """Render the frame and the page in the address; `home` renders the first page."""
    page, seen = session.seen
    title = _tab_title(page, seen)
    st.set_page_config(page_title=title, page_icon=ICON, layout="wide", initial_sidebar_state=SIDEBAR_PX)
    st.html(CHOSEN_SEGMENT + NARROW)
    st.logo(LOGO, size="large")
    stale_requests.install()
    same_origin.install()
    chosen = st.navigation(navigation.pages(home))
    st.set_page_config(page_title=_tab_title(chosen.title, seen if page == chosen.title else ""))
    token = _is_drawn.set(True)
    try:
        with guard("the sidebar"):
            sidebar.render(chosen.title)
        with st.container(key="frame_band"):
            shown = show_kept(chosen.title)  # before the page, because `st.stop` in a page ends everything after it
        with guard(chosen.title):
            chosen.run()
        if session.messages != shown:
            st.rerun()  # the page added a message itself
        number_fields.listen()
        stale_requests.drop_waiting()
    finally:
        _is_drawn.reset(token)
        garbage.set_aside_modules()


def ensure() -> None:
    """Give the page its frame if it was run without app.py; from then on, Streamlit goes through app.py."""
    if not _is_drawn.get():
        # without icons: a page's icon becomes the tab's, which Streamlit would fetch from the internet
        files = [st.Page(page.file) for page in navigation.PAGES.values() if page.name != "home"]
        st.navigation([st.Page(_home_in_app, default=True), *files], position="hidden")
        st.rerun()


def _home_in_app() -> None:
    """Stands in for the home page, which needs app.py; without it, the first file would become the default page."""


def header(name: str) -> DeltaGenerator:
    """Render the title and sentence of a page; return the container for its primary action, at the top right."""
    page = navigation.PAGES[name]
    with st.container(
        horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute", key=keys.PAGE_HEADER
    ):
        with st.container(width="content", gap=None):
            st.title(page.title, anchor=False)
            st.caption(page.sentence)
        return st.container(horizontal=True, width="content", vertical_alignment="center")


def entitle(name: str, seen: str) -> None:
    """Put what a page shows into the tab's title; the next run starts with the same title, so it does not flicker."""
    title = navigation.PAGES[name].title
    session.seen = (title, seen)
    st.set_page_config(page_title=_tab_title(title, seen))


def entitle_runs(name: str, runs: Sequence[RunRecord]) -> None:
    """Put the run that a page shows, or how many runs, into the tab's title."""
    seen = runs[0].name if len(runs) == 1 else wording.counted(len(runs), "run")
    entitle(name, seen if runs else "")


def controls_and_canvas(times: float = 2.5, *, is_canvas_first: bool = False) -> tuple[DeltaGenerator, DeltaGenerator]:
    """The two columns of a page: controls on the left, and a canvas that is `times` as wide.

    On a phone, the controls are above the canvas, or below it if `is_canvas_first`.
    """
    with st.container(key="frame_canvas_first" if is_canvas_first else "frame_controls_first"):
        controls, canvas = st.columns([1, times], gap="medium")
    return controls, canvas


def _tab_title(page: str, seen: str) -> str:
    return " · ".join(filter(None, (page, as_unicode(seen), "CNN Lab")))
