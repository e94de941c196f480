"""The transforms that a pipeline can contain, described as data.

Forms, the validation of configurations and the documentation are all built from this table. Names and meanings follow
torchvision.transforms.v2 (https://pytorch.org/vision/stable/transforms.html), which does the computation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cnnlab.errors import ConfigError
from cnnlab.parameters import Parameter
from cnnlab.plain_yaml import quoted

Value = int | float | bool | str | tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class TransformSpec:
    """One transform; `random` ones are used in training only, the others in validation and prediction as well."""

    name: str
    title: str
    help: str
    random: bool
    parameters: tuple[Parameter, ...] = ()

    def complete(self, given: Mapping[str, object]) -> dict[str, Value]:
        """All parameters in the order of the description: the given ones, validated, and defaults for the others.

        Raises:
            ConfigError: a name is unknown or a value out of range.
        """
        known = [parameter.name for parameter in self.parameters]
        for name in given:
            if name not in known:
                raise ConfigError(f"{self.title} has no parameter {name!r}. Known: {', '.join(known) or 'none'}.")
        try:
            return {spec.name: spec.parse(given.get(spec.name, spec.default)) for spec in self.parameters}
        except ConfigError as error:
            raise ConfigError(f"{self.title}: {error}") from None


def _described(name: str, **values: Any) -> Parameter:  # noqa: ANN401 - fields of the record
    return Parameter(name=name, title=name.replace("_", " ").capitalize(), **values)


def _int(name: str, default: int | None, low: int, high: int, text: str, *, optional: bool = False) -> Parameter:
    return _described(name, type="integer", default=default, low=low, high=high, help=text, optional=optional)


def _float(name: str, default: float, low: float, high: float, text: str, *, unit: str = "") -> Parameter:
    return _described(name, type="number", default=default, low=low, high=high, help=text, unit=unit)


def _range(name: str, default: tuple[float, float], low: float, high: float, text: str, *, unit: str = "") -> Parameter:
    return _described(name, type="range", default=default, low=low, high=high, help=text, unit=unit)


def _chance(default: float) -> Parameter:
    return _float("probability", default, 0, 1, "Probability that a sample is changed.")


_GREY = _int("fill", 0, 0, 255, "Grey value for areas outside the original picture; 0 is black, 255 white.")

_DETERMINISTIC = (
    TransformSpec(
        name="resize",
        title="Resize",
        random=False,
        help="Scales the picture to the given length of its short side, keeping its aspect ratio.",
        parameters=(
            _int("size", None, 8, 1024, "Short side in pixels; if empty, 8/7 of the input size.", optional=True),
        ),
    ),
    TransformSpec(
        name="center_crop",
        title="Centre crop",
        random=False,
        help="Cuts a square of the input size out of the middle.",
    ),
    TransformSpec(
        name="to_grayscale",
        title="Black and white",
        random=False,
        help="Removes all colour, in training and in prediction: the network sees only shapes and textures.",
    ),
)

_GEOMETRY = (
    TransformSpec(
        name="random_resized_crop",
        title="Random resized crop",
        random=True,
        help="Cuts out a rectangle of random area and aspect ratio and scales it to the input size.",
        parameters=(
            _range("scale", (0.08, 1.0), 0.01, 1.0, "Area of the crop as a fraction of the picture."),
            _range("ratio", (3 / 4, 4 / 3), 0.1, 10.0, "Width of the crop divided by its height."),
        ),
    ),
    TransformSpec(
        name="random_crop",
        title="Random crop",
        random=True,
        help="Cuts out a square of the input size at a random position, without scaling.",
        parameters=(_int("padding", 0, 0, 64, "Black pixels to add on every side before cropping."),),
    ),
    TransformSpec(
        name="horizontal_flip",
        title="Horizontal flip",
        random=True,
        help="Mirrors left and right. Not for pictures where left and right matter, such as letters.",
        parameters=(_chance(0.5),),
    ),
    TransformSpec(
        name="vertical_flip",
        title="Vertical flip",
        random=True,
        help="Mirrors top and bottom. For pictures without an up and a down, such as microscope pictures.",
        parameters=(_chance(0.5),),
    ),
    TransformSpec(
        name="rotation",
        title="Rotation",
        random=True,
        help="Rotates the picture about its centre by a random angle.",
        parameters=(_float("degrees", 15, 0, 180, "Largest angle in either direction."), _GREY),
    ),
    TransformSpec(
        name="affine",
        title="Affine",
        random=True,
        help="Rotates, shifts, scales and shears the picture in one step.",
        parameters=(
            _float("degrees", 10, 0, 180, "Largest rotation angle in either direction."),
            _float("translate", 0.1, 0, 1, "Largest shift as a fraction of the picture's size."),
            _range("scale", (0.9, 1.1), 0.1, 4, "Smallest and largest scaling factor."),
            _float("shear", 5, 0, 60, "Largest shear angle in either direction, in degrees."),
            _GREY,
        ),
    ),
    TransformSpec(
        name="perspective",
        title="Perspective",
        random=True,
        help="Moves the four corners, as if the picture were seen from an angle.",
        parameters=(
            _float("distortion", 0.3, 0, 1, "How far the corners move: 0 not at all, 1 the most."),
            _chance(0.5),
            _GREY,
        ),
    ),
)

_COLOUR = (
    TransformSpec(
        name="color_jitter",
        title="Colour jitter",
        random=True,
        help="Changes brightness, contrast, saturation and hue, in random order.",
        parameters=(
            _float("brightness", 0.2, 0, 1, "Largest relative change of brightness."),
            _float("contrast", 0.2, 0, 1, "Largest relative change of contrast."),
            _float("saturation", 0.2, 0, 1, "Largest relative change of saturation."),
            _float("hue", 0.02, 0, 0.5, "Largest shift of hue; 0.5 turns the colour wheel by half."),
        ),
    ),
    TransformSpec(
        name="grayscale",
        title="Random grayscale",
        random=True,
        help="Removes all colour from some samples, so that the network cannot rely on colour alone.",
        parameters=(_chance(0.1),),
    ),
    TransformSpec(
        name="gaussian_blur",
        title="Gaussian blur",
        random=True,
        help="Blurs by a random amount.",
        parameters=(
            _range("sigma", (0.1, 2.0), 0.05, 10, "Width of the blur in pixels."),
            _chance(0.5),
        ),
    ),
    TransformSpec(
        name="sharpness",
        title="Sharpness",
        random=True,
        help="Sharpens (factor above 1) or softens (below 1) some samples.",
        parameters=(_float("factor", 2.0, 0, 10, "1 changes nothing."), _chance(0.5)),
    ),
    TransformSpec(
        name="autocontrast",
        title="Autocontrast",
        random=True,
        help="Stretches each colour channel of some samples over the whole range.",
        parameters=(_chance(0.5),),
    ),
)

_STRONG = (
    TransformSpec(
        name="erasing",
        title="Erasing",
        random=True,
        help="Blanks out a random rectangle, so that the network cannot rely on a single detail "
        "(https://arxiv.org/abs/1708.04896).",
        parameters=(
            _chance(0.25),
            _range("scale", (0.02, 0.2), 0.005, 0.9, "Area of the rectangle as a fraction of the picture."),
            _range("ratio", (0.3, 3.3), 0.1, 10.0, "Height of the rectangle divided by its width."),
            _int("value", 0, 0, 255, "Grey value of the rectangle."),
        ),
    ),
    TransformSpec(
        name="trivial_augment",
        title="TrivialAugment",
        random=True,
        help="Applies one of fourteen operations at a random strength: strong, with nothing to tune "
        "(https://arxiv.org/abs/2103.10158).",
        parameters=(_int("bins", 31, 2, 100, "Number of strengths, from the weakest to the strongest."),),
    ),
    TransformSpec(
        name="rand_augment",
        title="RandAugment",
        random=True,
        help="Applies several random operations in turn, all at the same strength (https://arxiv.org/abs/1909.13719).",
        parameters=(
            _int("operations", 2, 1, 5, "Number of operations."),
            _int("magnitude", 9, 0, 30, "Strength of the operations, from 0 to 30."),
        ),
    ),
)


def _registry(*groups: tuple[TransformSpec, ...]) -> dict[str, TransformSpec]:
    table: dict[str, TransformSpec] = {}
    for spec in (spec for group in groups for spec in group):
        if spec.name in table:
            raise ValueError(f"Two transforms are called {spec.name!r}; each name must be used once.")
        table[spec.name] = spec
    return table


_TRANSFORMS = _registry(_DETERMINISTIC, _GEOMETRY, _COLOUR, _STRONG)


def transform_names() -> tuple[str, ...]:
    """All names, the deterministic transforms first."""
    return tuple(_TRANSFORMS)


def get_transform(name: str) -> TransformSpec:
    """The description of one transform.

    Raises:
        ConfigError: no transform has that name.
    """
    if name not in _TRANSFORMS:
        raise ConfigError(f"No transform is called {quoted(name)}. Known: {', '.join(_TRANSFORMS)}.")
    return _TRANSFORMS[name]
