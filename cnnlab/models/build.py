"""From names and options to a network with weights. Knows nothing of training, data sets or weight files."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import torch
from torch import nn

from cnnlab.models.blocks import Network, initialise
from cnnlab.models.googlenet import GoogLeNet
from cnnlab.models.options import Options
from cnnlab.models.records import Architecture
from cnnlab.models.registry import (
    DEFAULT_PRESET,
    check_architecture,
    default_image_size,
    last_map_size,
    resolve_options,
)
from cnnlab.models.resnet import ResNet
from cnnlab.models.vgg import VGG

_FAMILIES: Final[Mapping[str, Callable[..., Network]]] = {"vgg": VGG, "googlenet": GoogLeNet, "resnet": ResNet}
_NOT_STRUCTURE: Final = frozenset({"initialisation", "auxiliary_weight"})  # how it starts and learns, not what it is


def build_model(
    family: str,
    *,
    preset: str = DEFAULT_PRESET,
    num_classes: int = 2,
    image_size: int | None = None,
    options: Mapping[str, object] | None = None,
    seed: int | None = None,
) -> nn.Module:
    """A network on the CPU, in training mode: (N, 3, H, W) -> (N, num_classes) logits.

    `options` are laid over the preset, `image_size` (pixels) defaults to the preset's; `seed` makes the weights
    repeatable and leaves torch's generator as it was. With auxiliary classifiers, training mode gives
    (logits, (auxiliary logits, ...)). `model.architecture` tells what was built. ConfigError names what does not fit.
    """
    network = build_structure(family, preset=preset, num_classes=num_classes, image_size=image_size, options=options)
    network.to_empty(device="cpu")
    with torch.random.fork_rng(devices=[], enabled=seed is not None):
        if seed is not None:
            torch.manual_seed(seed)
        chosen = network.architecture.options
        initialise(network, str(chosen["initialisation"]), str(chosen["activation"]))
    if isinstance(network, ResNet) and network.zero_init_residual:
        network.zero_last_norms()
    return network


def build_structure(
    family: str,
    *,
    preset: str = DEFAULT_PRESET,
    num_classes: int = 2,
    image_size: int | None = None,
    options: Mapping[str, object] | None = None,
) -> Network:
    """The same network on the meta device: shapes without values, made in milliseconds whatever its size."""
    chosen: Options = resolve_options(family, preset, options)
    size = default_image_size(family, preset) if image_size is None else image_size
    check_architecture(family, chosen, image_size=size, num_classes=num_classes)
    arguments: dict[str, Any] = {name: value for name, value in chosen.items() if name not in _NOT_STRUCTURE}
    if family == "vgg":
        arguments["last_map"] = last_map_size(family, chosen, size)
    with torch.device("meta"):
        network = _FAMILIES[family](num_classes=num_classes, **arguments)
    network.architecture = Architecture(
        family=family, preset=preset, options=chosen, image_size=size, num_classes=num_classes
    )
    return network
