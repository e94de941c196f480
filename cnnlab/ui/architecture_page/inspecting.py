"""The inspection of the chosen network, made by the helper process and cached."""

import json
from typing import Any

import streamlit as st

from cnnlab.helper import architecture as work
from cnnlab.helper import front
from cnnlab.models.records import Inspection
from cnnlab.ui.next_run.choices import ArchitectureChoice


def inspection(chosen: ArchitectureChoice, *, image_size: int, num_classes: int) -> Inspection:
    """Layers, edges and totals of a network.

    Raises:
        ConfigError: the network cannot be built; the sentence says what to change.
    """
    options = json.dumps(dict(chosen.options), sort_keys=True)
    return _inspection(chosen.family, chosen.preset, options, image_size, num_classes)


@st.cache_data(max_entries=64, show_spinner="Looking inside the network …")
def _inspection(family: str, preset: str, options: str, image_size: int, num_classes: int) -> Inspection:
    overrides: dict[str, Any] = json.loads(options)
    return front.ask(
        work.inspect, family, preset=preset, options=overrides, image_size=image_size, num_classes=num_classes
    )
