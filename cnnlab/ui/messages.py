"""What a page says when something is wrong, done, or missing: one sentence, and what to do next.

An error that the lab raises on purpose is shown as it stands; any other is logged and told without its traceback. What
a callback has to say stays in the band above the page, where nothing is pressed, until it is dismissed or the next
button does something: a page may be drawn any number of times meanwhile.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st
from streamlit.errors import FragmentHandledException

from cnnlab.errors import CnnLabError
from cnnlab.ui import keys
from cnnlab.ui.state import session
from cnnlab.ui.wording import plain

_log: Final = logging.getLogger("cnnlab.ui")
Messages = tuple[tuple[str, str], ...]
"""Kind and sentence of each."""
MOST_KEPT: Final = 3
ERROR: Final = "error"
NOTICE: Final = "notice"

# A layer over Streamlit's own header, as high as its text: nothing below it moves when a message comes or goes.
BAND: Final = """<style>
[data-testid=stLayoutWrapper]:has(> .st-key-frame_band) {
    position: sticky; top: 0.4rem; height: 0; margin-bottom: -1rem; z-index: 999992; overflow: visible;
}
.st-key-frame_messages { position: absolute; top: -3.5rem; left: 0; right: 2.5rem; }
.st-key-frame_messages [data-testid=stAlertContainer] { padding: 0.45rem 0.8rem; opacity: 0.97; }
.st-key-frame_messages .stHorizontalBlock, .st-key-frame_messages [data-testid=stLayoutWrapper] > div {
    background: light-dark(#FFFFFF, #11151C); border-radius: 0.5rem;
}
@media (max-width: 640px) {
    .st-key-frame_messages { right: 0; top: -0.3rem }
    .st-key-frame_messages p { font-size: 0.85rem }
    .st-key-frame_messages button p { display: none }
}
</style>"""


@contextmanager
def guard(where: str = "") -> Iterator[None]:
    """Draw an error of the block as a sentence in its place, and go on behind the block.

    Also a decorator, for a fragment (below `st.fragment`) or for one panel of several. Streamlit's own signals to stop
    or to run again are no errors and pass.
    """
    try:
        yield
    except FragmentHandledException:
        return  # drawn where it happened
    except CnnLabError as error:
        show_error(str(error))
    except Exception as error:
        _log.exception("An unexpected error%s", f" in {where}" if where else "")
        show_error(unexpected(error))


@contextmanager
def guard_callback() -> Iterator[None]:
    """Say what went wrong in a callback, which runs before there is a place to draw it.

    What an earlier one said goes away: somebody has done the next thing.
    """
    session.messages = ()
    try:
        yield
    except CnnLabError as error:
        refuse(str(error))
    except Exception as error:
        _log.exception("An unexpected error in a callback")
        refuse(unexpected(error))


def tell(sentence: str) -> None:
    """Say what was done, above the page."""
    _keep(NOTICE, sentence)


def refuse(sentence: str) -> None:
    """Say above the page why something was not done, and what to do."""
    _keep(ERROR, sentence)


def _keep(kind: str, sentence: str) -> None:
    others = tuple(message for message in session.messages if message != (kind, sentence))
    session.messages = (*others, (kind, sentence))[-MOST_KEPT:]


def unexpected(error: Exception) -> str:
    """The sentence for an error that nobody foresaw."""
    kind = type(error).__name__
    return (
        f"CNN Lab made a mistake here ({kind}); what you chose is kept, and the terminal shows the details to report."
    )


def show_error(sentence: str) -> None:
    """An error in one sentence that says what to do; its names and paths are shown as they are."""
    st.error(plain(sentence), icon=":material/error:")


def show_kept(page: str) -> Messages:
    """Show what callbacks had to say, in the band above the page of that title; gives what is shown.

    A notice that was shown on another page is not taken along; a refusal is: what it asks for may be done there.
    """
    seen_on, seen = session.messages_seen
    if page != seen_on:
        session.messages = tuple(one for one in session.messages if one[0] == ERROR or one not in seen)
    session.messages_seen = (page, session.messages)
    st.html(BAND)
    with st.container(key="frame_messages", gap="xsmall"):
        for index, (kind, sentence) in enumerate(session.messages):
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False):
                if kind == ERROR:
                    show_error(sentence)
                else:
                    st.success(plain(sentence), icon=":material/check:")
                st.button(
                    "Dismiss",
                    key=f"{keys.DISMISS}.{index}",
                    icon=":material/close:",
                    type="tertiary",
                    on_click=_dismiss,
                    args=(kind, sentence),
                )
    return session.messages


def _dismiss(kind: str, sentence: str) -> None:
    session.messages = tuple(message for message in session.messages if message != (kind, sentence))


def empty_state(sentence: str, *, button: str, page: str, icon: str = ":material/arrow_forward:") -> None:
    """Say what is missing, with the one button that leads to where it is done. `page` is a name in `shell.PAGES`."""
    from cnnlab.ui.shell import go_to

    with st.container(border=True, horizontal_alignment="center", key=f"empty_{page}"):
        st.markdown(sentence, width="content")
        if st.button(button, key=keys.EMPTY_NEXT, type="primary", icon=icon):
            go_to(page)
