"""VGG (Simonyan and Zisserman, 2014, https://arxiv.org/abs/1409.1556): a chain of 3x3 convolutions with five halvings.

Optional differences from the paper: batch normalisation, a 1x1 convolution at the end of the last three stages (as in
the article; in the paper's column C it replaces the third 3x3), smaller heads. Layers are numbered as in torchvision,
so that its weights can be loaded.
"""

from collections.abc import Iterator
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
HEAD_MAP: Final = 7  # cells: side of the last map at 224 pixels, for which both linear heads were designed


class VGG(Network):
    """See the module's docstring; `descriptions/vgg.py` has the options, `last_map` is the last map's side in cells."""

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
        kernels = [(3,) * count for count in CONVOLUTIONS[depth]]
        if one_by_one:
            kernels[FIRST_STAGE_WITH_1X1 - 1 :] = [(*stage, 1) for stage in kernels[FIRST_STAGE_WITH_1X1 - 1 :]]
        self.features = make_layers(kernels, base_width, batch_norm=batch_norm, activation=activation)
        # Like torchvision's, published heads read 7x7 cells at any image size. The article's was made for 224 pixels
        # only; for smaller pictures its first layer is smaller, so that it does not read copies of the same few cells.
        side = {"average": 1, "article": min(HEAD_MAP, last_map), "published": HEAD_MAP}[head]
        self.avgpool = GlobalAveragePool() if side == 1 else nn.AdaptiveAvgPool2d(side)
        inputs = base_width * WIDTHS[-1] * side * side
        self.classifier = make_head(inputs, HIDDEN[head], num_classes, dropout=dropout, activation=activation)

        positions = list(_positions(self.features))
        self.titles = {f"features.{index}": (f"stage {stage}",) for index, stage, _ in positions}
        self.titles |= {"avgpool": ("head",), "flatten": ("head",), "classifier": ("head",)}
        ends = [index for index, _, layer in positions if isinstance(layer, nn.MaxPool2d)]
        self.feature_layers = tuple((f"features.{end - 1}", 2**halved) for halved, end in enumerate(ends))
        self.feature_layers += ((f"features.{ends[-1]}", 2 ** len(ends)),)
        linear = [f"classifier.{i}" for i, layer in enumerate(self.classifier) if isinstance(layer, nn.Linear)]
        # The article's whole head is replaced, because its first layer depends on the image size.
        self.head_layers = tuple(linear) if head == "article" else (linear[-1],)
        self.roles = _roles(self.features) | {name: f"linear {i} of the head" for i, name in enumerate(linear, start=1)}

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """(N, 3, H, W) -> (N, num_classes) logits."""
        maps = self.features(images)  # (N, 3, H, W) -> (N, 8 * base_width, H/32, W/32)
        vectors = torch.flatten(self.avgpool(maps), 1)  # (N, 8 * base_width * side * side)
        logits: torch.Tensor = self.classifier(vectors)
        return logits


def make_layers(kernels: list[tuple[int, ...]], base_width: int, *, batch_norm: bool, activation: str) -> nn.Sequential:
    """Convolutions with these window sides in each stage: (N, 3, H, W) -> (N, 8 * base_width, H/32, W/32)."""
    layers: list[nn.Module] = []
    inputs = 3
    for stage, width in zip(kernels, WIDTHS, strict=True):
        outputs = base_width * width
        for kernel in stage:
            layers.append(nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2))  # padding keeps the size
            if batch_norm:
                layers.append(nn.BatchNorm2d(outputs))
            layers.append(activation_layer(activation))
            inputs = outputs
        layers.append(nn.MaxPool2d(2, 2))  # (N, C, H, W) -> (N, C, H/2, W/2)
    return nn.Sequential(*layers)


def make_head(
    inputs: int, hidden: tuple[int, ...], num_classes: int, *, dropout: float, activation: str
) -> nn.Sequential:
    """Linear layers with activations in between; dropout after each activation, or first if there is none."""
    layers: list[nn.Module] = [] if hidden else [nn.Dropout(dropout)]
    for width_in, width_out in pairwise((inputs, *hidden)):
        layers += [nn.Linear(width_in, width_out), activation_layer(activation), nn.Dropout(dropout)]
    layers.append(nn.Linear((inputs, *hidden)[-1], num_classes))
    return nn.Sequential(*layers)


def _positions(features: nn.Sequential) -> Iterator[tuple[int, int, nn.Module]]:
    """(index, stage counted from 1, layer) of every layer; a pooling ends a stage."""
    stage = 1
    for index, layer in enumerate(features):
        yield index, stage, layer
        stage += isinstance(layer, nn.MaxPool2d)


def _roles(features: nn.Sequential) -> dict[str, str]:
    """Roles of convolutions and their normalisations, whose numbers in layer names change when layers are added."""
    roles, counted = {}, dict.fromkeys((1, 3), 0)
    last_stage, where = 0, ""
    for index, stage, layer in _positions(features):
        if stage != last_stage:
            counted, last_stage = dict.fromkeys(counted, 0), stage
        if isinstance(layer, nn.Conv2d):
            kernel = layer.kernel_size[0]
            counted[kernel] += 1
            where = f"stage {stage}, convolution {counted[kernel]} of {kernel}x{kernel}"
            roles[f"features.{index}"] = where
        elif isinstance(layer, nn.BatchNorm2d):
            roles[f"features.{index}"] = f"{where}, normalisation"
    return roles
