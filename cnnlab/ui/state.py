"""What a browser session remembers besides its widgets: typed slots over `st.session_state`.

Only ids, numbers, texts and tuples of them. What must survive a refresh belongs in the address or in drafts.py.
"""

from typing import Final, Generic, TypeVar, cast

import streamlit as st

T = TypeVar("T")


class Slot(Generic[T]):
    """One session value, stored under `session.<attribute name>`; the default until it is set."""

    def __init__(self, default: T) -> None:
        self._default = default
        self._key = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._key = f"session.{name}"

    def __get__(self, instance: object, owner: type) -> T:
        return cast("T", st.session_state.get(self._key, self._default))

    def __set__(self, instance: object, value: T) -> None:
        st.session_state[self._key] = value


class Session:
    """The slots. Read and write them through `session`."""

    chosen_dataset: Slot[int | None] = Slot(None)
    """A data set to make the current one when the page is next rendered."""
    last_filing: Slot[tuple[str, float, str]] = Slot(("", 0.0, ""))
    """Hash, time and token of the last filing, so that a double click files one run."""
    seen: Slot[tuple[str, str]] = Slot(("", ""))
    """The last page that set the tab's title, and what it shows."""
    messages_seen: Slot[tuple[str, tuple[tuple[str, str, str], ...]]] = Slot(("", ()))
    """The last page rendered, and the messages that it showed."""
    messages: Slot[tuple[tuple[str, str, str], ...]] = Slot(())
    """Kind, sentence and subject of each message from a callback."""


session: Final = Session()
