"""Turns a traced network into the graph of a diagram, block by block or layer by layer.

Built from the edges of the trace alone, so branches, skips and auxiliary classifiers are shown as executed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final, Literal

from cnnlab.models.records import Edge, Inspection, LayerRecord

NodeKind = Literal["end", "block", "join", "head", "auxiliary"]

INPUT: Final = "input"
MAX_BLOCKS: Final = 9
"""Up to this many residual blocks are shown one by one; with more, consecutive equal ones are shown once."""

_JOINS: Final[Mapping[str, str]] = {"Add": "+", "Concatenate": "concat"}
_TRIMMINGS: Final[Mapping[str, str]] = {
    "BatchNorm2d": "norm",
    "Dropout": "dropout",
    "Flatten": "flat",
    "ReLU": "ReLU",
    "LeakyReLU": "leaky ReLU",
    "ELU": "ELU",
    "GELU": "GELU",
    "SiLU": "SiLU",
    "Mish": "Mish",
    "Tanh": "tanh",
}
_PLAIN: Final[Mapping[str, str]] = {
    "GlobalAveragePool": "average",
    "AdaptiveAvgPool2d": "average",
    "Linear": "linear",
    "ZeroPadShortcut": "zeros added",
    "TransformInput": "rescaled",
}


@dataclass(frozen=True, kw_only=True)
class Node:
    """A box of the diagram: its title, the part of the network it belongs to, the lines below, the layers in it."""

    name: str
    kind: NodeKind
    title: str
    part: str = ""
    lines: tuple[str, ...] = ()
    layers: tuple[LayerRecord, ...] = ()


@dataclass(frozen=True)
class Graph:
    """Boxes in the order of the forward pass, and edges between their names."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def part_names(inspection: Inspection) -> tuple[str, ...]:
    """The outermost parts of a network, in order: `stem`, `stage 1`, `inception 3a`."""
    return tuple(dict.fromkeys(layer.block[0] for layer in inspection.layers if layer.block))


def by_blocks(inspection: Inspection) -> Graph:
    """The whole network with its layers grouped into blocks; sums and concatenations have their own boxes."""
    groups = _gather(inspection.layers, starts=_starts_block)
    same = _repeated(inspection.layers)
    kept = [group for group in groups if group.path[:2] not in same]
    times = _times(same)
    nodes = [_input(inspection), *(_block_node(group, times.get(group.path[:2], 1)) for group in kept)]
    return Graph(tuple(nodes), _edges(inspection.edges, _owners(groups, same)))


def by_layers(inspection: Inspection, part: str | None = None) -> Graph:
    """Every layer of the network or of one part; normalisation and activation are shown with the layer before them.

    In one part of a deep network, consecutive equal blocks are shown once.
    """
    groups = _gather(inspection.layers, starts=_starts_layer)
    if part is None:
        return Graph((_input(inspection), *map(_layer_node, groups)), _edges(inspection.edges, _owners(groups, {})))
    same = _repeated(inspection.layers)
    times = _times(same)
    inside = {
        group.name: _in_block(_layer_node(group), times)
        for group in groups
        if group.path[:1] == (part,) and group.path[:2] not in same
    }
    outside = {group.name: _end(_layer_node(group)) for group in groups if group.name not in inside}
    outside[INPUT] = _input(inspection)
    edges = _edges(inspection.edges, _owners(groups, same))
    crossing = [edge for edge in edges if edge.source in inside or edge.target in inside]
    before = {outside[edge.source].name: outside[edge.source] for edge in crossing if edge.source in outside}
    after = {outside[edge.target].name: outside[edge.target] for edge in crossing if edge.target in outside}
    nodes = {**inside, **outside}
    arrows: dict[tuple[str, str], Edge] = {}
    for edge in crossing:  # one arrow to another part is enough, whatever it carries
        ends = (nodes[edge.source].name, nodes[edge.target].name)
        arrows.setdefault(ends, Edge(*ends, edge.kind))
    return Graph((*before.values(), *inside.values(), *after.values()), tuple(arrows.values()))


