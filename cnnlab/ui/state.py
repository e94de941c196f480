"""What a browser session remembers beside its widgets: typed slots over `st.session_state`. Knows no page.

Only ids, numbers, texts and tuples of them: what must outlive a refresh stands in the address or in drafts.py.
"""

from typing import Final, Generic, TypeVar, cast

import streamlit as st

T = TypeVar("T")


class Slot(Generic[T]):
    """One session value, kept under `session.<attribute name>`; it has its default until something is put there."""

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
    """A data set to make the current one at the next drawing."""
    last_filing: Slot[tuple[str, float, str]] = Slot(("", 0.0, ""))
    """Hash of what was filed last, when, and its token: a double click files one run."""
    seen: Slot[tuple[str, str]] = Slot(("", ""))
    """The page that said last what it shows, and what, for the tab's title."""
    messages_seen: Slot[tuple[str, tuple[tuple[str, str, str], ...]]] = Slot(("", ()))
    """The page that was drawn last, and the messages that it showed."""
    messages: Slot[tuple[tuple[str, str, str], ...]] = Slot(())
    """Kind and sentence of what callbacks had to say, and what each is about."""


session: Final = Session()
