"""The frame around every page: title, navigation, sidebar, header, footer. Knows no page's content.

While a folder `pages/` stands beside app.py, Streamlit runs a page file without app.py until `st.navigation` has run
once in the process (a deep link after a restart). So app.py calls `run`, and each page begins with `ensure`, which
makes up for what app.py did not do.
"""

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnnlab.names import readable
from cnnlab.store.records import RunRecord
from cnnlab.ui import garbage, keys, navigation, number_fields, same_origin, sidebar, stale_requests, wording
from cnnlab.ui.messages import guard, show_kept
from cnnlab.ui.state import session

# Drawn here: Streamlit would fetch an icon of its own sets from the internet.
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

# Streamlit writes a chosen segment in the primary colour, and white on it on buttons: on a dark page no colour is
# readable as both. The frame and tint of a chosen segment stay.
CHOSEN_SEGMENT: Final = "<style>.stButtonGroup [role=radio][aria-checked=true] {color: inherit}</style>"

# School laptops and projectors: the margins give way before a control does, and segments of a choice may take two rows.
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
    """Draw the frame and the page that the address names; `home` draws the first one."""
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
            sidebar.draw(chosen.title)
        with st.container(key="frame_band"):
            shown = show_kept(chosen.title)  # before the page: one that calls `st.stop` ends everything behind it
        with guard(chosen.title):
            chosen.run()
        if session.messages != shown:
            st.rerun()  # the page had something to say itself
        number_fields.listen()
        stale_requests.drop_waiting()
    finally:
        _is_drawn.reset(token)
        garbage.set_aside_modules()


def ensure() -> None:
    """Give the page its frame if it was run without app.py: from now on Streamlit goes through app.py."""
    if not _is_drawn.get():
        # without icons: a page's icon becomes the tab's, and Streamlit fetches those from the internet
        files = [st.Page(page.file) for page in navigation.PAGES.values() if page.name != "home"]
        st.navigation([st.Page(_home_in_app, default=True), *files], position="hidden")
        st.rerun()


def _home_in_app() -> None:
    """Stands for the home page, which is never drawn without app.py; else the first file would become the default."""


def header(name: str) -> DeltaGenerator:
    """Title and sentence of a page; gives the place of its primary action, at the top right, to draw in."""
    page = navigation.PAGES[name]
    with st.container(
        horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute", key=keys.PAGE_HEADER
    ):
        with st.container(width="content", gap=None):
            st.title(page.title, anchor=False)
            st.caption(page.sentence)
        return st.container(horizontal=True, width="content", vertical_alignment="center")


def entitle(name: str, seen: str) -> None:
    """Say in the tab's title what a page shows, if anything; the next drawing begins with it and nothing flickers."""
    title = navigation.PAGES[name].title
    session.seen = (title, seen)
    st.set_page_config(page_title=_tab_title(title, seen))


def entitle_runs(name: str, runs: Sequence[RunRecord]) -> None:
    """Say in the tab's title which run a page shows, or how many."""
    seen = runs[0].name if len(runs) == 1 else wording.counted(len(runs), "run")
    entitle(name, seen if runs else "")


def controls_and_canvas(times: float = 2.5, *, is_canvas_first: bool = False) -> tuple[DeltaGenerator, DeltaGenerator]:
    """The two parts of a page: controls on the left, and what one came to see, so many times as wide.

    On a phone the controls stand above, or below where there is something to watch (`is_canvas_first`).
    """
    with st.container(key="frame_canvas_first" if is_canvas_first else "frame_controls_first"):
        controls, canvas = st.columns([1, times], gap="medium")
    return controls, canvas


def _tab_title(page: str, seen: str) -> str:
    return " · ".join(filter(None, (page, readable(seen), "CNN Lab")))
