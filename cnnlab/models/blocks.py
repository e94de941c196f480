"""What the three families are made of: base class, activations, pooling, initialisation of weights. Knows no family."""

from collections.abc import Mapping
from typing import Final, Literal, Self

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
# The factor by which a layer's weights make up for what the activation takes away; smooth ReLUs count as ReLU.
_GAINS: Final[Mapping[str, tuple[Literal["relu", "leaky_relu", "tanh"], float]]] = {
    "leaky_relu": ("leaky_relu", 0.01),
    "tanh": ("tanh", 0.0),
}
VECTOR_WIDTH: Final = 16  # single-precision numbers in an AVX-512 register


class Network(nn.Module):
    """A network of the lab: (N, 3, H, W) pictures to (N, num_classes) logits.

    `head_layers` are the layers that make the decision, replaced when the classes differ and trained when the body is
    frozen. `feature_layers` are (name, stride in pixels) of layers with a map, shallow to deep, for explanations.
    `titles` gives the parts of the network their names in diagrams: prefix of a layer's name -> path of parts.
    """

    architecture: Architecture
    head_layers: tuple[str, ...]
    feature_layers: tuple[tuple[str, int], ...]
    titles: Mapping[str, tuple[str, ...]]
    frozen_body: bool = False

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


def initialise(network: Network, scheme: str, activation: str) -> None:
    """Draw all weights anew: PyTorch's own way, or He's / Glorot's for all layers but the last of the head.

    The last layer keeps PyTorch's small weights in any case, so that training starts near equal probabilities.
    """
    for name, module in network.named_modules():
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()
        if scheme == "torch" or not isinstance(module, nn.Conv2d | nn.Linear):
            continue
        if name != network.head_layers[-1]:
            _draw(module.weight, scheme, activation)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def _draw(weight: torch.Tensor, scheme: str, activation: str) -> None:
    nonlinearity, slope = _GAINS.get(activation, ("relu", 0.0))
    if scheme == "kaiming":
        # fan_in keeps the size of the signal on its way forward, also where the channels double
        nn.init.kaiming_normal_(weight, a=slope, nonlinearity=nonlinearity)
    else:
        nn.init.xavier_normal_(weight)
