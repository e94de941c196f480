"""The table of layers: shapes, the size formula with each layer's own numbers, parameters, arithmetic."""

from typing import Any

import streamlit as st

from cnnlab.models.records import Inspection
from cnnlab.plots import numbers
from cnnlab.plots.diagram_parts import shape_text
from cnnlab.plots.formula import layer_formula
from cnnlab.ui import keys


def render(inspection: Inspection) -> None:
    """Render the table, folded."""
    folded = st.expander(
        f"All {len(inspection.layers)} layers with their output shapes",
        key=keys.ARCHITECTURE_LAYERS,
        on_change="rerun",
        icon=":material/table_rows:",
    )
    if not folded.open:
        return
    with folded:
        st.dataframe(
            columns(inspection),
            hide_index=True,
            height=420,
            alt=f"{len(inspection.layers)} layers with output shape, formula of the map's height, parameters and FLOPs",
        )


def columns(inspection: Inspection) -> dict[str, list[Any]]:
    """The columns of the table."""
    layers = inspection.layers
    return {
        "part": [", ".join(layer.block) for layer in layers],
        "layer": [layer.name for layer in layers],
        "type": [layer.type for layer in layers],
        "output (channels×height×width)": [shape_text(layer.output_shape) for layer in layers],
        "OH = (H + 2P - FH) / S + 1": [layer_formula(layer) or "" for layer in layers],
        "parameters": [layer.parameters for layer in layers],
        "FLOPs": [numbers.count(layer.flops) if layer.flops else "" for layer in layers],
        "sees (px)": [layer.receptive_field for layer in layers],
    }
