"""Settings of the Train page's form that other pages show as well, such as the image size and the seed.

Each is one value behind two widgets: a change on the Augment page is what the Train page files.
"""

from typing import Any

import streamlit as st

from cnnlab.ui import drafts, keys
from cnnlab.ui.next_run import choices, fields, form
from cnnlab.ui.next_run.choices import ArchitectureChoice


def setting(path: str) -> Any:  # noqa: ANN401 - settings have several types
    """The form's value of a setting; the recipe's value until someone changes it."""
    key = keys.train_setting(path)
    drafts.restore(choices.FORM, [key])
    held = st.session_state.get(key)
    if held is not None:
        return fields.fitted(path, held)
    return usual(path, choices.architecture())


def usual(path: str, architecture: ArchitectureChoice) -> Any:  # noqa: ANN401
    """The value that the form's recipe gives a setting with this architecture."""
    recipe, chosen = form.current().recipe, architecture
    return fields.fitted(path, fields.default_of(path, recipe=recipe, family=chosen.family, preset=chosen.preset))


def change(path: str, value: Any) -> None:  # noqa: ANN401
    """Put a value into the form; None resets the setting to the recipe's value."""
    key = keys.train_setting(path)
    if value is None:
        st.session_state.pop(key, None)
    else:
        st.session_state[key] = value
    drafts.keep(choices.FORM, {key: value})
