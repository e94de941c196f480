"""Describes VGG: options, presets, geometry and why it was invented. Does not import torch."""

from typing import Final

from cnnlab.models.descriptions.family import (
    ACTIVATION,
    BATCH_NORM,
    INITIALISATION,
    FamilySpec,
    PresetSpec,
    Source,
    base_width,
    dropout,
)
from cnnlab.models.geometry import Window
from cnnlab.models.options import Options, OptionSpec

STAGES: Final = 5

HISTORY: Final = """
**The question.** AlexNet (2012) won with windows of 11x11 and 5x5 chosen by hand. Simonyan and Zisserman asked what
depth alone achieves, and fixed everything else: only 3x3 windows, a 2x2 max-pool that halves the map, and twice the
channels after each halving.

**Why small windows.** Two 3x3 convolutions in a row cover 5x5 pixels, three cover 7x7. For each pair of channels, three
have 27 weights where one 7x7 has 49, and they apply three non-linear functions where the large window applies one. With
padding 1 and stride 1, (H + 2 - 3) / 1 + 1 = H: a convolution keeps the map's size, so any number can be stacked.

**What a 1x1 convolution is for here.** It looks at a single position, so it cannot detect edges or shapes. It mixes the
channels at that position and passes the result through an activation: one more non-linearity at little cost, which lets
the network separate more. The article adds one after each triple of 3x3 convolutions. (GoogLeNet uses the same layer
for another purpose: to reduce the number of channels.)

**What it costs.** Most parameters of the published networks are in the first fully connected layer: 103 of VGG-16's 138
million. Averaging each channel over the map instead (the preset `small`) avoids them. And depth soon reaches its limit:
beyond 19 layers VGG did not improve, which is where GoogLeNet and ResNet come in. Without normalisation and with
PyTorch's default weights the signal fades from layer to layer; the article's VGG predicts one half for every picture, a
loss of ln 2 = 0.693, through all its 300 epochs.
""".strip()

OPTIONS: Final = (
    OptionSpec(
        name="depth",
        title="Depth",
        type="choice",
        default=11,
        choices=(11, 13, 16, 19),
        help=(
            "Number of layers with weights as the paper counts them (its columns A, B, D, E): convolutions and three "
            "linear layers."
        ),
        effect="Larger: more 3x3 convolutions, a larger receptive field, more non-linearity, slower steps.",
    ),
    base_width(
        12,
        4,
        "Channels of the first stage (64 in the paper, 16 in the article); the next ones have 2, 4, 8 and 8 times as "
        "many.",
    ),
    OptionSpec(
        name="one_by_one",
        title="1x1 convolutions",
        type="switch",
        default=False,
        help="Adds a 1x1 convolution with an activation at the end of stages 3, 4 and 5, as the article does.",
        effect="One more non-linearity for each of the three stages, without looking at neighbouring pixels.",
    ),
    BATCH_NORM,
    OptionSpec(
        name="head",
        title="Head",
        type="choice",
        default="average",
        choices=("average", "article", "published"),
        help=(
            "How the last map becomes logits. average: each channel's mean and one linear layer; article: linear "
            "layers of 100 and 20 units before the last one; published: two of 4,096 units, after pooling the map "
            "to 7x7."
        ),
        effect=(
            "At full width, published adds over 100 million parameters; average keeps the network small and suits any "
            "image size."
        ),
    ),
    dropout(
        0.2,
        "Share of features set to zero before each linear layer except the first (with the average head: before its "
        "only one).",
    ),
    ACTIVATION,
    INITIALISATION,
)


def windows(options: Options) -> tuple[Window, ...]:
    """Five poolings; the convolutions keep the size."""
    return (Window(2, 2),) * STAGES


def invalid_reason(options: Options) -> str | None:
    """None: VGG's options never conflict."""
    return None


def _published(depth: int, batch_norm: bool) -> PresetSpec:
    suffix = "_bn" if batch_norm else ""
    return PresetSpec(
        name=f"vgg{depth}{suffix}",
        title=f"VGG-{depth}" + (" with batch normalisation" if batch_norm else ""),
        help=f"The published network with {depth} weight layers; torchvision's weights of that name can be loaded.",
        image_size=224,
        options={"depth": depth, "base_width": 64, "batch_norm": batch_norm, "head": "published", "dropout": 0.5},
    )


VGG: Final = FamilySpec(
    name="vgg",
    title="VGG",
    help="A plain chain of 3x3 convolutions: the network that shows what depth alone achieves.",
    idea="a straight chain of layers whose maps shrink",
    tour="plain layers in a row, each looking at 3 x 3 pixels",
    colours=("#0072B2", "#56B4E9"),
    mark="circle",
    sign=":blue[●]",
    history=HISTORY,
    network="cnnlab.models.vgg:VGG",
    sources=(
        Source(
            "Simonyan and Zisserman, Very deep convolutional networks for large-scale image recognition (2014)",
            "https://arxiv.org/abs/1409.1556",
        ),
        Source(
            "Lin, Chen and Yan, Network in network (2013): 1x1 convolutions, global average pooling",
            "https://arxiv.org/abs/1312.4400",
        ),
        Source("Ioffe and Szegedy, Batch normalization (2015)", "https://arxiv.org/abs/1502.03167"),
    ),
    options=OPTIONS,
    presets=(
        PresetSpec(
            name="small",
            title="Small VGG",
            help=(
                "VGG-11 with few channels, batch normalisation and an averaging head: learns a small data set in a "
                "minute."
            ),
            image_size=64,
            options={},
        ),
        PresetSpec(
            name="article",
            title="VGG of the article",
            help="VGG-16's layout at base width 16 with a 1x1 convolution after each triple and a 100-20 head.",
            image_size=224,
            options={
                "depth": 16,
                "base_width": 16,
                "one_by_one": True,
                "batch_norm": False,
                "head": "article",
                "dropout": 0.0,
                "initialisation": "torch",
            },
        ),
        *(_published(depth, batch_norm) for depth in (11, 13, 16, 19) for batch_norm in (False, True)),
    ),
    windows=windows,
    windows_after_norm=1,  # the last pooling
    invalid_reason=invalid_reason,
)
