"""Turns a network's graph into graphviz text, and into words as its text alternative. Does not import torch.

Graphviz renders it in the browser: left to right on a wide page, top to bottom on a narrow one.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal

from cnnlab.models.records import Inspection
from cnnlab.plots.colours import AXIS, CARD, MUTED, TEXT, family_colours, mixed, twins
from cnnlab.plots.diagram_parts import Graph, Node, shape_text

Direction = Literal["across", "down"]

SKIP_WIDTH: Final = 1.6


@dataclass(frozen=True)
class _Ink:
    text: str
    muted: str
    line: str
    accent: str
    fill: str
    paper: str


def graphviz(graph: Graph, *, family: str, direction: Direction, is_dark: bool) -> str:
    """The graph in graphviz's notation, in the colours of a light or a dark page.

    Its name depends on its content, because the browser updates a diagram of the same name in place, and then a box
    that turns into a circle disappears.
    """
    ink = _ink(family, is_dark=is_dark)
    rank = "LR" if direction == "across" else "TB"
    lines = [
        f'rankdir={rank}; bgcolor="transparent"; nodesep=0.1; ranksep=0.15; pad=0.02;',
        f"labeljust={'c' if direction == 'across' else 'l'};",
        f'node [shape=box, style="rounded,filled", fontsize=10, height=0.24, width=0.3, margin="0.06,0.035",'
        f' penwidth=0.9, fontcolor="{ink.text}", color="{ink.accent}", fillcolor="{ink.fill}"];',
        f'edge [arrowsize=0.45, penwidth=0.9, color="{ink.line}"];',
    ]
    is_single = len({node.part for node in graph.nodes if node.layers}) == 1
    names = {node.name: f"n{index}" for index, node in enumerate(graph.nodes)}
    for index, (part, row) in enumerate(groupby(graph.nodes, key=lambda node: node.part)):
        boxes = list(row)
        written = [f"{names[node.name]} [{_attributes(node, ink, is_across=direction == 'across')}];" for node in boxes]
        lines += [_cluster(index, boxes, written, ink)] if part and len(boxes) > 1 and not is_single else written
    for edge in graph.edges:
        style = f'color="{ink.accent}", penwidth={SKIP_WIDTH}, weight=0' if edge.kind == "skip" else ""
        style = 'style="dashed", weight=0' if edge.kind == "auxiliary" else style
        lines.append(f"{names[edge.source]} -> {names[edge.target]} [{style}];")
    body = "\n".join(lines)
    return f'digraph "network {hashlib.sha256(body.encode()).hexdigest()[:8]}" {{ {body}\n}}'


def diagram_text(graph: Graph, inspection: Inspection) -> str:
    """Text alternative to the diagram, in a sentence or two."""
    kinds = Counter(edge.kind for edge in graph.edges)
    joins = Counter(node.title for node in graph.nodes if node.kind == "join")
    parts = list(dict.fromkeys(node.part for node in graph.nodes if node.part))
    sentences = [f"Diagram of {inspection.architecture.family} with {len(graph.nodes)} boxes: {', '.join(parts)}."]
    if joins["concat"]:
        sentences.append(f"{joins['concat']} concatenations of parallel branches.")
    if joins["+"]:
        sentences.append(f"{joins['+']} sums with skip connections around the layers before them.")
    if kinds["auxiliary"]:
        sentences.append(f"{kinds['auxiliary']} auxiliary classifiers branch off.")
    return " ".join(sentences)


def _cluster(index: int, boxes: Sequence[Node], written: Sequence[str], ink: _Ink) -> str:
    """A frame around the boxes of one part, with its name and its output shape."""
    part = boxes[0].part.removeprefix("inception ")
    label = f"{_escaped(part)}\\n{shape_text(boxes[-1].layers[-1].output_shape)}"
    return (
        f'subgraph cluster_{index} {{ label="{label}"; margin=3; style="rounded,dotted"; fontsize=10; '
        f'color="{ink.line}"; fontcolor="{ink.text}"; {" ".join(written)} }}'
    )


def _attributes(node: Node, ink: _Ink, *, is_across: bool) -> str:
    label = "\\n".join(_escaped(line) for line in (node.title, *node.lines) if line)
    attributes = {"label": label, "tooltip": _tooltip(node)}
    if node.kind == "join":
        attributes |= {"fillcolor": ink.accent, "fontcolor": ink.paper, "color": ink.accent}
        if node.title == "+" and not node.lines:
            attributes |= {"shape": "circle", "margin": "0.01", "width": "0.16", "height": "0.16"}
        elif is_across and node.title == "concat":
            attributes |= {"label": "", "width": "0.1", "height": "1.1", "style": "filled"}
    elif node.kind == "end":
        attributes |= {"style": "rounded", "color": ink.line, "fontcolor": ink.muted}
    elif node.kind == "auxiliary":
        attributes |= {"style": "rounded,dashed", "color": ink.line}
    elif node.kind == "head":
        attributes |= {"penwidth": "1.8"}
    return ", ".join(f'{name}="{value}"' for name, value in attributes.items())


def _tooltip(node: Node) -> str:
    if not node.layers:
        return _escaped(node.title)
    parameters = sum(layer.parameters for layer in node.layers)
    first, last = node.layers[0], node.layers[-1]
    location = ", ".join(last.block) or last.name
    shapes = f"{shape_text(first.input_shape)} to {shape_text(last.output_shape)}"
    return _escaped(f"{location}: {shapes}, {parameters:,} parameters")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _ink(family: str, *, is_dark: bool) -> _Ink:
    accent = family_colours(family)[int(is_dark)]
    on_dark = twins()
    text, muted, line, card = (on_dark[colour] if is_dark else colour for colour in (TEXT, MUTED, AXIS, CARD))
    paper = "#11151C" if is_dark else "#FFFFFF"
    return _Ink(text, muted, line, accent, mixed(card, accent, 0.1 if is_dark else 0.06), paper)
