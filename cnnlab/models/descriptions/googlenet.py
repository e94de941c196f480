"""GoogLeNet described: options, presets, geometry and why it was invented. Builds nothing and needs no torch."""

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
**The question.** Doubling the channels of two convolutions in a row costs four times the arithmetic, and if most of the
new weights end near zero, most of it is wasted. More weights also overfit sooner. How does a net become deeper and
wider without paying for it?

**Sparse in idea, dense in computation.** A sparse net, in which only units that belong together are connected, would be
the answer, but processors are slow at irregular sparse arithmetic. An Inception module is the compromise: four branches
(1x1, 3x3, 5x5 convolutions and a max-pool) look at the same map at different scales, none is connected to the others,
and each is an ordinary dense convolution. Their results are set side by side as channels for the next module to read.

**What a 1x1 convolution is for here.** In front of each 3x3 and 5x5 it reduces the channels (192 to 16 before the first
5x5), as an embedding packs a long vector into a short one. That saves most of the arithmetic of the large windows, and
adds an activation on the way.

**Auxiliary classifiers.** A gradient that must pass 22 layers may vanish on the way. Two small classifiers on maps half
way up give the lower layers a gradient of their own; their losses count with weight 0.3 in training, and in use they
are left out. Batch normalisation, which came a year later, does that job better, so they are an option here.

**The stem.** The first layers are plain convolutions: the authors found modules useful only where maps are small.

**Differences you can meet.** The net published by torchvision normalises every convolution and has 3x3 where the paper
has 5x5. The article's net has true 5x5 windows, no normalisation, and no activation in its stem.
""".strip()


def _auxiliary_weight_ignored(options: Options) -> str | None:
    return None if options["auxiliary"] else "Counts only with auxiliary classifiers."


OPTIONS: Final = (
    base_width(
        16, 8, "Channels of the first convolution; the whole table of the paper (made for 64) is scaled with it."
    ),
    OptionSpec(
        name="layout",
        title="Layout",
        type="choice",
        default="small",
        choices=("small", "published", "article"),
        help=(
            "Stem and poolings: published as in torchvision (1/8 of the size before the first module); article "
            "without the "
            "1x1 convolution and the activations of the stem and with padded poolings; small starts with a 3x3 of "
            "stride 2 "
            "and one pooling (1/4 of the size), so that small pictures keep their detail."
        ),
        effect="Small takes about four times the arithmetic of published at the same image size.",
    ),
    OptionSpec(
        name="large_kernel",
        title="Window of the third branch",
        type="choice",
        default=3,
        choices=(3, 5),
        help="5 as in the paper and the article, 3 as in torchvision's net.",
        effect="A 5x5 has 2.8 times the weights of a 3x3 and sees further.",
    ),
    OptionSpec(
        name="auxiliary",
        title="Auxiliary classifiers",
        type="switch",
        default=False,
        help="Two more classifiers, after the third and the sixth module from the first, used in training only.",
        effect="Lower layers get a gradient of their own; at full width 6.4 million parameters more while training.",
    ),
    OptionSpec(
        name="auxiliary_weight",
        title="Weight of the auxiliary losses",
        type="number",
        default=0.3,
        low=0.0,
        high=1.0,
        help=(
            "What each auxiliary loss counts beside the main one (0.3 in the paper); ignored without "
            "auxiliary classifiers."
        ),
        effect="Larger: the lower layers serve their own classifiers more than the main one.",
        structural=False,
        ignored=_auxiliary_weight_ignored,
    ),
    OptionSpec(
        name="transform_input",
        title="Input as in the published weights",
        type="switch",
        default=False,
        help=(
            "Turns pictures normalised with ImageNet's mean and deviation into the range -1 to 1. Switch it on with "
            "torchvision's googlenet weight file, which was trained so, and with the normalisation `imagenet`."
        ),
        effect="Nothing to learn; without it the published weights see colours they were not trained on.",
    ),
    BATCH_NORM,
    dropout(
        0.2,
        "Share of the averaged features that are zeroed in front of the classifier (0.2 in torchvision, 0.4 in the "
        "article).",
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


def refusal(options: Options) -> str | None:
    """GoogLeNet's options all fit each other."""
    return None


GOOGLENET: Final = FamilySpec(
    name="googlenet",
    title="GoogLeNet",
    help=(
        "Branches of different windows side by side, made cheap by 1x1 convolutions: wide and deep with few parameters."
    ),
    idea="four branches side by side, joined again",
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
                "The net that torchvision publishes: normalised, 3x3 in place of the paper's 5x5; its weight file fits "
                "(the two auxiliary classifiers are read when they are switched on)."
            ),
            image_size=224,
            options={"base_width": 64, "layout": "published"},
        ),
    ),
    windows=windows,
    windows_after_norm=0,
    refusal=refusal,
)
