"""The choice of a family, as three words side by side; shared by the pages that choose one."""

import streamlit as st

from cnnlab.models.registry import family_names, get_family
from cnnlab.ui.next_run import choices
from cnnlab.ui.next_run.choices import ArchitectureChoice


def choose_family(key: str, chosen: ArchitectureChoice) -> None:
    """Draw the choice; a change takes the family's first preset."""

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
