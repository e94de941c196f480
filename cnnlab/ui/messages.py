"""Messages about what failed, was done, or is missing: one sentence, and what to do next.

An error that the lab raises on purpose is shown as it is; any other is logged, and shown without its traceback.
Messages from callbacks stay in the band above the page, which covers no button, however often the page is rendered. A
notice disappears with the next action; an error stays until it is dismissed or the same thing is tried again.
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
from cnnlab.ui.wording import escape_markdown

_log: Final = logging.getLogger("cnnlab.ui")
Message = tuple[str, str, str]
"""Kind, sentence, and subject: a run's id, or what was tried."""
Messages = tuple[Message, ...]
MAX_KEPT: Final = 3
ERROR: Final = "error"
NOTICE: Final = "notice"

# A layer over Streamlit's own header, as high as its text: nothing below it moves when a message appears or goes.
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
    .st-key-frame_messages { right: 0; top: -0.3rem; max-height: 45vh; overflow-y: auto }
    .st-key-frame_messages p { font-size: 0.85rem }
    .st-key-frame_messages button p { display: none }
}
</style>"""


@contextmanager
def guard(where: str = "") -> Iterator[None]:
    """Show an error raised in the block as a sentence in its place, and continue after the block.

    Also works as a decorator, for a fragment (below `st.fragment`) or for one panel of several. Streamlit's own signals
    to stop or to rerun are not errors and pass through.
    """
    try:
        yield
    except FragmentHandledException:
        return  # already shown where it happened
    except CnnLabError as error:
        show_error(str(error))
    except Exception as error:
        _log.exception("An unexpected error%s", f" in {where}" if where else "")
        show_error(unexpected(error))


@contextmanager
def guard_callback(about: str) -> Iterator[None]:
    """Keep an error raised in a callback, which runs before anything can be rendered.

    `about` is the id of the run the callback acts on, or what was tried; earlier messages about it are dropped.
    """
    session.messages = tuple(message for message in session.messages if message[0] == ERROR and message[2] != about)
    try:
        yield
    except CnnLabError as error:
        add_error(str(error), about)
    except Exception as error:
        _log.exception("An unexpected error in a callback")
        add_error(unexpected(error), about)


def add_notice(sentence: str) -> None:
    """Show above the page what was done."""
    _keep((NOTICE, sentence, ""))


def add_error(sentence: str, about: str) -> None:
    """Show above the page why something was not done, and what to do, until it is dismissed or tried again."""
    _keep((ERROR, sentence, about))


def _keep(message: Message) -> None:
    others = tuple(other for other in session.messages if other[:2] != message[:2])
    session.messages = (*others, message)[-MAX_KEPT:]


def unexpected(error: Exception) -> str:
    """The sentence for an error that nobody expected."""
    kind = type(error).__name__
    return f"Unexpected error in CNN Lab ({kind}). Your choices are kept; the terminal shows the details to report."


def show_error(sentence: str) -> None:
    """Show an error, one sentence that says what to do; names and paths in it are shown literally."""
    st.error(escape_markdown(sentence), icon=":material/error:")


def show_kept(page: str) -> Messages:
    """Show the messages of callbacks in the band above the page of that title; return those shown.

    A notice already shown on another page is dropped. An error is kept, because its remedy may be on this page.
    """
    seen_on, seen = session.messages_seen
    if page != seen_on:
        session.messages = tuple(message for message in session.messages if message[0] == ERROR or message not in seen)
    session.messages_seen = (page, session.messages)
    st.html(BAND)
    with st.container(key="frame_messages", gap="xsmall"):
        for index, message in enumerate(session.messages):
            kind, sentence, _ = message
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False):
                if kind == ERROR:
                    show_error(sentence)
                else:
                    st.success(escape_markdown(sentence), icon=":material/check:")
                st.button(
                    "Dismiss",
                    key=f"{keys.DISMISS}.{index}",
                    icon=":material/close:",
                    type="tertiary",
                    on_click=_dismiss,
                    args=(message,),
                )
    return session.messages


def _dismiss(dismissed: Message) -> None:
    session.messages = tuple(message for message in session.messages if message != dismissed)
