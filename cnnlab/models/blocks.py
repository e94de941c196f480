"""What the families are made of: base class, activations, normalisation, pooling, shortcuts. Knows no family."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Self

import torch
from torch import nn

from cnnlab.models.records import Architecture

# Never in place: a hook on a layer (as Captum sets one) must see what the layer gave, not what the next one made of it.
_ACTIVATIONS: Final[Mapping[str, type[nn.Module]]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "mish": nn.Mish,
    "tanh": nn.Tanh,
}
VECTOR_WIDTH: Final = 16  # single-precision numbers in an AVX-512 register


class Network(nn.Module):
    """A network of the lab: (N, 3, H, W) pictures to (N, num_classes) logits.

    `head_layers` are the layers that make the decision, replaced when the classes differ and trained when the body is
    frozen. `feature_layers` are (name, stride in pixels) of layers with a map, shallow to deep, for explanations.
    `titles` gives the parts of the network their names in diagrams: prefix of a layer's name -> path of parts.
    `roles` says where a layer stands when its name does not: two networks that differ by one option have the same role
    for the same place, and so start from the same weights there. `side_heads` are the names of auxiliary classifiers.
    """

    architecture: Architecture
    head_layers: tuple[str, ...]
    feature_layers: tuple[tuple[str, int], ...]
    titles: Mapping[str, tuple[str, ...]]
    roles: Mapping[str, str] = MappingProxyType({})
    side_heads: tuple[str, ...] = ()
    frozen_body: bool = False

    def role(self, layer: str) -> str:
        """Where the layer of that name stands in the network, whatever the options that do not move it."""
        return self.roles.get(layer, layer)

    def after_initialisation(self) -> None:
        """Change what a family starts differently; called once the weights are initialised."""

    def train(self, mode: bool = True) -> Self:
        """As in torch, but a frozen body stays in evaluation mode: its normalisation must not drift."""
        super().train(mode)
        if self.frozen_body:
            for name, module in self.named_modules():
                if name and not self.in_head(name):
                    module.training = False
        return self

    def in_head(self, name: str) -> bool:
        """Whether a layer or parameter of that name belongs to the head."""
        return any(name == layer or name.startswith(layer + ".") for layer in self.head_layers)


class GlobalAveragePool(nn.Module):
    """Mean of each channel over its map: (N, C, H, W) -> (N, C, 1, 1)."""

    def forward(self, maps: torch.Tensor) -> torch.Tensor:  # noqa: D102
        # One window over the whole map sums in the same order as the article's AvgPool2d(7) at 224 pixels.
        return nn.functional.avg_pool2d(maps, kernel_size=maps.shape[-2:])


class SubsampledProjection(nn.Conv2d):
    """A 1x1 convolution with a stride: (N, in_channels, H, W) -> (N, out_channels, H/stride, W/stride).

    Where the channels are no multiple of 16 it looks at every stride-th pixel first and has no stride then, which gives
    the same. The strided one's backward pass (torch 2.14, oneDNN 3.12 with AVX-512, channels last, several threads)
    writes beyond its memory there, for instance from 12 to 24 channels, and ends the process sooner or later. On
    multiples of 16 that was never seen, and the detour is slower.
    """

    def forward(self, maps: torch.Tensor) -> torch.Tensor:  # noqa: D102
        if self.in_channels % VECTOR_WIDTH == 0 and self.out_channels % VECTOR_WIDTH == 0:
            return super().forward(maps)
        vertical, horizontal = self.stride
        return nn.functional.conv2d(maps[:, :, ::vertical, ::horizontal], self.weight, self.bias)


class ZeroPadShortcut(nn.Module):
    """Every `stride`-th cell, then channels of zeros: (N, C, H, W) -> (N, out_channels, ceil(H/s), ceil(W/s))."""

    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.extra_channels = out_channels - in_channels

    def forward(self, maps: torch.Tensor) -> torch.Tensor:  # noqa: D102
        maps = maps[:, :, :: self.stride, :: self.stride]
        return nn.functional.pad(maps, (0, 0, 0, 0, 0, self.extra_channels))


def activation_layer(name: str) -> nn.Module:
    """A new activation of that name."""
    return _ACTIVATIONS[name]()


def norm_layer(channels: int, batch_norm: bool, eps: float = 1e-5) -> nn.Module:
    """Batch normalisation, or nothing; a convolution in front of it has a bias only if there is nothing."""
    return nn.BatchNorm2d(channels, eps=eps) if batch_norm else nn.Identity()
