"""VGG (Simonyan and Zisserman, 2014, https://arxiv.org/abs/1409.1556): 3x3 convolutions in one line, halved five times.

Differs from the paper on request: batch normalisation, a 1x1 convolution at the end of the last three stages (the
article's; the paper's column C replaces the third 3x3 by it), smaller heads. Layers are numbered as in torchvision, so
that its weight files fit. Knows nothing about training or data sets.
"""

from itertools import pairwise
from typing import Final

import torch
from torch import nn

from cnnlab.models.blocks import GlobalAveragePool, Network, activation_layer

# The paper's table: 3x3 convolutions in each of the five stages, and their channels in units of the base width.
CONVOLUTIONS: Final = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
WIDTHS: Final = (1, 2, 4, 8, 8)
FIRST_STAGE_WITH_1X1: Final = 3

HIDDEN: Final = {"article": (100, 20), "published": (4096, 4096), "average": ()}
HEAD_MAP: Final = 7  # cells: the side of the last map at 224 pixels, for which both linear heads were made


class VGG(Network):
    """See the module; options as described in `descriptions/vgg.py`, `last_map` is the last map's side in cells."""

    def __init__(
        self,
        *,
        depth: int,
        base_width: int,
        one_by_one: bool,
        batch_norm: bool,
        head: str,
        dropout: float,
        activation: str,
        num_classes: int,
        last_map: int,
    ) -> None:
        super().__init__()
        self.titles: dict[str, tuple[str, ...]] = {}
        layers: list[nn.Module] = []
        feature_layers: list[tuple[str, int]] = []
        channels = 3
        for stage, (count, width) in enumerate(zip(CONVOLUTIONS[depth], WIDTHS, strict=True), start=1):
            first = len(layers)
            kernels = [3] * count + [1] * (one_by_one and stage >= FIRST_STAGE_WITH_1X1)
            for kernel in kernels:
                # (N, channels, H, W) -> (N, base_width * width, H, W): padding keeps the size
                layers.append(nn.Conv2d(channels, base_width * width, kernel, padding=kernel // 2))
                channels = base_width * width
                layers += [nn.BatchNorm2d(channels)] * batch_norm
                layers.append(activation_layer(activation))
            feature_layers.append((f"features.{len(layers) - 1}", 2 ** (stage - 1)))
            layers.append(nn.MaxPool2d(2, 2))  # (N, C, H, W) -> (N, C, H/2, W/2)
            self.titles |= {f"features.{index}": (f"stage {stage}",) for index in range(first, len(layers))}
        feature_layers.append((f"features.{len(layers) - 1}", 32))
        self.features = nn.Sequential(*layers)
        # Published heads read 7x7 cells at any image size, as torchvision's do. For the article's, which knows 224
        # pixels only, a smaller picture makes a smaller first layer instead of 49 copies of the same few cells.
        side = {"average": 1, "article": min(HEAD_MAP, last_map), "published": HEAD_MAP}[head]
        self.avgpool = GlobalAveragePool() if side == 1 else nn.AdaptiveAvgPool2d(side)
        self.classifier = _head(channels * side * side, HIDDEN[head], num_classes, dropout, activation)
        self.titles |= {"avgpool": ("head",), "flatten": ("head",), "classifier": ("head",)}
        self.feature_layers = tuple(feature_layers)
        linear = [f"classifier.{i}" for i, layer in enumerate(self.classifier) if isinstance(layer, nn.Linear)]
        # The article's head is made anew as a whole: its first layer depends on the image size.
        self.head_layers = tuple(linear) if head == "article" else (linear[-1],)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """(N, 3, H, W) -> (N, num_classes) logits."""
        maps = self.features(images)  # (N, 3, H, W) -> (N, 8 * base_width, H/32, W/32)
        vectors = torch.flatten(self.avgpool(maps), 1)  # (N, 8 * base_width * side * side)
        logits: torch.Tensor = self.classifier(vectors)
        return logits


def _head(inputs: int, hidden: tuple[int, ...], num_classes: int, dropout: float, activation: str) -> nn.Sequential:
    """Linear layers with activations between; dropout after each activation, or first where there is none."""
    layers: list[nn.Module] = [] if hidden else [nn.Dropout(dropout)]
    for width_in, width_out in pairwise((inputs, *hidden)):
        layers += [nn.Linear(width_in, width_out), activation_layer(activation), nn.Dropout(dropout)]
    layers.append(nn.Linear((inputs, *hidden)[-1], num_classes))
    return nn.Sequential(*layers)
