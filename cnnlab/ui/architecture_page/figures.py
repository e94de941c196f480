"""The line of figures of a network: parameters, arithmetic, layers, what a cell sees, the smallest picture."""

import streamlit as st

from cnnlab.models.records import Inspection
from cnnlab.plots import numbers


def draw(found: Inspection) -> None:
    """Draw the figures."""
    weighted = [layer for layer in found.layers if layer.type in ("Conv2d", "Linear")]
    side = found.architecture.image_size
    with st.container(horizontal=True, gap="medium", key="architecture_figures"):
        st.metric(
            "Parameters",
            numbers.count(found.parameters),
            width="content",
            help=f"{found.parameters:,} numbers that are learned; as 32-bit floats {numbers.size(4 * found.parameters)}"
            ". With auxiliary classifiers, theirs are included.",
        )
        st.metric(
            "FLOPs a picture",
            numbers.count(found.flops),
            width="content",
            help=f"Twice {numbers.count(found.flops / 2)} multiply-adds of convolutions and linear layers, for one "
            f"picture of {side} x {side} pixels on its way forward. A training step takes about three times that.",
        )
        st.metric(
            "Layers with weights",
            len(weighted),
            width="content",
            help=f"Convolutions and linear layers, those of branches and shortcuts included; {len(found.layers)} "
            "layers with normalisation, activation, pooling and joining.",
        )
        st.metric(
            "Receptive field",
            f"{found.receptive_field:,} px",
            width="content",
            help="Side of the square of the picture that one cell of the last map can see; beyond the picture's own "
            f"{side} px it sees padding.",
        )
        st.metric(
            "Smallest input",
            f"{found.smallest_input} px",
            width="content",
            help="With smaller pictures there would be nothing left to halve.",
        )