@dataclass
class _Group:
    path: tuple[str, ...]
    layers: list[LayerRecord] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.layers[0].name

    @property
    def is_join(self) -> bool:
        return self.layers[0].type in _JOINS


def _gather(layers: Iterable[LayerRecord], *, starts: Callable[[LayerRecord], bool]) -> list[_Group]:
    """Groups of layers with the same path; a layer that `starts` a group opens a new one, which the next ones join."""
    groups: list[_Group] = []
    latest: dict[tuple[str, ...], _Group] = {}
    for layer in layers:
        if layer.block not in latest or starts(layer):
            latest[layer.block] = _Group(layer.block)
            groups.append(latest[layer.block])
        latest[layer.block].layers.append(layer)
    return groups


def _starts_block(layer: LayerRecord) -> bool:
    return layer.type in _JOINS


def _starts_layer(layer: LayerRecord) -> bool:
    return layer.type not in _TRIMMINGS


def _owners(groups: Sequence[_Group], same: Mapping[tuple[str, ...], tuple[str, ...]]) -> dict[str, str]:
    """Layer to the name of its box; layers of a block that is not shown map to the block that represents it."""
    by_position: dict[tuple[tuple[str, ...], int], str] = {}
    positions: dict[tuple[str, ...], int] = {}
    owners = {INPUT: INPUT}
    for group in groups:
        block = group.path[:2]
        position = positions[block] = positions.get(block, -1) + 1
        by_position[block, position] = by_position[same[block], position] if block in same else group.name
        owners |= dict.fromkeys((layer.name for layer in group.layers), by_position[block, position])
    return owners


def _edges(edges: Iterable[Edge], owners: Mapping[str, str]) -> tuple[Edge, ...]:
    """Edges between boxes, each once; backward edges come from repeated blocks and are left out."""
    order = {name: index for index, name in enumerate(dict.fromkeys(owners.values()))}
    moved = (replace(edge, source=owners[edge.source], target=owners[edge.target]) for edge in edges)
    return tuple(dict.fromkeys(edge for edge in moved if order[edge.source] < order[edge.target]))


