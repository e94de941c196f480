"""GoogLeNet (Szegedy et al., 2014, https://arxiv.org/abs/1409.4842): nine Inception modules of four branches each.

Differences from the paper: no local response normalisation; optional batch normalisation; in the published layout,
which follows torchvision's network and names, poolings round up, the last one is 2x2, and the third branch may have 3x3
windows where the paper has 5x5. The article's layout leaves out the stem's 1x1 convolution and its activations.
"""

from typing import Any, Final

import torch
from torch import nn

from cnnlab.models.blocks import GlobalAveragePool, Network, activation_layer, norm_layer

# The paper's table 1: 1x1 | reduction, 3x3 | reduction, 5x5 | after the pooling. Made for a base width of 64.
TABLE: Final = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
TABLE_WIDTH: Final = 64
BRANCHES: Final = {"branch1": "1x1", "branch2": "3x3", "branch3": "5x5", "branch4": "pooling"}
AUXILIARY_MAP: Final = 4  # cells


class ConvUnit(nn.Module):
    """Convolution, normalisation, activation: (N, in_channels, H, W) -> (N, out_channels, H/stride, W/stride)."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int,
        *,
        batch_norm: bool,
        activation: str | None,
        stride: int = 1,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel, stride, kernel // 2, bias=not batch_norm)
        self.bn = norm_layer(out_channels, batch_norm, eps=0.001)  # torchvision's value for this network
        self.act = nn.Identity() if activation is None else activation_layer(activation)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:  # noqa: D102
        activated: torch.Tensor = self.act(self.bn(self.conv(maps)))
        return activated


class Inception(nn.Module):
    """Four branches over one map, concatenated: (N, C, H, W) -> (N, sum of the branches' channels, H, W)."""

    def __init__(
        self, in_channels: int, channels: tuple[int, ...], *, large_kernel: int, batch_norm: bool, activation: str
    ) -> None:
        super().__init__()

        def unit(inputs: int, outputs: int, kernel: int) -> ConvUnit:
            return ConvUnit(inputs, outputs, kernel, batch_norm=batch_norm, activation=activation)

        one, reduced_3, three, reduced_5, five, pooled = channels
        self.branch1 = unit(in_channels, one, 1)
        self.branch2 = nn.Sequential(unit(in_channels, reduced_3, 1), unit(reduced_3, three, 3))
        self.branch3 = nn.Sequential(unit(in_channels, reduced_5, 1), unit(reduced_5, five, large_kernel))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1), unit(in_channels, pooled, 1))
        self.out_channels = one + three + five + pooled

    def forward(self, maps: torch.Tensor) -> torch.Tensor:  # noqa: D102
        return torch.cat([self.branch1(maps), self.branch2(maps), self.branch3(maps), self.branch4(maps)], dim=1)


class AuxiliaryHead(nn.Module):
    """A small classifier on an intermediate map, for training only: (N, C, H, W) -> (N, num_classes)."""

    def __init__(
        self, in_channels: int, base_width: int, num_classes: int, *, batch_norm: bool, activation: str
    ) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(AUXILIARY_MAP)
        self.conv = ConvUnit(in_channels, 2 * base_width, 1, batch_norm=batch_norm, activation=activation)
        self.fc1 = nn.Linear(2 * base_width * AUXILIARY_MAP**2, 16 * base_width)
        self.act = activation_layer(activation)
        self.dropout = nn.Dropout(0.7)
        self.fc2 = nn.Linear(16 * base_width, num_classes)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:  # noqa: D102
        vectors = torch.flatten(self.conv(self.avgpool(maps)), 1)  # (N, 2 * base_width * 16)
        logits: torch.Tensor = self.fc2(self.dropout(self.act(self.fc1(vectors))))
        return logits


class TransformInput(nn.Module):
    """Converts ImageNet's normalisation to (value - 0.5) / 0.5, with which the published weights were trained."""

    def __init__(self) -> None:
        super().__init__()
        means, deviations = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
        self.scale = [deviation / 0.5 for deviation in deviations]
        self.shift = [(mean - 0.5) / 0.5 for mean in means]

    def forward(self, images: torch.Tensor) -> torch.Tensor:  # noqa: D102
        scale, shift = images.new_tensor(self.scale), images.new_tensor(self.shift)
        return images * scale.view(3, 1, 1) + shift.view(3, 1, 1)


