"""What stands in the address of a page and can be shared: `?run=k3f9abcd,m7t2wxyz`. Knows no page.

Streamlit drops such a parameter when another page is chosen; the slot remembers it and puts it back.
"""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from cnnlab.ui import keys


class AddressSlot:
    """Ids in the address. Reading puts remembered ones back into it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._key = f"address.{name}"

    def get(self) -> tuple[str, ...]:
        """What the address says, else what this session showed last; empty where there is neither."""
        text = st.query_params.get(self._name) or st.session_state.get(self._key, "")
        found = tuple(part.strip() for part in text.split(",") if part.strip())
        self.set(found)
        return found

    def remember(self, values: Sequence[str]) -> None:
        """Show these ids once the page that reads them is drawn; the address stays as it is."""
        st.session_state[self._key] = ",".join(values)

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

compared: Final = AddressSlot(keys.RUNS)
"""The runs that Compare and Predict set side by side."""
