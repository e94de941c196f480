"""The diagram of a network: its blocks, and on demand the layers of one part or of all."""

from typing import Final

import streamlit as st

from cnnlab.models.records import Inspection
from cnnlab.plots.diagram import Direction, diagram_text, graphviz
from cnnlab.plots.diagram_parts import Graph, by_blocks, by_layers, part_names
from cnnlab.ui import keys
from cnnlab.ui.theme import is_dark

NOTHING: Final = "nothing"
EVERYTHING: Final = "everything, layer by layer"
SCROLLED: Final = 560
"""Height in pixels of the scrolling diagram of every layer."""

# Left to right on wide pages, top to bottom on phones; only the browser knows which one applies.
_STYLE: Final = """<style>
@media (max-width: 640px) { .st-key-diagram_across, .st-key-inside_across { display: none } }
@media (min-width: 641px) { .st-key-diagram_down, .st-key-inside_down { display: none } }
</style>"""


def render(inspection: Inspection) -> None:
    """Render the network by blocks, and the inside of the chosen part."""
    st.html(_STYLE)
    _both_ways("diagram", by_blocks(inspection), inspection)
    parts = part_names(inspection)
    choices = [NOTHING, *parts, EVERYTHING]
    if st.session_state.get(keys.ARCHITECTURE_INSIDE) not in choices:
        st.session_state[keys.ARCHITECTURE_INSIDE] = next((part for part in parts if part != "stem"), NOTHING)
    left, right = st.columns([1, 2], gap="small", vertical_alignment="center")
    with left:
        inside = st.selectbox(
            "Look inside",
            choices,
            format_func=lambda name: f"Inside: {name}",
            key=keys.ARCHITECTURE_INSIDE,
            help="Opens a part: each layer with its output shape (channels×height×width).",
            label_visibility="collapsed",
            persist_state="session",
        )
    right.caption(_legend(inspection))
    if inside == EVERYTHING:
        with st.container(height=SCROLLED, key="inside_everything"):
            _chart(by_layers(inspection), inspection, "down")
    elif inside != NOTHING:
        _both_ways("inside", by_layers(inspection, inside), inspection)


def _both_ways(name: str, graph: Graph, inspection: Inspection) -> None:
    with st.container(key=f"{name}_across"):
        _chart(graph, inspection, "across")
    with st.container(key=f"{name}_down"):
        _chart(graph, inspection, "down")


def _chart(graph: Graph, inspection: Inspection, direction: Direction) -> None:
    family = inspection.architecture.family
    text = graphviz(graph, family=family, direction=direction, is_dark=is_dark())
    st.graphviz_chart(text, alt=diagram_text(graph, inspection))


def _legend(inspection: Inspection) -> str:
    notes = ["`/2` halves the map", "shapes are channels×height×width"]
    kinds = {edge.kind for edge in inspection.edges}
    if "skip" in kinds:
        notes.append("coloured arrows are skip connections, `+` is their sum")
    if "concatenation" in kinds:
        notes.append("the filled bar joins the channels of the branches (concatenation)")
    if "auxiliary" in kinds:
        notes.append("dashed: auxiliary classifiers, in training only")
    text = ", ".join(notes)
    return f"{text[0].upper()}{text[1:]}."
