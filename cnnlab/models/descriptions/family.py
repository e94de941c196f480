"""The records that describe a family, and the options that all families share. Knows no particular family."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cnnlab.models.geometry import Window
from cnnlab.models.options import Options, OptionSpec, OptionValue


@dataclass(frozen=True)
class Source:
    """Where an idea comes from."""

    title: str
    url: str


@dataclass(frozen=True, kw_only=True)
class PresetSpec:
    """A starting point: values of options that differ from their defaults, and the image size it was meant for."""

    name: str
    title: str
    help: str
    image_size: int
    options: Mapping[str, OptionValue]


@dataclass(frozen=True, kw_only=True)
class FamilySpec:
    """A family: texts for people, options and presets for forms, geometry for checks.

    `network` names the class that is built, as `module:class`: it takes the structural options, `num_classes`, and
    `last_map`, the side in cells of the last map.
    `colours` are those of its lines on a light and on a dark page, `mark` is Plotly's name of its marker, `sign` is
    both in a page's text; `idea` says in a few words what its small drawing shows, `tour` what its blocks do.
    `windows(options)` lists every window that changes the map's size, from the picture to the last map;
    `windows_after_norm` tells how many of the last ones come after the last normalised layer;
    `refusal(options)` is a sentence with the remedy where options do not fit each other, else None.
    """

    name: str
    title: str
    help: str
    idea: str
    tour: str
    colours: tuple[str, str]
    mark: str
    sign: str
    history: str
    network: str
    sources: tuple[Source, ...]
    options: tuple[OptionSpec, ...]
    presets: tuple[PresetSpec, ...]
    windows: Callable[[Options], tuple[Window, ...]]
    windows_after_norm: int
    refusal: Callable[[Options], str | None]


BATCH_NORM = OptionSpec(
    name="batch_norm",
    title="Batch normalisation",
    type="switch",
    default=True,
    help=(
        "Brings each channel to mean 0 and deviation 1 over the batch after every convolution (Ioffe and Szegedy, "
        "2015)."
    ),
    effect="Deep nets learn faster and bear larger learning rates; the convolutions lose their bias.",
)
ACTIVATION = OptionSpec(
    name="activation",
    title="Activation",
    type="choice",
    default="relu",
    choices=("relu", "leaky_relu", "elu", "gelu", "silu", "mish", "tanh"),
    help=(
        "The non-linear function after each convolution; without one, a stack of convolutions is a single convolution."
    ),
    effect=(
        "Leaves the parameters as they are; GELU, SiLU and Mish take more time, tanh lets gradients vanish in depth."
    ),
)
INITIALISATION = OptionSpec(
    name="initialisation",
    title="Initialisation",
    type="choice",
    default="kaiming",
    choices=("kaiming", "xavier", "torch"),
    help=(
        "How weights are drawn before training: kaiming (He et al., 2015) keeps the signal's size through ReLU layers, "
        "xavier (Glorot and Bengio, 2010) through linear ones, torch is PyTorch's default, which the article uses."
    ),
    effect="With torch's default the signal shrinks at every layer: a deep net without normalisation stays at ln 2.",
    structural=False,
)


def base_width(default: int, low: int, help_text: str) -> OptionSpec:
    """The option that scales all channels of a family."""
    return OptionSpec(
        name="base_width",
        title="Base width",
        type="integer",
        default=default,
        low=low,
        high=128,
        step=4,
        help=help_text,
        effect="Parameters and arithmetic grow with its square.",
    )


def dropout(default: float, help_text: str) -> OptionSpec:
    """The option that drops features in front of the classifier."""
    return OptionSpec(
        name="dropout",
        title="Dropout",
        type="number",
        default=default,
        low=0.0,
        high=0.9,
        help=help_text,
        effect="Works against overfitting; training losses look worse than they are, since features are missing.",
    )
