"""The parameters in a page's address, which can be shared: `?run=k3f9abcd,m7t2wxyz`.

Streamlit drops a parameter when the user opens another page; the slot remembers it and restores it.
"""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from cnnlab.ui import drafts, keys


class AddressText:
    """A text in the address, written only by the server and remembered for the session."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._key = f"address.{name}"
        self._written_key = f"address_written.{name}"

    def read(self) -> str:
        """The text in the address, else the remembered one; empty if there is neither."""
        return st.query_params.get(self._name) or str(st.session_state.get(self._key, ""))

    def remember(self, text: str) -> None:
        """Return this text from the next `read`, unless the address has another one."""
        st.session_state[self._key] = text

    def show(self, text: str) -> None:
        """Put a text into the address; an empty text removes the parameter.

        A request may have left the browser before an earlier response changed the address there. So a text that differs
        from the last one written is sent even if the request already contains it.
        """
        self.remember(text)
        written = st.session_state.get(self._written_key, text)
        st.session_state[self._written_key] = text
        if text == written == st.query_params.get(self._name, ""):
            return
        st.query_params[self._name] = text
        if not text:
            del st.query_params[self._name]


class AddressSlot:
    """Ids in the address. Reading restores remembered ones. `kept_as` makes them available to other sessions."""

    def __init__(self, name: str, *, kept_as: str | None = None) -> None:
        self._text = AddressText(name)
        self._kept_as = kept_as

    def get(self) -> tuple[str, ...]:
        """The ids in the address, else those this session showed last; empty if there are neither."""
        ids = tuple(part.strip() for part in self._text.read().split(",") if part.strip())
        self.set(ids)
        return ids

    def remember(self, values: Sequence[str]) -> None:
        """Use these ids when their page is next rendered; the address does not change yet."""
        self._text.remember(",".join(values))
        if self._kept_as is not None and values:
            drafts.remember(self._kept_as, list(values))

    def set(self, values: Sequence[str]) -> None:
        """Put ids into the address; an empty sequence removes the parameter."""
        self.remember(values)
        self._text.show(",".join(values))


runs: Final = AddressSlot(keys.RUN)
"""The runs that the Train page shows; an id may be shortened as long as it stays unique."""

LAST_COMPARED: Final = "compared"
"""Name under which the last comparison is remembered for the Home page."""

compared: Final = AddressSlot(keys.RUNS, kept_as=LAST_COMPARED)
"""The runs that Compare and Predict show side by side."""
