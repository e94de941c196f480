"""The choice of a family, as buttons side by side."""

import streamlit as st

from cnnlab.models.registry import family_names, get_family
from cnnlab.ui.next_run import choices
from cnnlab.ui.next_run.choices import ArchitectureChoice


def choose_family(key: str, chosen: ArchitectureChoice) -> None:
    """Render the choice; changing the family resets it to its default preset."""

    def changed() -> None:
        choices.set_architecture(ArchitectureChoice(st.session_state[key]))

    st.session_state[key] = chosen.family
    st.segmented_control(
        "Family",
        family_names(),
        format_func=lambda name: get_family(name).title,
        key=key,
        help=get_family(chosen.family).help,
        required=True,
        width="stretch",
        on_change=changed,
    )
