"""Warnings about a pipeline on these pictures, in sentences."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cnnlab.data.pipeline import Pipeline, Step
from cnnlab.models.registry import get_family, resolve_options, smallest_input
from cnnlab.ui.next_run.choices import ArchitectureChoice

SMALL_CROP: Final = 0.2
STRONG_HUE: Final = 0.15
LARGE_ANGLE: Final = 45.0
MAX_ENLARGED: Final = 2.0
_WRITING: Final = ("digit", "letter", "text", "mnist", "number", "character", "alphabet", "sign")


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """What is known about a data set: its name, its classes, and the short side of the picture shown."""

    name: str
    classes: Sequence[str]
    short_side: int | None = None


def cautions(pipeline: Pipeline, pictures: Pictures) -> tuple[str, ...]:
    """Sentences, the most important first; empty if all is well."""
    return tuple(_of_steps(pipeline, pictures)) + tuple(_of_all(pipeline, pictures))


def too_small_for(network: ArchitectureChoice, pipeline: Pipeline) -> str | None:
    """A sentence if the image size is too small for the network of the next run, else None."""
    least = smallest_input(network.family, resolve_options(network.family, network.preset, network.options))
    if pipeline.image_size >= least:
        return None
    title = get_family(network.family).title
    return (
        f"The {title} chosen on the Architecture page needs pictures of at least {least} px, but the image size is "
        f"{pipeline.image_size}. Raise it here, or choose another network there."
    )


def is_writing(pictures: Pictures) -> bool:
    """Whether the classes look like digits, letters or signs, for which orientation matters."""
    short = sum(len(label) == 1 for label in pictures.classes)
    words = " ".join((pictures.name, *pictures.classes)).lower()
    return short > len(pictures.classes) / 2 or any(word in words for word in _WRITING)


def _of_steps(pipeline: Pipeline, pictures: Pictures) -> Iterator[str]:
    for step in pipeline.active:
        caution = _CHECKS[step.name](step, pictures) if step.name in _CHECKS else None
        if caution is not None:
            yield caution


def _of_all(pipeline: Pipeline, pictures: Pictures) -> Iterator[str]:
    names = {step.name for step in pipeline.active}
    if not any(step.random for step in pipeline.active):
        yield "No step is random, so the network sees the same pixels in every epoch and memorises a small data set."
    if {"trivial_augment", "rand_augment"} <= names:
        yield "TrivialAugment and RandAugment together change each picture twice; one of them is enough."
    if pipeline.leading_resize < pipeline.image_size:
        yield (
            f"The working size of {pipeline.leading_resize} px is smaller than the image size of "
            f"{pipeline.image_size} px, so pictures are enlarged again. Leave the size of Resize empty, or increase "
            "it."
        )
    if pictures.short_side is not None and pipeline.leading_resize > MAX_ENLARGED * pictures.short_side:
        yield (
            f"This picture is only {pictures.short_side} px high or wide and is enlarged to "
            f"{pipeline.leading_resize} px; a smaller image size shows just as much in less time."
        )


def _flip(step: Step, pictures: Pictures) -> str | None:
    if not is_writing(pictures):
        return None
    return "Horizontal flip mirrors digits, letters and signs into different ones; switch it off for these classes."


def _upside_down(step: Step, pictures: Pictures) -> str | None:
    if is_writing(pictures):
        return "Vertical flip turns a 6 into something like a 9; switch it off for these classes."
    return "Vertical flip turns pictures upside down; use it only for pictures that have no top and bottom."


def _crop(step: Step, pictures: Pictures) -> str | None:
    scale = step.parameters["scale"]
    low = scale[0] if isinstance(scale, tuple) else 1.0
    if low >= SMALL_CROP:
        return None
    return (
        f"Crops go down to {100 * low:g} % of the area, so some will miss the subject of the picture; 35 % or more is "
        "safer with few pictures."
    )


def _hue(step: Step, pictures: Pictures) -> str | None:
    hue = step.parameters["hue"]
    if isinstance(hue, int | float) and hue > STRONG_HUE:
        return f"A hue shift of up to {hue:g} can turn red into green, so classes that differ by colour look alike."
    return None


def _turn(step: Step, pictures: Pictures) -> str | None:
    degrees = step.parameters["degrees"]
    if not isinstance(degrees, int | float) or degrees <= LARGE_ANGLE:
        return None
    return f"Rotations of up to {degrees:g}° are rare in photos and leave empty corners."


_CHECKS: Final[Mapping[str, Callable[[Step, Pictures], str | None]]] = {
    "horizontal_flip": _flip,
    "vertical_flip": _upside_down,
    "random_resized_crop": _crop,
    "color_jitter": _hue,
    "rotation": _turn,
    "affine": _turn,
}
