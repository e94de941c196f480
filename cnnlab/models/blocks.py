"""Building blocks that the families share: base class, activations, normalisation, pooling, shortcuts."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Self

import torch
from torch import nn

from cnnlab.models.records import Architecture

# Never in place: a hook on a layer (Captum sets such hooks) must see that layer's output, not one changed by the next.
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

    `head_layers` are the layers that classify; they are replaced when the classes differ and are the ones trained when
    the body is frozen. `feature_layers` are (name, stride in pixels) of layers that output a map, shallow to deep, for
    explanations. `titles` maps a prefix of layer names to the titles in diagrams, outermost part first. `roles`
    identifies a layer's position if its name does not: networks that differ in one option have the same role at the
    same position, and so the same initial weights there. `side_heads` are the names of auxiliary classifiers.
    """

    architecture: Architecture
    head_layers: tuple[str, ...]
    feature_layers: tuple[tuple[str, int], ...]
    titles: Mapping[str, tuple[str, ...]]
    roles: Mapping[str, str] = MappingProxyType({})
    side_heads: tuple[str, ...] = ()
    frozen_body: bool = False

    def role(self, layer: str) -> str:
        """Position of the layer of that name in the network, independent of options that do not move it."""
        return self.roles.get(layer, layer)

    def after_initialisation(self) -> None:
        """Adjust initial weights that a family sets differently; called once the weights are initialised."""

    def train(self, mode: bool = True) -> Self:
        """As in torch, but a frozen body stays in evaluation mode, so that its normalisation does not drift."""
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
        # A window as large as the map adds in the same order as the article's AvgPool2d(7) at 224 pixels.
        return nn.functional.avg_pool2d(maps, kernel_size=maps.shape[-2:])


class SubsampledProjection(nn.Conv2d):
    """A 1x1 convolution with a stride: (N, in_channels, H, W) -> (N, out_channels, H/stride, W/stride).

    If the channels are not multiples of 16, it first takes every stride-th pixel and then convolves without a stride,
    which gives the same result. In that case the backward pass of a strided convolution (torch 2.14, oneDNN 3.12 with
    AVX-512, channels last, several threads) writes outside its memory, for instance from 12 to 24 channels, and crashes
    the process sooner or later. This was never seen with multiples of 16, for which the workaround would be slower.
    """

    def forward(self, maps: torch.Tensor) -> torch.Tensor:  # noqa: D102
        if self.in_channels % VECTOR_WIDTH == 0 and self.out_channels % VECTOR_WIDTH == 0:
            return super().forward(maps)
        vertical, horizontal = self.stride
        return nn.functional.conv2d(maps[:, :, ::vertical, ::horizontal], self.weight, self.bias)


class ZeroPadShortcut(nn.Module):
    """Every `stride`-th cell, padded with zero channels: (N, C, H, W) -> (N, out_channels, ceil(H/s), ceil(W/s))."""

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
    """Batch normalisation or the identity; a convolution before it has a bias only if it is the identity."""
    return nn.BatchNorm2d(channels, eps=eps) if batch_norm else nn.Identity()
