"""Fields of the network that several pages show: family, preset and image size."""

from collections.abc import Callable

import streamlit as st

from cnnlab.models.registry import family_names, get_family, get_preset, preset_names
from cnnlab.parameters import IMAGE_SIZE
from cnnlab.ui import parameter_field
from cnnlab.ui.next_run import choices
from cnnlab.ui.next_run.choices import ArchitectureChoice


def render_family(key: str, chosen: ArchitectureChoice) -> None:
    """Render the families as buttons side by side; changing the family resets it to its default preset."""

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


def render_preset(key: str, chosen: ArchitectureChoice, choose: Callable[[str], None]) -> None:
    """Render the presets of the chosen family; `choose` gets the name of the new one."""
    st.session_state[key] = chosen.preset
    st.selectbox(
        "Preset",
        preset_names(chosen.family),
        format_func=lambda name: get_preset(chosen.family, name).title,
        key=key,
        help=get_preset(chosen.family, chosen.preset).help,
        on_change=lambda: choose(st.session_state[key]),
    )


def render_image_size(key: str, pixels: int, choose: Callable[[int], None]) -> None:
    """Render the image size on a page other than Train; `choose` gets the new one."""
    st.session_state[key] = pixels
    parameter_field.render(
        IMAGE_SIZE,
        key=key,
        explanation=f"{parameter_field.explained(IMAGE_SIZE)} Shared with the Train page.",
        on_change=lambda: choose(st.session_state[key]),
    )
