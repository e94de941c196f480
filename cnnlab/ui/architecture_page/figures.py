"""The row of figures of a network: parameters, FLOPs, layers, receptive field, smallest input."""

import streamlit as st

from cnnlab.models.records import Inspection
from cnnlab.plots import numbers


def render(found: Inspection) -> None:
    """Render the figures."""
    weighted = [layer for layer in found.layers if layer.type in ("Conv2d", "Linear")]
    side = found.architecture.image_size
    with st.container(horizontal=True, gap="medium", key="architecture_figures"):
        st.metric(
            "Parameters",
            numbers.count(found.parameters),
            width="content",
            help=f"{found.parameters:,} learned numbers; {numbers.size(4 * found.parameters)} as 32-bit floats. "
            "Includes those of auxiliary classifiers, if there are any.",
        )
        st.metric(
            "FLOPs / picture",
            numbers.count(found.flops),
            width="content",
            help=f"Twice the {numbers.count(found.flops / 2)} multiply-adds of convolutions and linear layers in the "
            f"forward pass of one {side} x {side} picture. Training takes about three times as many.",
        )
        st.metric(
            "Layers with weights",
            len(weighted),
            width="content",
            help="Convolutions and linear layers, including those in branches and shortcuts. Counting normalisation, "
            f"activation, pooling and joining as well, there are {len(found.layers)} layers.",
        )
        st.metric(
            "Receptive field",
            f"{found.receptive_field:,} px",
            width="content",
            help="Side of the square of the picture that one cell of the last map can see; what lies beyond the "
            f"picture's own {side} px is padding.",
        )
        st.metric(
            "Smallest input",
            f"{found.smallest_input} px",
            width="content",
            help="Smaller pictures would shrink to nothing before the last layer.",
        )
