"""The row of figures of a network: parameters, FLOPs, layers, receptive field, smallest input."""

import streamlit as st

from cnnlab.models.records import Inspection
from cnnlab.plots import numbers


def render(inspection: Inspection) -> None:
    """Render the figures."""
    weighted = [layer for layer in inspection.layers if layer.type in ("Conv2d", "Linear")]
    side = inspection.architecture.image_size
    with st.container(horizontal=True, gap="medium", key="architecture_figures"):
        st.metric(
            "Parameters",
            numbers.count(inspection.parameters),
            width="content",
            help=f"{inspection.parameters:,} learned numbers; {numbers.size(4 * inspection.parameters)} as 32-bit "
            "floats. Includes those of auxiliary classifiers, if there are any.",
        )
        st.metric(
            "FLOPs / picture",
            numbers.count(inspection.flops),
            width="content",
            help=f"Twice the {numbers.count(inspection.flops / 2)} multiply-adds of convolutions and linear layers "
            f"in the forward pass of one {side} x {side} picture. Training takes about three times as many.",
        )
        st.metric(
            "Layers with weights",
            len(weighted),
            width="content",
            help="Convolutions and linear layers, including those in branches and shortcuts. Counting normalisation, "
            f"activation, pooling and joining as well, there are {len(inspection.layers)} layers.",
        )
        st.metric(
            "Receptive field",
            f"{inspection.receptive_field:,} px",
            width="content",
            help="Side of the square of the picture that one cell of the last map can see; what lies beyond the "
            f"picture's own {side} px is padding.",
        )
        st.metric(
            "Smallest input",
            f"{inspection.smallest_input} px",
            width="content",
            help="Smaller pictures would shrink to nothing before the last layer.",
        )
