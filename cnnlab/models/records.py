"""Plain records of a network: what it was built from, and the results of its inspection. Does not import torch."""

from dataclasses import dataclass
from typing import Literal

from cnnlab.models.geometry import Window
from cnnlab.models.options import Options

EdgeKind = Literal["forward", "skip", "concatenation", "auxiliary"]


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """Everything that a network is built from: equal records and seeds give equal networks."""

    family: str
    preset: str
    options: Options
    image_size: int  # pixels, height and width
    num_classes: int


@dataclass(frozen=True, kw_only=True)
class LayerRecord:
    """One layer as executed: shapes without the batch, floating-point operations for one picture.

    `block` lists the parts it belongs to, outermost first, for diagrams; convolutions and poolings have a `window`.
    `receptive_field` (pixels) and `stride` (pixels between neighbouring cells) are those of its output map, None after
    the last map.
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
    """Data that flows from one layer to another; the names are LayerRecord names or `input`."""

    source: str
    target: str
    kind: EdgeKind


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """A traced network: totals, layers in the order of the forward pass, and the edges between them.

    `parameters` and `flops` include auxiliary classifiers, because a training step computes them too.
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
    """Result of loading a weights file: names of parameters and buffers."""

    loaded: tuple[str, ...]
    new: tuple[str, ...]  # kept their initial values, such as the head if the classes differ
    unused: tuple[str, ...]  # in the file, but not in the network
