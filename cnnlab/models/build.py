"""Builds a network with initial weights from the names of a family and preset and from options."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import torch
from torch import nn

from cnnlab.models.blocks import Network
from cnnlab.models.descriptions.family import ACTIVATION, INITIALISATION
from cnnlab.models.initialisation import initialise
from cnnlab.models.options import Options
from cnnlab.models.records import Architecture
from cnnlab.models.registry import (
    DEFAULT_PRESET,
    check_architecture,
    default_image_size,
    get_family,
    last_map_size,
    resolve_options,
)


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

    `options` override the preset's, `image_size` (pixels) defaults to the preset's; `seed` makes the weights
    reproducible without changing torch's generator. With auxiliary classifiers, training mode returns
    (logits, (auxiliary logits, ...)). `model.architecture` records what was built.

    Raises:
        ConfigError: an option is unknown or invalid, or options conflict.
    """
    network = build_structure(family, preset=preset, num_classes=num_classes, image_size=image_size, options=options)
    network.to_empty(device="cpu")
    chosen = network.architecture.options
    scheme, activation = (str(chosen.get(option.name, option.default)) for option in (INITIALISATION, ACTIVATION))
    initialise(network, scheme, activation, seed=seed)
    return network


def build_structure(
    family: str,
    *,
    preset: str = DEFAULT_PRESET,
    num_classes: int = 2,
    image_size: int | None = None,
    options: Mapping[str, object] | None = None,
) -> Network:
    """The same network on the meta device: shapes without values, built in milliseconds at any size."""
    chosen: Options = resolve_options(family, preset, options)
    size = default_image_size(family, preset) if image_size is None else image_size
    check_architecture(family, chosen, image_size=size, num_classes=num_classes)
    structure: dict[str, Any] = {spec.name: chosen[spec.name] for spec in get_family(family).options if spec.structural}
    with torch.device("meta"):
        network = _network_class(family)(
            num_classes=num_classes, last_map=last_map_size(family, chosen, size), **structure
        )
    network.architecture = Architecture(
        family=family, preset=preset, options=chosen, image_size=size, num_classes=num_classes
    )
    return network


def _network_class(family: str) -> Callable[..., Network]:
    module, _, name = get_family(family).network.partition(":")
    network_class: Callable[..., Network] = getattr(import_module(module), name)
    return network_class
