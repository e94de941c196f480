"""ResNet (He et al., 2015, https://arxiv.org/abs/1512.03385): blocks that learn a correction F(x) and output F(x) + x.

Differences from the paper: in the published layout, which follows torchvision's networks and names, a bottleneck halves
the map in its 3x3 convolution, not in its first 1x1. The article's layout halves it in the first 1x1 of a stage's last
block, and applies the activation after every convolution, including the last, but not after the sum.
"""

from typing import Final

import torch
from torch import nn

from cnnlab.models.blocks import (
    GlobalAveragePool,
    Network,
    SubsampledProjection,
    ZeroPadShortcut,
    activation_layer,
    norm_layer,
)

# The paper's table 1: blocks in each of the four stages.
BLOCKS: Final = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
FIRST_DEPTH_OF_BOTTLENECKS: Final = 50
EXPANSION: Final = 4  # channels of a bottleneck's output over those of its 3x3


class Block(nn.Module):
    """Main path, shortcut, sum: (N, in_channels, H, W) -> (N, out_channels, H/stride, W/stride)."""

    def __init__(
        self,
        in_channels: int,
        width: int,
        stride: int,
        *,
        bottleneck: bool,
        article: bool,
        skip: bool,
        shortcut: str,
        batch_norm: bool,
        activation: str,
    ) -> None:
        super().__init__()
        self.article, self.skip, self.bottleneck = article, skip, bottleneck
        self.out_channels = width * EXPANSION if bottleneck else width

        def convolution(inputs: int, outputs: int, kernel: int, step: int = 1) -> nn.Conv2d:
            kind = SubsampledProjection if kernel == 1 and step > 1 else nn.Conv2d
            return kind(inputs, outputs, kernel, step, kernel // 2, bias=not batch_norm)

        first, second = (stride, 1) if article or not bottleneck else (1, stride)
        self.conv1 = convolution(in_channels, width, 1 if bottleneck else 3, first)
        self.bn1 = norm_layer(width, batch_norm)
        self.act1 = activation_layer(activation)
        self.conv2 = convolution(width, width, 3, second)
        self.bn2 = norm_layer(width, batch_norm)
        if bottleneck:
            self.act2 = activation_layer(activation)
            self.conv3 = convolution(width, self.out_channels, 1)
            self.bn3 = norm_layer(self.out_channels, batch_norm)
        self.act = activation_layer(activation)

        fits = stride == 1 and in_channels == self.out_channels
        if skip and shortcut == "zero_padding" and not fits:
            self.downsample: nn.Module | None = ZeroPadShortcut(in_channels, self.out_channels, stride)
        elif skip and (shortcut == "always" or not fits):
            projection = convolution(in_channels, self.out_channels, 1, stride)
            self.downsample = nn.Sequential(projection, norm_layer(self.out_channels, batch_norm))
        else:
            self.downsample = None

    def forward(self, maps: torch.Tensor) -> torch.Tensor:  # noqa: D102
        residual = self.residual(maps)
        if self.article:
            residual = self.act(residual)
        if self.skip:
            # H(x) = F(x) + x, or F(x) + W x where shapes differ
            residual = residual + (maps if self.downsample is None else self.downsample(maps))
        output: torch.Tensor = residual if self.article else self.act(residual)
        return output

    def residual(self, maps: torch.Tensor) -> torch.Tensor:
        """F(x) without the final activation: two 3x3 convolutions, or a 3x3 between two 1x1."""
        maps = self.act1(self.bn1(self.conv1(maps)))
        maps = self.bn2(self.conv2(maps))
        if self.bottleneck:
            maps = self.bn3(self.conv3(self.act2(maps)))
        return maps


class ResNet(Network):
    """See the module's docstring; the options are described in `descriptions/resnet.py`."""

    def __init__(
        self,
        *,
        depth: int,
        base_width: int,
        block: str,
        layout: str,
        skip: bool,
        shortcut: str,
        zero_init_residual: bool,
        batch_norm: bool,
        activation: str,
        num_classes: int,
        last_map: int,  # unused: the head averages the map
    ) -> None:
        super().__init__()
        bottleneck = depth >= FIRST_DEPTH_OF_BOTTLENECKS if block == "by_depth" else block == "bottleneck"
        self.zero_init_residual = zero_init_residual
        article = layout == "article"
        kernel, stride = (3, 1) if layout == "small" else (7, 2)
        self.conv1 = nn.Conv2d(3, base_width, kernel, stride, kernel // 2, bias=not batch_norm)
        self.bn1 = norm_layer(base_width, batch_norm)
        self.act = activation_layer(activation)
        self.maxpool = nn.MaxPool2d(3, 2, 1)

        channels = base_width

        def stage(number: int) -> nn.Sequential:
            """The paper's conv2_x to conv5_x are stages 1 to 4; three of them halve the map."""
            nonlocal channels
            blocks: list[nn.Module] = []
            count = BLOCKS[depth][number - 1]
            halving = (count - 1 if number < 4 else None) if article else (0 if number > 1 else None)
            for index in range(count):
                stride = 2 if index == halving else 1
                new_block = Block(
                    channels,
                    base_width * 2 ** (number - 1),
                    stride,
                    bottleneck=bottleneck,
                    article=article,
                    skip=skip,
                    shortcut=shortcut,
                    batch_norm=batch_norm,
                    activation=activation,
                )
                blocks.append(new_block)
                channels = new_block.out_channels
            return nn.Sequential(*blocks)

        self.layer1, self.layer2, self.layer3, self.layer4 = (stage(number) for number in (1, 2, 3, 4))
        self.avgpool = GlobalAveragePool()
        self.fc = nn.Linear(channels, num_classes)

        self.titles = self._titles(depth)
        self.head_layers = ("fc",)
        strides = (8, 16, 32, 32) if article else (2, 4, 8, 16) if layout == "small" else (4, 8, 16, 32)
        self.feature_layers = tuple(zip(("layer1", "layer2", "layer3", "layer4"), strides, strict=True))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """(N, 3, H, W) -> (N, num_classes) logits."""
        # Sizes are those of the published layout; the article's halves at the end of a stage, the small one once less.
        maps = self.maxpool(self.act(self.bn1(self.conv1(images))))  # (N, 3, H, W) -> (N, base_width, H/4, W/4)
        maps = self.layer1(maps)  # (N, base_width * e, H/4, W/4) with e = 1 for basic blocks, 4 for bottlenecks
        maps = self.layer2(maps)  # (N, 2 * base_width * e, H/8, W/8)
        maps = self.layer3(maps)  # (N, 4 * base_width * e, H/16, W/16)
        maps = self.layer4(maps)  # (N, 8 * base_width * e, H/32, W/32)
        vectors = torch.flatten(self.avgpool(maps), 1)  # (N, 8 * base_width * e)
        logits: torch.Tensor = self.fc(vectors)
        return logits

    def after_initialisation(self) -> None:
        """With `zero_init_residual`, let every block start as the identity (Goyal et al., 2017)."""
        if not self.zero_init_residual:
            return
        for block in (module for module in self.modules() if isinstance(module, Block)):
            last = block.bn3 if block.bottleneck else block.bn2
            nn.init.zeros_(last.weight)  # type: ignore[arg-type]

    @staticmethod
    def _titles(depth: int) -> dict[str, tuple[str, ...]]:
        titles: dict[str, tuple[str, ...]] = dict.fromkeys(("conv1", "bn1", "act", "maxpool"), ("stem",))
        for stage, count in enumerate(BLOCKS[depth], start=1):
            for index in range(count):
                path = (f"stage {stage}", f"block {index + 1}")
                titles[f"layer{stage}.{index}"] = path
                titles[f"layer{stage}.{index}.downsample"] = (*path, "shortcut")
        return titles | dict.fromkeys(("avgpool", "flatten", "fc"), ("head",))
