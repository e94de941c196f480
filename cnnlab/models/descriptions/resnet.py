"""Describes ResNet: options, presets, geometry and why it was invented. Does not import torch."""

from typing import Final

from cnnlab.models.descriptions.family import (
    ACTIVATION,
    BATCH_NORM,
    INITIALISATION,
    FamilySpec,
    PresetSpec,
    Source,
    base_width,
)
from cnnlab.models.geometry import Window
from cnnlab.models.options import Options, OptionSpec

HISTORY: Final = """
**The question.** If depth helps, why not stack a hundred layers? He and colleagues tried: a plain network of 34 layers
had a higher error than one of 18, and on the *training* pictures too, so it was not overfitting. They called it
degradation. A deeper network could copy the shallower one and let its other layers do nothing, yet training does not
find that solution: a stack of non-linear layers finds it hard to learn to do nothing.

**The residual.** Let H(x) be what a block should compute. Instead of H itself, let its layers learn the difference
F(x) = H(x) - x, and add the input back: H(x) = F(x) + x. Doing nothing is now easy (F = 0): a block starts near the
identity and learns a correction. The sum also passes the gradient on undiminished. The shortcut costs no parameters and
hardly any time, and unlike the gates of an LSTM it is always open.

**When shapes differ.** If a block halves the map or changes the channels, x cannot be added directly. A projection
W_s x (a 1x1 convolution) makes it fit; an alternative is to take every second cell and add zero channels. Projecting
everywhere, as the article does, gains little in the paper's own comparison and costs parameters.

**The bottleneck.** For 50 layers and more, GoogLeNet's idea returns: a 1x1 convolution reduces the channels to a
quarter, the 3x3 works on those, and another 1x1 restores them.

**See for yourself.** Switch `skip` off and the same network becomes the plain one of the experiment. Train both, deep
and shallow.

**Differences to expect.** torchvision halves the map in the 3x3 of a stage's first block. The article halves it in the
first 1x1 of a stage's last block, applies the activation before the sum instead of after it, and does not normalise.
""".strip()


def _shortcut_ignored(options: Options) -> str | None:
    return None if options["skip"] else "Ignored without skip connections."


def _zero_init_ignored(options: Options) -> str | None:
    if options["zero_init_residual"]:
        return None  # so that it can be switched off again if it causes an error
    if not options["skip"]:
        return "Needs skip connections."
    if not options["batch_norm"]:
        return "Needs batch normalisation."
    return "Not possible with the article's layout." if options["layout"] == "article" else None


OPTIONS: Final = (
    OptionSpec(
        name="depth",
        title="Depth",
        type="choice",
        default=18,
        choices=(18, 34, 50, 101, 152),
        help=(
            "Column of the paper's table: the number of blocks in each of the four stages, and their kind unless "
            "`block` is set."
        ),
        effect="Larger values have more blocks, except 50, which has as many as 34 but of the other kind.",
    ),
    base_width(12, 4, "Channels of the first stage (64 in the paper); each of the next three has twice as many."),
    OptionSpec(
        name="block",
        title="Block",
        type="choice",
        default="by_depth",
        choices=("by_depth", "basic", "bottleneck"),
        help=(
            "basic: two 3x3 convolutions; bottleneck: 1x1, 3x3, 1x1, with four times the channels at its input and "
            "output; by_depth: basic up to 34, bottleneck from 50, as published. With a kind other than the published "
            "one, the number of layers differs from the depth."
        ),
        effect="A bottleneck has more channels and more layers for about the same computation.",
    ),
    OptionSpec(
        name="layout",
        title="Layout",
        type="choice",
        default="small",
        choices=("small", "published", "article"),
        help=(
            "published, as in torchvision: starts with a 7x7 of stride 2 and a pooling, halves in a stage's first "
            "block; article: the same first layers, halves in a stage's last block, activation before the sum; small: "
            "starts with a 3x3 of stride 1 and a pooling, so that small pictures keep their detail, then blocks as "
            "published."
        ),
        effect="Small takes about four times the computation of published at the same image size.",
    ),
    OptionSpec(
        name="skip",
        title="Skip connections",
        type="switch",
        default=True,
        help=(
            "Adds a block's input to its output. Off: the plain network of the degradation experiment, without any "
            "shortcut."
        ),
        effect="Without them, deep networks train worse than shallow ones.",
    ),
    OptionSpec(
        name="shortcut",
        title="Shortcut",
        type="choice",
        default="projection",
        choices=("projection", "always", "zero_padding"),
        help=(
            "How the input is made to fit the sum. projection: a 1x1 convolution where shapes differ; always: one in "
            "every block, as in the article; zero_padding: every second cell, and zero channels."
        ),
        effect="`always` costs parameters for little gain; `zero_padding` costs none.",
        ignored=_shortcut_ignored,
    ),
    OptionSpec(
        name="zero_init_residual",
        title="Zero-initialised residual",
        type="switch",
        default=False,
        help=(
            "Initialises the scale of each block's last normalisation to zero, so that every block starts as the "
            "identity (Goyal et al., 2017)."
        ),
        effect="A gentler start for deep networks; needs skip connections and batch normalisation.",
        ignored=_zero_init_ignored,
    ),
    BATCH_NORM,
    ACTIVATION,
    INITIALISATION,
)

