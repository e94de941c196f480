"""Describes GoogLeNet: options, presets, geometry and why it was invented. Does not import torch."""

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

HISTORY: Final = """
**The question.** Doubling the channels of two consecutive convolutions costs four times the computation, and if most of
the new weights end up near zero, most of it is wasted. More weights also overfit sooner. How can a network become
deeper and wider without paying for it?

**Sparse in principle, dense in computation.** A sparse network, in which only related units are connected, would be the
answer, but processors are slow at irregular sparse computation. An Inception module is the compromise: four branches
(1x1, 3x3 and 5x5 convolutions and a max-pool) look at the same map at different scales, without connections between
them, and each uses ordinary dense convolutions. Their results are concatenated as channels for the next module.

**What a 1x1 convolution is for here.** Before each 3x3 and 5x5 it reduces the channels (192 to 16 before the first
5x5), as an embedding compresses a long vector into a short one. That saves most of the computation of the large windows
and adds another activation.

**Auxiliary classifiers.** A gradient can vanish on its way through 22 layers. Two small classifiers on intermediate
maps give the lower layers a gradient of their own; their losses count with weight 0.3 in training, and they are left
out in prediction. Batch normalisation, invented a year later, does that job better, so they are optional here.

**The stem.** The first layers are plain convolutions: the authors used modules only in the higher layers, because that
took less memory in training.

**Differences to expect.** The network published by torchvision normalises every convolution and has 3x3 windows where
the paper has 5x5. The article's network has true 5x5 windows, no normalisation, and no activation in its stem.
""".strip()


def _auxiliary_weight_ignored(options: Options) -> str | None:
    return None if options["auxiliary"] else "Ignored without auxiliary classifiers."


OPTIONS: Final = (
    base_width(
        16, 8, "Channels of the first convolution; all channels in the paper's table (made for 64) scale with it."
    ),
    OptionSpec(
        name="layout",
        title="Layout",
        type="choice",
        default="small",
        choices=("small", "published", "article"),
        help=(
            "Stem and poolings. published: as in torchvision (1/8 of the size before the first module); article: no "
            "1x1 convolution and no activations in the stem, padded poolings; small: a 3x3 convolution of stride 2 and "
            "one pooling (1/4 of the size), so that small pictures keep their detail."
        ),
        effect="Small takes about four times the computation of published at the same image size.",
    ),
    OptionSpec(
        name="large_kernel",
        title="Window of the third branch",
        type="choice",
        default=3,
        choices=(3, 5),
        help="5 as in the paper and the article, 3 as in torchvision's network.",
        effect="A 5x5 window has 2.8 times the weights of a 3x3 and a larger receptive field.",
    ),
    OptionSpec(
        name="auxiliary",
        title="Auxiliary classifiers",
        type="switch",
        default=False,
        help="Two more classifiers, after the third and the sixth module from the first, used in training only.",
        effect="Lower layers get a gradient of their own; at full width, training has 6.4 million more parameters.",
    ),
    OptionSpec(
        name="auxiliary_weight",
        title="Weight of the auxiliary losses",
        type="number",
        default=0.3,
        low=0.0,
        high=1.0,
        help=(
            "Weight of each auxiliary loss relative to the main one (0.3 in the paper); ignored without auxiliary "
            "classifiers."
        ),
        effect="With larger values, the lower layers serve the auxiliary classifiers more than the main one.",
        structural=False,
        ignored=_auxiliary_weight_ignored,
    ),
    OptionSpec(
        name="transform_input",
        title="Input as in the published weights",
        type="switch",
        default=False,
        help=(
            "Converts pictures normalised with ImageNet's mean and standard deviation to the range -1 to 1. Switch it "
            "on for torchvision's googlenet weights, which were trained this way, and use the normalisation `imagenet`."
        ),
        effect="Adds no parameters; without it, the published weights see colours they were not trained on.",
    ),
    BATCH_NORM,
    dropout(
        0.2,
        "Share of the averaged features set to zero before the classifier (0.2 in torchvision, 0.4 in the article).",
    ),
    ACTIVATION,
    INITIALISATION,
)

_STEMS: Final = {
    "small": (Window(3, 2, 1), Window(3, 2, ceil=True)),
    "published": (Window(7, 2, 3), Window(3, 2, ceil=True), Window(3, 2, ceil=True)),
    "article": (Window(7, 2, 3), Window(3, 2, 1), Window(3, 2, 1)),
}


def windows(options: Options) -> tuple[Window, ...]:
    """The stem's windows and the two poolings between the modules."""
    layout = str(options["layout"])
    later = (
        (Window(3, 2, 1), Window(3, 2, 1))
        if layout == "article"
        else (Window(3, 2, ceil=True), Window(2, 2, ceil=True))
    )
    return (*_STEMS[layout], *later)


def invalid_reason(options: Options) -> str | None:
    """None: GoogLeNet's options never conflict."""
    return None


GOOGLENET: Final = FamilySpec(
    name="googlenet",
    title="GoogLeNet",
    help=(
        "Parallel branches with different windows, made cheap by 1x1 convolutions: wide and deep with few parameters."
    ),
    idea="four parallel branches, joined again",
    tour="each block looks at several sizes at once and joins what it finds",
    colours=("#D55E00", "#E69F00"),
    mark="square",
    sign=":orange[■]",
    history=HISTORY,
    network="cnnlab.models.googlenet:GoogLeNet",
    sources=(
        Source("Szegedy et al., Going deeper with convolutions (2014)", "https://arxiv.org/abs/1409.4842"),
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
            title="Small GoogLeNet",
            help="All nine modules at a quarter of the width, normalised, with a stem for small pictures.",
            image_size=64,
            options={},
        ),
        PresetSpec(
            name="article",
            title="GoogLeNet of the article",
            help="Full width, true 5x5 windows, no normalisation, no activation in the stem, no auxiliary classifiers.",
            image_size=224,
            options={
                "base_width": 64,
                "layout": "article",
                "large_kernel": 5,
                "batch_norm": False,
                "dropout": 0.4,
                "initialisation": "torch",
            },
        ),
        PresetSpec(
            name="googlenet",
            title="GoogLeNet",
            help=(
                "The network published by torchvision: normalised, with 3x3 windows instead of the paper's 5x5; its "
                "weights can be loaded (those of the two auxiliary classifiers only if these are switched on)."
            ),
            image_size=224,
            options={"base_width": 64, "layout": "published"},
        ),
    ),
    windows=windows,
    windows_after_norm=0,
    invalid_reason=invalid_reason,
)
