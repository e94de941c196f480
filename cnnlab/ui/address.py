"""What stands in the address of a page and can be shared: `?run=k3f9abcd,m7t2wxyz`. Knows no page.

Streamlit drops such a parameter when another page is chosen; the slot remembers it and puts it back.
"""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from cnnlab.ui import drafts, keys


class AddressSlot:
    """Ids in the address. Reading puts remembered ones back into it. `kept_as`: other sessions can recall them."""

    def __init__(self, name: str, *, kept_as: str | None = None) -> None:
        self._name = name
        self._kept_as = kept_as
        self._key = f"address.{name}"

    def get(self) -> tuple[str, ...]:
        """What the address says, else what this session showed last; empty where there is neither."""
        text = st.query_params.get(self._name) or st.session_state.get(self._key, "")
        found = tuple(part.strip() for part in text.split(",") if part.strip())
        self.set(found)
        return found

    def remember(self, values: Sequence[str]) -> None:
        """Show these ids once the page that reads them is drawn; the address stays as it is."""
        text = ",".join(values)
        if self._kept_as is not None and values and text != st.session_state.get(self._key):
            drafts.remember(self._kept_as, list(values))
        st.session_state[self._key] = text

    def set(self, values: Sequence[str]) -> None:
        """Show other ids in the address; none takes the parameter out."""
        text = ",".join(values)
        self.remember(values)
        if not text:
            st.query_params.pop(self._name, None)
        elif st.query_params.get(self._name) != text:
            st.query_params[self._name] = text


runs: Final = AddressSlot(keys.RUN)
"""The runs that the Train page shows; an id may be shortened as long as it is unique."""

LAST_COMPARED: Final = "compared"
"""The choice under which Home finds what was compared last."""

compared: Final = AddressSlot(keys.RUNS, kept_as=LAST_COMPARED)
"""The runs that Compare and Predict set side by side."""
