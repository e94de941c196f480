"""What stands in the address of a page and can be shared: `?run=k3f9abcd`. Knows no page.

Streamlit drops such a parameter when another page is chosen; the slot remembers it and puts it back.
"""

from typing import Final

import streamlit as st

from cnnlab.ui import keys


class AddressSlot:
    """A text in the address, None where there is none. Reading puts a remembered value back into the address."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._key = f"address.{name}"

    def get(self) -> str | None:
        """What the address says, else what this session showed last."""
        found: str | None = st.query_params.get(self._name) or st.session_state.get(self._key)
        self.set(found)
        return found

    def set(self, value: str | None) -> None:
        """Show another value in the address; None takes it out."""
        st.session_state[self._key] = value
        if value is None:
            st.query_params.pop(self._name, None)
        elif st.query_params.get(self._name) != value:
            st.query_params[self._name] = value


run: Final = AddressSlot(keys.RUN)
"""The run that the Train page shows."""
