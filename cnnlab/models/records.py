"""Plain records of a network: what it was built from and what its inspection found. Knows no torch."""

from dataclasses import dataclass
from typing import Literal

from cnnlab.models.geometry import Window
from cnnlab.models.options import Options

EdgeKind = Literal["forward", "skip", "concatenation", "auxiliary"]


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """All that a network is built from: equal records and seeds give equal networks."""

    family: str
    preset: str
    options: Options
    image_size: int  # pixels, height and width
    num_classes: int


@dataclass(frozen=True, kw_only=True)
class LayerRecord:
    """One layer as it was run: shapes without the batch, floating-point operations for one picture.

    `block` is the path of parts it belongs to, outermost first, for diagrams; `window` is there for convolutions and
    poolings. `receptive_field` (pixels) and `stride` (pixels between neighbouring cells) are those of its output map,
    None after the last map.
    """

    name: str
    type: str
    block: tuple[str, ...]
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    parameters: int
    flops: int  # 2 x multiply-adds of convolutions and linear layers
    receptive_field: int | None
    stride: int | None
    window: Window | None = None


@dataclass(frozen=True)
class Edge:
    """Data that flows from one layer to another; names are those of LayerRecord, or `input`."""

    source: str
    target: str
    kind: EdgeKind


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """A network as traced: totals, layers in the order of the forward pass, edges between them.

    With auxiliary classifiers `parameters` and `flops` include them: that is what a training step pays.
    """

    architecture: Architecture
    parameters: int
    flops: int
    layers: tuple[LayerRecord, ...]
    edges: tuple[Edge, ...]
    receptive_field: int  # pixels seen by one cell of the last map
    smallest_input: int


@dataclass(frozen=True, kw_only=True)
class WeightsReport:
    """What came of reading a file of weights: names of parameters and buffers."""

    loaded: tuple[str, ...]
    new: tuple[str, ...]  # kept as initialised: the head, where the classes differ
    unused: tuple[str, ...]  # in the file, but not in the network
