"""A pipeline: the steps applied to a picture before a network sees it, as a frozen value.

The gallery, the training loop and the command line use the same pipeline. The order of the steps matters. The leading
deterministic steps are done once per picture and cached (the working size); random steps are sampled anew in every
epoch, and left out in validation and prediction. The result is fitted to the input size: the short side is brought to
between 1 and 8/7 times that size, then a square is cut out of the middle.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from cnnlab.data.transforms import Value, get_transform
from cnnlab.errors import ConfigError
from cnnlab.parameters import IMAGE_SIZE
from cnnlab.plain_yaml import quoted, read_yaml, write_yaml

Normalisation = Literal["none", "imagenet", "dataset"]
NORMALISATION_HELP: Mapping[Normalisation, str] = {
    "none": "Values from 0 to 1, as in the article.",
    "imagenet": "Subtracts ImageNet's mean and divides by its standard deviation, as published weights expect.",
    "dataset": "Subtracts the mean of the training pictures and divides by their standard deviation.",
}


MAX_ASPECT_RATIO: Final = 8
"""Longer pictures are cropped to their middle: a strip of 1 x 2000 pixels would need gigabytes at 256."""


def working_side(image_size: int) -> int:
    """The short side, in pixels, that leaves room for crops of `image_size`: 256 for 224."""
    return round(image_size * 8 / 7)


def fitted_side(short_side: int, image_size: int) -> int:
    """The short side to which whatever the steps leave is scaled before its middle is cut out."""
    return min(max(short_side, image_size), working_side(image_size))


class Step(BaseModel):
    """One transform with its parameters; the ones not given have their defaults."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    enabled: bool = True
    parameters: dict[str, Value] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, data: Any) -> Any:  # noqa: ANN401
        if not isinstance(data, Mapping):
            return data
        spec = get_transform(str(data.get("name")))
        given = data.get("parameters") or {}
        if not isinstance(given, Mapping):
            raise ConfigError(
                f"`parameters` of {spec.title} must be a mapping of names to values (got {quoted(given)})."
            )
        return {**data, "parameters": spec.complete(given)}

    @property
    def random(self) -> bool:
        """Whether the step is random, so that every sample differs."""
        return get_transform(self.name).random


class Pipeline(BaseModel):
    """An input size in pixels, steps in order, and how values are normalised."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    image_size: int = IMAGE_SIZE.default
    steps: tuple[Step, ...] = ()
    normalisation: Normalisation = "imagenet"

    @field_validator("image_size", mode="before")
    @classmethod
    def _size_is_within_limits(cls, value: object) -> object:
        return IMAGE_SIZE.parse(value)

    @property
    def active(self) -> tuple[Step, ...]:
        """The steps that are switched on."""
        return tuple(step for step in self.steps if step.enabled)

    @property
    def leading(self) -> tuple[Step, ...]:
        """The deterministic steps before the first random one, with a default Resize in front if there is none."""
        leading: list[Step] = []
        for step in self.active:
            if step.random:
                break
            leading.append(step)
        if not leading or leading[0].name != "resize":
            leading.insert(0, Step(name="resize"))
        return tuple(leading)

    @property
    def following(self) -> tuple[Step, ...]:
        """The steps after the leading ones: from the first random step to the end."""
        active = self.active
        first = next((index for index, step in enumerate(active) if step.random), len(active))
        return active[first:]

    @property
    def leading_resize(self) -> int:
        """Short side of the working size in pixels."""
        size = self.leading[0].parameters["size"]
        return size if isinstance(size, int) else working_side(self.image_size)

    def to_yaml(self) -> str:
        """The pipeline as text that people can edit and `from_yaml` reads."""
        return write_yaml(self.model_dump(mode="json"))

    @classmethod
    def from_yaml(cls, text: str) -> Self:
        """The pipeline that `text` describes.

        Raises:
            ConfigError: the text is not YAML, or a field is unknown or out of range.
        """
        try:
            return cls.model_validate(read_yaml(text, "The pipeline"))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or "pipeline"
            raise ConfigError(f"`{field}`: {first['msg']} (got {quoted(first['input'])}).") from error


@dataclass(frozen=True, kw_only=True)
class PipelinePreset:
    """A named starting point for a pipeline, for any input size."""

    title: str
    help: str
    steps: tuple[Step, ...]
    normalisation: Normalisation = "imagenet"


def _step(name: str, **parameters: Value) -> Step:
    return Step(name=name, parameters=parameters)


PIPELINE_PRESETS: Mapping[str, PipelinePreset] = {
    "none": PipelinePreset(
        title="None",
        help="The middle of each picture, the same in every epoch.",
        steps=(_step("resize"), _step("center_crop")),
    ),
    "light": PipelinePreset(
        title="Light",
        help="Shows most of the picture, mirrored half of the time: a good first choice.",
        steps=(_step("resize"), _step("random_resized_crop", scale=(0.5, 1.0)), _step("horizontal_flip")),
    ),
    "article": PipelinePreset(
        title="Article",
        help="As in the article: crops from 8 to 100 % of the area, flips, values from 0 to 1.",
        steps=(_step("resize"), _step("random_resized_crop"), _step("horizontal_flip")),
        normalisation="none",
    ),
    "strong": PipelinePreset(
        title="Strong",
        help="Crops, flips, rotations, colour changes and erased patches: for few pictures and many epochs.",
        steps=(
            _step("resize"),
            _step("random_resized_crop", scale=(0.25, 1.0)),
            _step("horizontal_flip"),
            _step("rotation", degrees=15.0),
            _step("color_jitter", brightness=0.4, contrast=0.4, saturation=0.4, hue=0.05),
            _step("grayscale", probability=0.1),
            _step("erasing", probability=0.25),
        ),
    ),
    "trivial_augment": PipelinePreset(
        title="TrivialAugment",
        help="A crop, a flip and one strong random operation; nothing to tune.",
        steps=(
            _step("resize"),
            _step("random_resized_crop", scale=(0.35, 1.0)),
            _step("horizontal_flip"),
            _step("trivial_augment"),
        ),
    ),
}


def make_pipeline(preset: str, image_size: int) -> Pipeline:
    """The pipeline of a preset at an input size in pixels.

    Raises:
        ConfigError: no preset has that name.
    """
    if preset not in PIPELINE_PRESETS:
        raise ConfigError(f"No augmentation preset is called {preset!r}. Known: {', '.join(PIPELINE_PRESETS)}.")
    chosen = PIPELINE_PRESETS[preset]
    return Pipeline(image_size=image_size, steps=chosen.steps, normalisation=chosen.normalisation)


def default_pipeline(image_size: int = 224) -> Pipeline:
    """The `light` preset, which is used unless another is chosen."""
    return make_pipeline("light", image_size)
