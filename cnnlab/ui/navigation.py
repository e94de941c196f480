"""The pages, their order, and links between them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import streamlit as st

from cnnlab.ui import keys, wording
from cnnlab.workspace import PROJECT_ROOT

_homes: Final[list[Callable[[], None]]] = []  # the function in app.py, which this file cannot import


@dataclass(frozen=True)
class PageSpec:
    """One entry of the navigation; `sentence` says what the page is for."""

    name: str
    title: str
    icon: str
    sentence: str

    @property
    def file(self) -> str:
        """The script of the page; Home is a function and has none."""
        return str(PROJECT_ROOT / "pages" / f"{self.name}.py")


PAGES: Final = {
    page.name: page
    for page in (
        PageSpec("home", "Home", ":material/home:", "Which convolutional network suits your pictures, and why."),
        PageSpec("data", "Data", ":material/photo_library:", "Choose pictures, check them, and split them."),
        PageSpec("augment", "Augment", ":material/contrast:", "See each picture as the network will see it."),
        PageSpec("architecture", "Architecture", ":material/account_tree:", "Choose a network and look inside it."),
        PageSpec("train", "Train", ":material/play_circle:", "Set how a network learns, and watch it."),
        PageSpec("compare", "Compare", ":material/compare_arrows:", "Set runs side by side and see which is better."),
        PageSpec("predict", "Predict", ":material/center_focus_strong:", "Try trained networks on other pictures."),
    )
}
"""All pages, in the order in which a newcomer goes through them."""


def pages(home: Callable[[], None]) -> list[Any]:
    """All pages in the form that `st.navigation` takes; `home` renders the first one."""
    _homes[:] = [home]
    return [_page(name) for name in PAGES]


def go_to(name: str, *, query: Mapping[str, str] | None = None) -> NoReturn:
    """Show another page, optionally with `query` in its address. Not for callbacks: Streamlit has already chosen."""
    # None would make Streamlit clear the address, which it refuses while a widget is bound to the data set in it
    st.switch_page(_page(name), query_params=query or {})


def link(name: str, label: str, *, icon: str | None = None, query: Mapping[str, str] | None = None) -> None:
    """A text link to another page; the label may contain names."""
    st.page_link(_page(name), label=wording.escape_markdown(label), icon=icon, query_params=query)


def next_step(name: str, *, missing: str | None = None) -> None:
    """The last line of a page: the button to the next one, disabled with the reason while something is missing."""
    page = PAGES[name]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right", key=keys.PAGE_FOOTER):
        st.caption(missing or page.sentence, width="content")
        if st.button(f"Next: {page.title}", key=keys.NEXT, icon=page.icon, disabled=missing is not None):
            go_to(name)


def empty_state(sentence: str, *, button: str, page: str, icon: str = ":material/arrow_forward:") -> None:
    """Say what is missing, with a button to the page where it can be added. `page` is a name in `PAGES`."""
    with st.container(border=True, horizontal_alignment="center", key=f"empty_{page}"):
        st.markdown(sentence, width="content")
        if st.button(button, key=keys.EMPTY_NEXT, type="primary", icon=icon):
            go_to(page)


def _page(name: str) -> Any:  # noqa: ANN401 - Streamlit gives its pages no type to name
    spec = PAGES[name]
    if name == "home":
        return st.Page(_homes[0], title=spec.title, icon=spec.icon, default=True)
    return st.Page(spec.file, title=spec.title, icon=spec.icon, help=spec.sentence)
