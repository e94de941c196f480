"""Lists what a network computes, layer by layer, by tracing it on the meta device, without weights or pictures.

torch.fx records every call of the forward pass, so skips and concatenations are listed as executed, not as documented.
"""

import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import torch
from torch import fx, nn

from cnnlab.models.blocks import GlobalAveragePool, Network
from cnnlab.models.build import build_structure
from cnnlab.models.geometry import Window
from cnnlab.models.records import Edge, EdgeKind, Inspection, LayerRecord
from cnnlab.models.registry import DEFAULT_PRESET, smallest_input

INPUT: Final = "input"
_POOL_ALL: Final = (GlobalAveragePool, nn.AdaptiveAvgPool2d)
_FUNCTIONS: Final[Mapping[Any, str]] = {operator.add: "Add", torch.cat: "Concatenate", torch.flatten: "Flatten"}


def inspect_model(
    family: str,
    *,
    preset: str = DEFAULT_PRESET,
    options: Mapping[str, object] | None = None,
    image_size: int | None = None,
    num_classes: int = 2,
) -> Inspection:
    """Layers, edges and totals of the network that `build_model` would return, including auxiliary classifiers.

    Raises:
        ConfigError: as in `build_model`.
    """
    network = build_structure(family, preset=preset, options=options, image_size=image_size, num_classes=num_classes)
    architecture = network.architecture
    tracer = _Tracer()
    graph = tracer.trace(network)  # in training mode, so that the auxiliary classifiers are traced too
    network.eval()  # does not change the shapes, and lets normalisation accept a single picture
    picture = torch.empty(1, 3, architecture.image_size, architecture.image_size, device="meta")
    walk = _Walk(network, tracer.scopes)
    for node in graph.nodes:
        walk.visit(node, picture)
    return Inspection(
        architecture=architecture,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        flops=sum(layer.flops for layer in walk.layers),
        layers=tuple(walk.layers),
        edges=tuple(walk.edges),
        receptive_field=max(layer.receptive_field or 0 for layer in walk.layers),
        smallest_input=smallest_input(family, architecture.options),
    )


class _Tracer(fx.Tracer):
    """Records calls, and for each call the module whose forward pass makes it."""

    def __init__(self) -> None:
        super().__init__()
        self.scopes: dict[fx.Node, str] = {}

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return not any(True for _ in m.children())

    def create_node(self, *args: Any, **kwargs: Any) -> fx.Node:  # noqa: ANN401 - torch.fx's own signature
        node = super().create_node(*args, **kwargs)
        self.scopes[node] = self.scope.module_path
        return node


@dataclass(frozen=True)
class _Map:
    """A value between layers: the layer it came from, and how much of the picture each of its cells sees."""

    value: Any
    layer: str
    receptive_field: int | None = 1  # pixels
    stride: int | None = 1  # pixels between neighbouring cells


@dataclass
class _Walk:
    """Executes the traced calls in order on the meta device and records them."""

    network: Network
    scopes: Mapping[fx.Node, str]
    layers: list[LayerRecord] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    maps: dict[fx.Node, _Map] = field(default_factory=dict)

    def visit(self, node: fx.Node, picture: torch.Tensor) -> None:
        if node.op == "placeholder":
            self.maps[node] = _Map(picture, INPUT)
        elif node.op == "call_module":
            module = self.network.get_submodule(str(node.target))
            if isinstance(module, nn.Identity):  # an option that is switched off
                self.maps[node] = self.maps[node.all_input_nodes[0]]
            else:
                kind = "Conv2d" if isinstance(module, nn.Conv2d) else type(module).__name__
                self._layer(node, str(node.target), kind, module)
        elif node.op == "call_function":
            kind = _FUNCTIONS[node.target]
            scope = self.scopes[node]
            self._layer(node, f"{scope}.{kind.lower()}" if scope else kind.lower(), kind, None)

    def _layer(self, node: fx.Node, name: str, kind: str, module: nn.Module | None) -> None:
        sources = [self.maps[source] for source in node.all_input_nodes]
        value = self._run(node, module)
        window = _window(module, sources[0].value.shape)
        result = _see(sources, window, _Map(value, name), whole=value.dim() == 2 or isinstance(module, _POOL_ALL))
        self.maps[node] = result
        self.layers.append(
            LayerRecord(
                name=name,
                type=kind,
                block=self._block(name),
                input_shape=tuple(sources[0].value.shape[1:]),
                output_shape=tuple(value.shape[1:]),
                parameters=sum(parameter.numel() for parameter in module.parameters()) if module else 0,
                flops=_flops(module, value),
                receptive_field=result.receptive_field,
                stride=result.stride,
                window=window,
            )
        )
        for position, source in enumerate(sources):
            self.edges.append(Edge(source.layer, name, self._edge_kind(source.layer, name, kind, position)))

    def _run(self, node: fx.Node, module: nn.Module | None) -> torch.Tensor:
        arguments = fx.node.map_arg(node.args, lambda source: self.maps[source].value)
        keywords = fx.node.map_arg(node.kwargs, lambda source: self.maps[source].value)
        call = module if module is not None else node.target
        result: torch.Tensor = call(*arguments, **keywords)  # type: ignore[operator]
        return result

    def _block(self, name: str) -> tuple[str, ...]:
        """The titles of the longest prefix that has any."""
        return next((self.network.titles[prefix] for prefix in _prefixes(name) if prefix in self.network.titles), ())

    def _edge_kind(self, source: str, target: str, kind: str, position: int) -> EdgeKind:
        if kind == "Concatenate":
            return "concatenation"
        block = self._block(target)
        if kind == "Add" and position == 1:  # F(x) + x: the second term is the shortcut
            return "skip"
        if block and block != self._block(source):
            if block[-1] == "shortcut":
                return "skip"
            if block[0].startswith("auxiliary"):
                return "auxiliary"
        return "forward"


def _prefixes(name: str) -> Iterator[str]:
    while name:
        yield name
        name = name.rpartition(".")[0]


def _window(module: nn.Module | None, shape: torch.Size) -> Window | None:
    match module:
        case nn.Conv2d():
            return Window(module.kernel_size[0], module.stride[0], int(module.padding[0]))
        case nn.MaxPool2d():
            return _pool_window(module)
        case GlobalAveragePool():
            return Window(int(shape[-1]))
        case _:
            return None


def _pool_window(pool: nn.MaxPool2d) -> Window:
    assert isinstance(pool.kernel_size, int) and isinstance(pool.stride, int) and isinstance(pool.padding, int)
    return Window(pool.kernel_size, pool.stride, pool.padding, pool.ceil_mode)


def _see(sources: list[_Map], window: Window | None, result: _Map, *, whole: bool) -> _Map:
    """Receptive field and stride of a layer's output: the largest of its inputs, enlarged by its own window.

    `whole` means that the layer reads the whole map, whatever its size, so its output no longer has cells.
    """
    if whole or any(source.receptive_field is None or source.stride is None for source in sources):
        return _Map(result.value, result.layer, None, None)
    field_before = max(source.receptive_field or 1 for source in sources)
    stride_before = max(source.stride or 1 for source in sources)
    if window is None:
        return _Map(result.value, result.layer, field_before, stride_before)
    receptive_field = field_before + (window.kernel - 1) * stride_before
    return _Map(result.value, result.layer, receptive_field, stride_before * window.stride)


def _flops(module: nn.Module | None, output: torch.Tensor) -> int:
    """2 x multiply-adds for one picture; only convolutions and linear layers count."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        weights_per_output = module.weight[0].numel()
        return 2 * output[0].numel() * weights_per_output
    return 0
