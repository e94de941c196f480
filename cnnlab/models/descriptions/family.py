"""The records that describe a family, and the options that families share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cnnlab.models.geometry import Window
from cnnlab.models.options import Options, OptionSpec, OptionValue


@dataclass(frozen=True)
class Source:
    """A publication that an idea comes from."""

    title: str
    url: str


@dataclass(frozen=True, kw_only=True)
class PresetSpec:
    """A starting point: option values that differ from the defaults, and the image size it was made for."""

    name: str
    title: str
    help: str
    image_size: int
    options: Mapping[str, OptionValue]


@dataclass(frozen=True, kw_only=True)
class FamilySpec:
    """A family: texts for people, options and presets for forms, geometry for checks.

    `network` names the class to build, as `module:class`; its arguments are the structural options, `num_classes` and
    `last_map`, the side of the last map in cells.
    `colours` are for its lines on a light and on a dark page, `mark` is Plotly's name for its marker, `sign` is colour
    and mark in a page's text; `idea` describes its small drawing in a few words, `tour` what its blocks do.
    `windows(options)` lists every window that changes the map's size, from the picture to the last map;
    `windows_after_norm` is the number of those after the last normalised layer;
    `invalid_reason(options)` is an error message, with the remedy, if options conflict, else None.
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
    invalid_reason: Callable[[Options], str | None]


BATCH_NORM = OptionSpec(
    name="batch_norm",
    title="Batch normalisation",
    type="switch",
    default=True,
    help=(
        "After every convolution, normalises each channel to mean 0 and standard deviation 1 over the batch (Ioffe and "
        "Szegedy, 2015)."
    ),
    effect="Deep networks learn faster and tolerate larger learning rates; the convolutions lose their bias.",
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
        "Does not change the number of parameters; GELU, SiLU and Mish are slower, and with tanh gradients vanish in "
        "deep networks."
    ),
)
INITIALISATION = OptionSpec(
    name="initialisation",
    title="Initialisation",
    type="choice",
    default="kaiming",
    choices=("kaiming", "xavier", "torch"),
    help=(
        "How weights are initialised before training: kaiming (He et al., 2015) preserves the signal's scale through "
        "ReLU layers, xavier (Glorot and Bengio, 2010) through linear ones; torch is PyTorch's default, which the "
        "article uses."
    ),
    effect="With torch's default the signal shrinks at every layer: the loss of a deep network without normalisation "
    "stays at ln 2.",
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
        effect="Parameters and computation grow with its square.",
    )


def dropout(default: float, help_text: str) -> OptionSpec:
    """The option that drops features before the classifier."""
    return OptionSpec(
        name="dropout",
        title="Dropout",
        type="number",
        default=default,
        low=0.0,
        high=0.9,
        help=help_text,
        effect="Reduces overfitting; the training loss looks worse than it is, because features are missing.",
    )