def _repeated(layers: Iterable[LayerRecord]) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Maps residual blocks equal to the one before them to the first of such a row; empty if there are few blocks."""
    blocks: dict[tuple[str, ...], list[LayerRecord]] = {}
    for layer in layers:
        if len(layer.block) > 1 and layer.block[1].startswith("block"):
            blocks.setdefault(layer.block[:2], []).append(layer)
    if len(blocks) <= MAX_BLOCKS:
        return {}
    same: dict[tuple[str, ...], tuple[str, ...]] = {}
    for _, row in groupby(blocks, key=lambda path: (path[0], _signature(blocks[path]))):
        first, *others = row
        same |= dict.fromkeys(others, first)
    return same


def _times(same: Mapping[tuple[str, ...], tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    """Number of equal blocks in a row, by the one that is shown."""
    return {first: 1 + count for first, count in Counter(same.values()).items()}


def _in_block(node: Node, times: Mapping[tuple[str, ...], int]) -> Node:
    """The box framed by its residual block instead of its part, since only one part is shown."""
    block = node.layers[0].block[:2]
    if len(block) < 2 or not block[1].startswith("block"):
        return node
    return replace(node, part=_block_title(block[1], times.get(block, 1)))


def _block_title(name: str, times: int) -> str:
    return name if times == 1 else f"{times} x {name.rpartition(' ')[0]}"


def _signature(layers: Sequence[LayerRecord]) -> tuple[object, ...]:
    return tuple((layer.type, layer.input_shape, layer.output_shape, layer.window) for layer in layers)


def _input(inspection: Inspection) -> Node:
    side = inspection.architecture.image_size
    return Node(name=INPUT, kind="end", title="picture", lines=(shape_text((3, side, side)),))


def _end(node: Node) -> Node:
    """The box that represents another part, as the source or the target of data."""
    if node.name == INPUT or not node.part:
        return replace(node, kind="end")
    return Node(name=f"part {node.part}", kind="end", title=node.part)


def _block_node(group: _Group, times: int) -> Node:
    last, part = group.layers[-1], group.path[0] if group.path else ""
    if group.is_join:
        return _join(group, ())
    is_branch = len(group.path) > 1 and not group.path[-1].startswith("block")
    title = "" if is_branch else group.path[-1] if group.path else ""
    title = title.replace("auxiliary classifier", "auxiliary")
    if title:
        title = _block_title(title, times)
    lines = (_branch(group.layers),) if is_branch else tuple(_summary(group.layers))
    if len(group.path) < 2:
        lines += (shape_text(last.output_shape),)
    return Node(name=group.name, kind=_kind(group), title=title, part=part, lines=lines, layers=tuple(group.layers))


def _join(group: _Group, lines: tuple[str, ...]) -> Node:
    title, part = _JOINS[group.layers[0].type], group.path[0] if group.path else ""
    return Node(name=group.name, kind="join", title=title, part=part, lines=lines, layers=tuple(group.layers))


def _layer_node(group: _Group) -> Node:
    first, last = group.layers[0], group.layers[-1]
    trimmings = ", ".join(_TRIMMINGS[layer.type] for layer in group.layers[1:] if layer.type in _TRIMMINGS)
    if group.is_join:
        return _join(group, (trimmings,) if trimmings else ())
    lines = tuple(filter(None, (trimmings, shape_text(last.output_shape))))
    part = group.path[0] if group.path else ""
    return Node(
        name=group.name, kind=_kind(group), title=_long(first), part=part, lines=lines, layers=tuple(group.layers)
    )


def _kind(group: _Group) -> NodeKind:
    outermost = group.path[0] if group.path else ""
    if outermost.startswith("auxiliary"):
        return "auxiliary"
    return "head" if outermost == "head" else "block"


def _summary(layers: Iterable[LayerRecord]) -> list[str]:
    """The computing layers of a block, with consecutive equal ones merged: `2 x 3x3`, `pool`."""
    short = [_short(layer) for layer in layers if layer.type not in _TRIMMINGS]
    counted = [(text, len(list(row))) for text, row in groupby(short)]
    return [f"{count} x {text}" if count > 1 else text for text, count in counted]


def _branch(layers: Sequence[LayerRecord]) -> str:
    """The window of a branch: that of its pooling, else that of its largest convolution."""
    windows = [layer for layer in layers if layer.window is not None]
    pools = [layer for layer in windows if layer.type == "MaxPool2d"]
    main = (pools or sorted(windows, key=lambda layer: -layer.window.kernel if layer.window else 0))[:1]
    return _short(main[0]) if main else _summary(layers)[0]


def _short(layer: LayerRecord) -> str:
    if layer.type in _PLAIN or layer.window is None:
        return _PLAIN.get(layer.type, layer.type)
    halving = f" /{layer.window.stride}" if layer.window.stride > 1 else ""
    return ("pool" if layer.type == "MaxPool2d" else f"{layer.window.kernel}x{layer.window.kernel}") + halving


def _long(layer: LayerRecord) -> str:
    if layer.type in _PLAIN or layer.window is None:
        return _PLAIN.get(layer.type, layer.type)
    size = f"{layer.window.kernel}x{layer.window.kernel}"
    halving = f" /{layer.window.stride}" if layer.window.stride > 1 else ""
    return f"{size} {'pool' if layer.type == 'MaxPool2d' else 'conv'}{halving}"


def shape_text(shape: Sequence[int]) -> str:
    """`12×64×64`: channels, height, width."""
    return "×".join(f"{size:,}" for size in shape)
