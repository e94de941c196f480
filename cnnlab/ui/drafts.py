"""What forms hold before they are sent, kept in the store: a refresh or a restart loses none of it. Knows no form.

Call `restore` before the widgets of a form are drawn, and `keep` after them.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import streamlit as st

from cnnlab.ui.resources import store

PREFIX: Final = "form."
CHOICE: Final = "choice."


def restore(form: str, keys: Iterable[str]) -> None:
    """Give widgets that this session has not drawn yet what the form held last."""
    missing = [key for key in keys if key not in st.session_state]
    if not missing:
        return
    held = _held(form)
    for key in missing:
        if key in held:
            st.session_state[key] = held[key]


def keep(form: str, values: Mapping[str, Any]) -> None:
    """Write down what the widgets of a form hold (by key, JSON values), if anything changed."""
    held = _held(form)
    changed = {key: value for key, value in values.items() if key not in held or held[key] != value}
    if changed:
        now = {**store().drafts.get(PREFIX + form, {}), **changed}  # another tab may have changed other fields
        store().drafts.put(PREFIX + form, now)
        st.session_state[_slot(form)] = {**now, **values}


def discard(form: str) -> None:
    """Forget a form, so that its widgets get their defaults at the next drawing."""
    for key in _held(form):
        st.session_state.pop(key, None)
    store().drafts.remove(PREFIX + form)
    st.session_state.pop(_slot(form), None)


def recall(name: str, default: Any = None) -> Any:  # noqa: ANN401
    """One remembered choice that belongs to no form, such as the data set chosen last; tabs share it."""
    return store().drafts.get(CHOICE + name, default)


def remember(name: str, value: Any) -> None:  # noqa: ANN401
    """Keep one choice."""
    if recall(name) != value:
        store().drafts.put(CHOICE + name, value)


def _held(form: str) -> dict[str, Any]:
    """What is on record, read once a session: while forms are filled in, the widgets are the truth."""
    slot = _slot(form)
    if slot not in st.session_state:
        st.session_state[slot] = store().drafts.get(PREFIX + form, {})
    held: dict[str, Any] = st.session_state[slot]
    return held


def _slot(form: str) -> str:
    return f"draft.{form}"