class GoogLeNet(Network):
    """See the module's docstring; the options are described in `descriptions/googlenet.py`."""

    def __init__(
        self,
        *,
        base_width: int,
        layout: str,
        large_kernel: int,
        auxiliary: bool,
        transform_input: bool,
        batch_norm: bool,
        dropout: float,
        activation: str,
        num_classes: int,
        last_map: int,  # unused: the head averages the map
    ) -> None:
        super().__init__()
        style: dict[str, Any] = {"batch_norm": batch_norm, "activation": activation}
        stem_style = style | {"activation": None} if layout == "article" else style

        def inception(name: str, inputs: int) -> Inception:
            channels = tuple(max(1, round(value * base_width / TABLE_WIDTH)) for value in TABLE[name])
            return Inception(inputs, channels, large_kernel=large_kernel, **style)

        self.transform_input = TransformInput() if transform_input else nn.Identity()
        self.conv1 = ConvUnit(3, base_width, 3 if layout == "small" else 7, stride=2, **stem_style)
        self.maxpool1 = nn.Identity() if layout == "small" else _halving(layout)
        self.conv2 = nn.Identity() if layout == "article" else ConvUnit(base_width, base_width, 1, **style)
        self.conv3 = ConvUnit(base_width, 3 * base_width, 3, **stem_style)
        self.maxpool2 = _halving(layout)
        self.inception3a = inception("3a", 3 * base_width)
        self.inception3b = inception("3b", self.inception3a.out_channels)
        self.maxpool3 = _halving(layout)
        self.inception4a = inception("4a", self.inception3b.out_channels)
        self.inception4b = inception("4b", self.inception4a.out_channels)
        self.inception4c = inception("4c", self.inception4b.out_channels)
        self.inception4d = inception("4d", self.inception4c.out_channels)
        self.inception4e = inception("4e", self.inception4d.out_channels)
        self.maxpool4 = _halving(layout, kernel=2)
        self.inception5a = inception("5a", self.inception4e.out_channels)
        self.inception5b = inception("5b", self.inception5a.out_channels)
        if auxiliary:
            self.aux1 = AuxiliaryHead(self.inception4a.out_channels, base_width, num_classes, **style)
            self.aux2 = AuxiliaryHead(self.inception4d.out_channels, base_width, num_classes, **style)
        self.auxiliary = auxiliary
        self.avgpool = GlobalAveragePool()
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(self.inception5b.out_channels, num_classes)

        self.titles = _titles()
        self.side_heads = ("aux1", "aux2") if auxiliary else ()
        self.head_layers = ("aux1.fc2", "aux2.fc2", "fc") if auxiliary else ("fc",)
        before = 4 if layout == "small" else 8  # pixels between cells of the first module's map
        self.feature_layers = (
            ("conv3", before // 2),
            ("inception3b", before),
            ("inception4e", 2 * before),
            ("inception5b", 4 * before),
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
        """(N, 3, H, W) -> (N, num_classes) logits; with auxiliary classifiers in training (logits, (two more))."""
        maps = self.maxpool1(self.conv1(self.transform_input(images)))  # (N, 3, H, W) -> (N, base_width, H/4, W/4)
        maps = self.maxpool2(self.conv3(self.conv2(maps)))  # (N, 3 * base_width, H/8, W/8); small: half that stride
        maps = self.maxpool3(self.inception3b(self.inception3a(maps)))  # (N, 480/64 * base_width, H/16, W/16)
        low = maps = self.inception4a(maps)
        high = maps = self.inception4d(self.inception4c(self.inception4b(maps)))
        maps = self.maxpool4(self.inception4e(maps))  # (N, 832/64 * base_width, H/32, W/32)
        maps = self.inception5b(self.inception5a(maps))  # (N, 16 * base_width, H/32, W/32)
        vectors = self.dropout(torch.flatten(self.avgpool(maps), 1))  # (N, 16 * base_width)
        logits: torch.Tensor = self.fc(vectors)
        if self.training and self.auxiliary:
            return logits, (self.aux1(low), self.aux2(high))
        return logits


def _halving(layout: str, kernel: int = 3) -> nn.MaxPool2d:
    """The article pads its poolings, torchvision rounds up: different cells, but equal map sizes at 224 pixels."""
    return nn.MaxPool2d(3, 2, 1) if layout == "article" else nn.MaxPool2d(kernel, 2, ceil_mode=True)


def _titles() -> dict[str, tuple[str, ...]]:
    titles: dict[str, tuple[str, ...]] = dict.fromkeys(
        ("transform_input", "conv1", "maxpool1", "conv2", "conv3", "maxpool2"), ("stem",)
    )
    titles |= {"maxpool3": ("pooling 3",), "maxpool4": ("pooling 4",)}
    for module in TABLE:
        titles[f"inception{module}"] = (f"inception {module}",)
        for branch, title in BRANCHES.items():
            titles[f"inception{module}.{branch}"] = (f"inception {module}", f"{title} branch")
    titles |= {f"aux{number}": (f"auxiliary classifier {number}",) for number in (1, 2)}
    return titles | dict.fromkeys(("avgpool", "flatten", "dropout", "fc"), ("head",))
