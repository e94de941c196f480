"""Values of forms before they are submitted, kept in the store so that they survive a refresh or a restart.

Call `restore` before rendering the widgets of a form, and `keep` afterwards.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import streamlit as st

from cnnlab.ui.resources import store

PREFIX: Final = "form."
CHOICE: Final = "choice."


def restore(form: str, keys: Iterable[str]) -> None:
    """Set widgets not yet rendered in this session to the last values of the form."""
    missing = [key for key in keys if key not in st.session_state]
    if not missing:
        return
    held = _held(form)
    for key in missing:
        if key in held:
            st.session_state[key] = held[key]


def keep(form: str, values: Mapping[str, Any]) -> None:
    """Save the widget values of a form (JSON values by key) if any of them changed."""
    held = _held(form)
    changed = {key: value for key, value in values.items() if key not in held or held[key] != value}
    if changed:
        now = {**store().drafts.get(PREFIX + form, {}), **changed}  # another tab may have changed other fields
        store().drafts.put(PREFIX + form, now)
        st.session_state[_slot(form)] = {**now, **values}


def discard(form: str) -> None:
    """Forget a form, so that its widgets start from their defaults again."""
    for key in _held(form):
        st.session_state.pop(key, None)
    store().drafts.remove(PREFIX + form)
    st.session_state.pop(_slot(form), None)


def recall(name: str, default: Any = None) -> Any:  # noqa: ANN401
    """A remembered choice outside forms, such as the last data set; shared by all tabs."""
    return store().drafts.get(CHOICE + name, default)


def remember(name: str, value: Any) -> None:  # noqa: ANN401
    """Remember a choice."""
    if recall(name) != value:
        store().drafts.put(CHOICE + name, value)


def _held(form: str) -> dict[str, Any]:
    """The saved values, read once per session: after that, the widgets are the source of truth."""
    slot = _slot(form)
    if slot not in st.session_state:
        st.session_state[slot] = store().drafts.get(PREFIX + form, {})
    held: dict[str, Any] = st.session_state[slot]
    return held


def _slot(form: str) -> str:
    return f"draft.{form}"