_STEMS: Final = {
    "small": (Window(3, 2, 1),),  # the pooling; the convolution in front of it keeps the size
    "published": (Window(7, 2, 3), Window(3, 2, 1)),
    "article": (Window(7, 2, 3), Window(3, 2, 1)),
}


def windows(options: Options) -> tuple[Window, ...]:
    """The stem's windows and the three halvings of the stages."""
    return (*_STEMS[str(options["layout"])], *(Window(3, 2, 1),) * 3)


def invalid_reason(options: Options) -> str | None:
    """Zero-initialised residuals need skip connections, and an activation that lets their gradient through."""
    if not options["zero_init_residual"]:
        return None
    if not options["skip"]:
        return "`zero_init_residual` without `skip` would make every output zero; switch `skip` on or the other off."
    if not options["batch_norm"]:
        return (
            "`zero_init_residual` initialises the last normalisation to zero and so needs `batch_norm`; switch "
            "`batch_norm` on or the other off."
        )
    if options["layout"] == "article":
        return (
            "`zero_init_residual` does not work with `layout` article, because its activation before the sum would "
            "keep the residual at zero; choose layout published or small, or switch `zero_init_residual` off."
        )
    return None


def _published(depth: int) -> PresetSpec:
    return PresetSpec(
        name=f"resnet{depth}",
        title=f"ResNet-{depth}",
        help=f"The published network with {depth} weight layers; torchvision's weights of that name can be loaded.",
        image_size=224,
        options={"depth": depth, "base_width": 64, "layout": "published"},
    )


RESNET: Final = FamilySpec(
    name="resnet",
    title="ResNet",
    help="Blocks that learn a correction to their input: the network that made a hundred layers trainable.",
    idea="two layers with a shortcut around them, and a sum",
    tour="each block learns only what to add to its input",
    colours=("#00805E", "#33C49A"),
    mark="triangle-up",
    sign=":green[▲]",
    history=HISTORY,
    network="cnnlab.models.resnet:ResNet",
    sources=(
        Source("He et al., Deep residual learning for image recognition (2015)", "https://arxiv.org/abs/1512.03385"),
        Source("He et al., Identity mappings in deep residual networks (2016)", "https://arxiv.org/abs/1603.05027"),
        Source(
            "Goyal et al., Accurate, large minibatch SGD (2017): zero-initialised residuals",
            "https://arxiv.org/abs/1706.02677",
        ),
    ),
    options=OPTIONS,
    presets=(
        PresetSpec(
            name="small",
            title="Small ResNet",
            help="ResNet-18 with few channels and a stem for small pictures: learns a small data set in a minute.",
            image_size=64,
            options={},
        ),
        PresetSpec(
            name="article",
            title="ResNet of the article",
            help="50 layers with bottleneck blocks, a projection on every shortcut, and no normalisation.",
            image_size=224,
            options={
                "depth": 50,
                "base_width": 64,
                "layout": "article",
                "shortcut": "always",
                "batch_norm": False,
                "initialisation": "torch",
            },
        ),
        *(_published(depth) for depth in (18, 34, 50, 101, 152)),
    ),
    windows=windows,
    windows_after_norm=0,
    invalid_reason=invalid_reason,
)
