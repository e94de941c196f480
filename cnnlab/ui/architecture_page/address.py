"""Family and preset in the address: `?family=resnet&preset=small`. A link that is opened wins over what was chosen.

Options beyond the preset are not in it: a link with another family or preset takes the preset as it is.
"""

import streamlit as st

from cnnlab.errors import ConfigError
from cnnlab.models.registry import DEFAULT_PRESET, get_preset
from cnnlab.ui import choices, keys, messages
from cnnlab.ui.choices import ArchitectureChoice
from cnnlab.ui.state import Slot


class _Seen:
    address: Slot[tuple[str, str]] = Slot(("", ""))
    """What this session wrote into the address last, or took from it."""


_seen = _Seen()


def take_from_address() -> None:
    """Choose what a link names, once; a link that names nothing known is told in a sentence."""
    named = (st.query_params.get(keys.FAMILY, ""), st.query_params.get(keys.PRESET, DEFAULT_PRESET))
    if not named[0] or named == _seen.address:
        return
    _seen.address = named
    now = choices.architecture()
    if named == (now.family, now.preset):
        return
    try:
        get_preset(*named)
    except ConfigError as error:
        messages.refuse(f"The address names a network that does not exist. {error}")
        return
    choices.set_architecture(ArchitectureChoice(*named))


def show_in_address() -> None:
    """Write what is chosen into the address."""
    now = choices.architecture()
    _seen.address = (now.family, now.preset)
    for name, value in ((keys.FAMILY, now.family), (keys.PRESET, now.preset)):
        if st.query_params.get(name) != value:
            st.query_params[name] = value
