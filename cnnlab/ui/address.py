"""What stands in the address of a page and can be shared: `?run=k3f9abcd,m7t2wxyz`. Knows no page.

Streamlit drops such a parameter when another page is chosen; the slot remembers it and puts it back.
"""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from cnnlab.ui import drafts, keys


class AddressText:
    """One text in the address, which only the server writes. Reading finds what this session showed last."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._key = f"address.{name}"
        self._written_key = f"address_written.{name}"

    def read(self) -> str:
        """What the address says, else what was remembered; empty where there is neither."""
        return st.query_params.get(self._name) or str(st.session_state.get(self._key, ""))

    def remember(self, text: str) -> None:
        """Find this text at the next reading, if the address says nothing else."""
        st.session_state[self._key] = text

    def show(self, text: str) -> None:
        """Put a text into the address; an empty one takes the parameter out.

        A request may have left the browser before the answer to an earlier one changed the address there. So what is
        not what was written last is sent even where the request had it already.
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
    """Ids in the address. Reading puts remembered ones back into it. `kept_as`: other sessions can recall them."""

    def __init__(self, name: str, *, kept_as: str | None = None) -> None:
        self._text = AddressText(name)
        self._kept_as = kept_as

    def get(self) -> tuple[str, ...]:
        """What the address says, else what this session showed last; empty where there is neither."""
        found = tuple(part.strip() for part in self._text.read().split(",") if part.strip())
        self.set(found)
        return found

    def remember(self, values: Sequence[str]) -> None:
        """Show these ids once the page that reads them is drawn; the address stays as it is."""
        self._text.remember(",".join(values))
        if self._kept_as is not None and values:
            drafts.remember(self._kept_as, list(values))

    def set(self, values: Sequence[str]) -> None:
        """Show other ids in the address; none takes the parameter out."""
        self.remember(values)
        self._text.show(",".join(values))


runs: Final = AddressSlot(keys.RUN)
"""The runs that the Train page shows; an id may be shortened as long as it is unique."""

LAST_COMPARED: Final = "compared"
"""The choice under which Home finds what was compared last."""

compared: Final = AddressSlot(keys.RUNS, kept_as=LAST_COMPARED)
"""The runs that Compare and Predict set side by side."""
