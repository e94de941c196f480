"""What a page says when something is wrong, done, or missing: one sentence, and what to do next.

An error that the lab raises on purpose is shown as it stands; any other is logged and told without its traceback. What
a callback has to say stays in the band above the page, where nothing is pressed, however often the page is drawn. A
notice goes with the next action; a refusal stays until it is dismissed or the same thing is tried again.
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
Message = tuple[str, str, str]
"""Kind, sentence, and what it is about: a run's id, or what was tried."""
Messages = tuple[Message, ...]
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
    .st-key-frame_messages { right: 0; top: -0.3rem; max-height: 45vh; overflow-y: auto }
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
def guard_callback(about: str) -> Iterator[None]:
    """Say what went wrong in a callback, which runs before there is a place to draw it.

    `about` is the id of the run that it acts on, or what is tried: earlier messages about the same are out of date.
    """
    session.messages = tuple(message for message in session.messages if message[0] == ERROR and message[2] != about)
    try:
        yield
    except CnnLabError as error:
        refuse(str(error), about)
    except Exception as error:
        _log.exception("An unexpected error in a callback")
        refuse(unexpected(error), about)


def tell(sentence: str) -> None:
    """Say what was done, above the page."""
    _keep((NOTICE, sentence, ""))


def refuse(sentence: str, about: str) -> None:
    """Say above the page why something was not done, and what to do: until it is dismissed or tried again."""
    _keep((ERROR, sentence, about))


def _keep(message: Message) -> None:
    others = tuple(other for other in session.messages if other[:2] != message[:2])
    session.messages = (*others, message)[-MOST_KEPT:]


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
        for index, message in enumerate(session.messages):
            kind, sentence, _ = message
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
                    args=(message,),
                )
    return session.messages


def _dismiss(dismissed: Message) -> None:
    session.messages = tuple(message for message in session.messages if message != dismissed)
