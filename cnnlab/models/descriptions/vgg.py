"""VGG described: options, presets, geometry and why it was invented. Builds nothing and needs no torch."""

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
depth alone does, and fixed everything else: only 3x3 windows, a 2x2 max-pool that halves the map, twice the channels
after each halving.

**Why small windows.** Two 3x3 convolutions in a row see 5x5 pixels, three see 7x7. Three of them have 27 weights for
each pair of channels where one 7x7 has 49, and they put three non-linear functions where the large window has one.
With padding 1 and stride 1, (H + 2 - 3) / 1 + 1 = H: a convolution leaves the map's size alone, and depth is free.

**What a 1x1 convolution is for here.** It looks at a single position, so it finds no edges and no shapes. It mixes the
channels at that position and passes the result through an activation: one more non-linearity at little cost, and a
function that bends more can separate more. The article adds one after each triple of 3x3 convolutions. (GoogLeNet uses
the same layer for another purpose: to make the channels fewer.)

**What it costs.** Nearly all parameters of the published nets lie in the first fully connected layer: 103 of VGG-16's
138 million. Averaging each channel over the map instead (the preset `small`) does away with them. And depth ends soon:
beyond 19 layers VGG got no better, which is where GoogLeNet and ResNet begin. Without normalisation and with PyTorch's
default weights the signal fades from layer to layer; the article's VGG answers one half for every picture, a loss of
ln 2 = 0.693, for all its 300 epochs.
""".strip()

OPTIONS: Final = (
    OptionSpec(
        name="depth",
        title="Depth",
        type="choice",
        default=11,
        choices=(11, 13, 16, 19),
        help=(
            "Layers with weights as the paper counts them (its columns A, B, D, E): convolutions and three linear "
            "layers."
        ),
        effect="More 3x3 convolutions in each stage: a larger receptive field, more non-linearity, slower steps.",
    ),
    base_width(
        12,
        4,
        "Channels of the first stage; the next ones have 2, 4, 8 and 8 times as many (64 in the paper, 16 in the "
        "article).",
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
            "How the last map becomes logits: average takes each channel's mean and one linear layer; article uses "
            "linear "
            "layers of 100 and 20; published uses two of 4,096 after pooling the map to 7x7."
        ),
        effect=(
            "Published adds over 100 million parameters at full width; average keeps the net small and takes any size."
        ),
    ),
    dropout(
        0.2,
        "Share of features that are zeroed in front of each linear layer but the first (with the average head: in "
        "front of it).",
    ),
    ACTIVATION,
    INITIALISATION,
)


def windows(options: Options) -> tuple[Window, ...]:
    """Five poolings; the convolutions keep the size."""
    return (Window(2, 2),) * STAGES


def refusal(options: Options) -> str | None:
    """VGG's options all fit each other."""
    return None


def _published(depth: int, batch_norm: bool) -> PresetSpec:
    suffix = "_bn" if batch_norm else ""
    return PresetSpec(
        name=f"vgg{depth}{suffix}",
        title=f"VGG-{depth}" + (" with batch normalisation" if batch_norm else ""),
        help=f"The published net with {depth} layers of weights; torchvision's weight file of that name fits.",
        image_size=224,
        options={"depth": depth, "base_width": 64, "batch_norm": batch_norm, "head": "published", "dropout": 0.5},
    )


VGG: Final = FamilySpec(
    name="vgg",
    title="VGG",
    help="One straight line of 3x3 convolutions: the plain net that shows what depth alone brings.",
    idea="one straight line of layers whose maps shrink",
    tour="plain layers one behind the other, each looking at 3 x 3 pixels",
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
                "VGG-11 with few channels, batch normalisation and an averaging head: learns a small folder in a "
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
    refusal=refusal,
)
