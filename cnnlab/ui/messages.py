"""What a page says when something is wrong or when there is nothing to show: one sentence, and what to do next.

An error that the lab raises on purpose is shown as it stands; any other is logged and told without its traceback.
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

_log: Final = logging.getLogger("cnnlab.ui")


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
    """Keep an error of a callback for the next drawing: a callback runs before there is a place to draw it."""
    try:
        yield
    except CnnLabError as error:
        session.error = str(error)
    except Exception as error:
        _log.exception("An unexpected error in a callback")
        session.error = unexpected(error)


def unexpected(error: Exception) -> str:
    """The sentence for an error that nobody foresaw."""
    kind = type(error).__name__
    return (
        f"CNN Lab made a mistake here ({kind}); what you chose is kept, and the terminal shows the details to report."
    )


def show_error(sentence: str) -> None:
    """An error in one sentence that says what to do."""
    st.error(sentence, icon=":material/error:")


def show_kept() -> None:
    """Show what callbacks left behind: an error, or a notice."""
    if session.error is not None:
        show_error(session.error)
        session.error = None
    if session.notice is not None:
        st.toast(session.notice, icon=":material/check:")
        session.notice = None


def empty_state(sentence: str, *, button: str, page: str, icon: str = ":material/arrow_forward:") -> None:
    """Say what is missing, with the one button that leads to where it is done. `page` is a name in `shell.PAGES`."""
    from cnnlab.ui.shell import go_to

    with st.container(border=True, horizontal_alignment="center", key=f"empty_{page}"):
        st.markdown(sentence, width="content")
        if st.button(button, key=keys.EMPTY_NEXT, type="primary", icon=icon):
            go_to(page)
