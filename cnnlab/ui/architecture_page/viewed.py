"""The network that the page shows: that of the next run, or one named by a link (`?family=resnet&preset=small`).

A link does not change the next run, nor its options or image size, until the user decides to train the linked network.
Changed options are not in the address: a link shows the plain preset.
"""

from typing import Any

import streamlit as st

from cnnlab.errors import ConfigError
from cnnlab.models.registry import DEFAULT_PRESET, get_preset
from cnnlab.ui import keys, messages, wording
from cnnlab.ui.next_run import choices, settings
from cnnlab.ui.next_run.choices import ArchitectureChoice
from cnnlab.ui.state import Slot

_Linked = tuple[str, str, tuple[tuple[str, Any], ...], int]


class _Slots:
    address: Slot[tuple[str, str]] = Slot(("", ""))
    """Family and preset that this session last wrote into the address or read from it."""
    linked: Slot[_Linked | None] = Slot(None)
    """Family, preset, options and image size of the linked network; None if the next run's network is shown."""


_slots = _Slots()


def architecture() -> ArchitectureChoice:
    """The network that the page shows."""
    if (linked := _slots.linked) is None:
        return choices.architecture()
    family, preset, options, _ = linked
    return ArchitectureChoice(family, preset, dict(options))


def image_size() -> int:
    """Side in pixels of the input pictures for which the network is shown."""
    return int(settings.setting(choices.IMAGE_SIZE)) if _slots.linked is None else _slots.linked[-1]


def choose(choice: ArchitectureChoice) -> None:
    """Show another network. It becomes the next run's, unless a linked one is shown."""
    shown = architecture()
    if _slots.linked is None:
        choices.set_architecture(choice)
        return
    is_other = (choice.family, choice.preset) != (shown.family, shown.preset)
    _link(choice, int(settings.usual(choices.IMAGE_SIZE, choice)) if is_other else image_size())


def choose_image_size(pixels: int) -> None:
    """Show the network for pictures of another size."""
    if _slots.linked is None:
        settings.change(choices.IMAGE_SIZE, pixels)
    else:
        _link(architecture(), pixels)


def take_from_address() -> None:
    """Show the network named by a link, once; report a link that names an unknown network."""
    named = (st.query_params.get(keys.FAMILY, ""), st.query_params.get(keys.PRESET, DEFAULT_PRESET))
    if not named[0]:
        _slots.linked = None  # the page was opened from the navigation
        return
    if named == _slots.address:
        return
    _slots.address = named
    try:
        get_preset(*named)
    except ConfigError as error:
        messages.add_error(f"The address names a network that does not exist. {error}", "the network")
        return
    own = choices.architecture()
    if named == (own.family, own.preset):
        _slots.linked = None
    else:
        linked = ArchitectureChoice(*named)
        _link(linked, int(settings.usual(choices.IMAGE_SIZE, linked)))


def show_in_address() -> None:
    """Write the network shown into the address."""
    shown = architecture()
    _slots.address = (shown.family, shown.preset)
    for name, value in ((keys.FAMILY, shown.family), (keys.PRESET, shown.preset)):
        if st.query_params.get(name) != value:
            st.query_params[name] = value


def render_choice() -> None:
    """If a linked network is shown, say what the next run uses, and offer to go back to it."""
    if _slots.linked is None:
        return
    own = choices.architecture()
    changed = f" with {wording.counted(len(own.options), 'option')} changed" if own.options else ""
    title = get_preset(own.family, own.preset).title
    st.info(f"This network comes from the link. Your next run still uses {title}{changed}.", icon=":material/link:")
    st.button("Back to mine", key=keys.ARCHITECTURE_BACK, icon=":material/undo:", on_click=_leave)


def take_for_next_run() -> None:
    """Use the network shown for the next run."""
    if _slots.linked is None:
        return
    size = image_size()
    choices.set_architecture(architecture())
    settings.change(choices.IMAGE_SIZE, size)
    _leave()


def _leave() -> None:
    _slots.linked = None


def _link(choice: ArchitectureChoice, size: int) -> None:
    _slots.linked = (choice.family, choice.preset, tuple(choice.options.items()), size)
