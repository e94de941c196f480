"""Builds the registry's transforms as torchvision.transforms.v2 modules.

All of them map uint8 tensors of shape (3, h, w) to such tensors, and take their randomness from torch's default
generator alone.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torchvision.transforms import v2

from cnnlab.data.pipeline import MAX_ASPECT_RATIO, Step, fitted_side, working_side

Tensor = torch.Tensor
Operation = Callable[[Tensor], Tensor]

BILINEAR = v2.InterpolationMode.BILINEAR


def make_operation(step: Step, image_size: int) -> Operation:
    """The function that applies `step` to a uint8 tensor (3, h, w); crops return (3, image_size, image_size)."""
    return _BUILDERS[step.name](dict(step.parameters), image_size)


def _tensor(result: Any) -> Tensor:  # noqa: ANN401
    """`result`, which torchvision does not annotate as a tensor."""
    assert isinstance(result, Tensor)
    return result


def resize_short_side(picture: Tensor, side: int) -> Tensor:
    """(3, h, w) -> the same aspect ratio with the given short side, antialiased; no copy if it has that size."""
    height, width = picture.shape[-2:]
    if min(height, width) == side:
        return picture
    return _tensor(v2.functional.resize(picture, [side], interpolation=BILINEAR, antialias=True))


def resize_up(picture: Tensor, side: int) -> Tensor:
    """(3, h, w) -> a short side of at least `side`."""
    return resize_short_side(picture, max(side, min(picture.shape[-2:])))


def middle_of_long(picture: Tensor) -> Tensor:
    """(3, h, w) -> an aspect ratio of at most `MAX_ASPECT_RATIO`."""
    height, width = picture.shape[-2:]
    longest = MAX_ASPECT_RATIO * min(height, width)
    if max(height, width) <= longest:
        return picture
    return _tensor(v2.functional.center_crop(picture, [min(height, longest), min(width, longest)]))


def fit(picture: Tensor, image_size: int) -> Tensor:
    """(3, h, w) -> (3, image_size, image_size): short side to between 1 and 8/7 times the size, then the middle."""
    height, width = picture.shape[-2:]
    if (height, width) == (image_size, image_size):
        return picture
    side = fitted_side(min(height, width), image_size)
    return _tensor(v2.functional.center_crop(resize_short_side(picture, side), [image_size, image_size]))


class BlurSometimes:
    """Gaussian blur, applied with a probability; its kernel reaches three standard deviations to either side."""

    def __init__(self, sigma: tuple[float, float], probability: float) -> None:
        self.sigma, self.probability = sigma, probability

    def __call__(self, picture: Tensor) -> Tensor:
        """(3, h, w) -> (3, h, w)."""
        if torch.rand(1).item() >= self.probability:
            return picture
        sigma = torch.empty(1).uniform_(*self.sigma).item()
        # Reflection at the border allows at most size - 1 pixels to either side.
        reach = min(max(1, round(3 * sigma)), min(picture.shape[-2:]) - 1)
        if reach < 1:
            return picture
        return _tensor(v2.functional.gaussian_blur(picture, [2 * reach + 1] * 2, [sigma, sigma]))


class CropInside:
    """Random crop that enlarges a picture smaller than the crop instead of failing."""

    def __init__(self, size: int, border: int) -> None:
        self.size, self.border = size, border
        self.crop = v2.RandomCrop(size, padding=border or None)

    def __call__(self, picture: Tensor) -> Tensor:
        """(3, h, w) -> (3, size, size)."""
        return _tensor(self.crop(resize_up(picture, self.size)))

    def cut(self, picture: Tensor) -> "Cut":
        """The part that the next call will cut out of `picture`."""
        params = self.crop.make_params([resize_up(picture, self.size)])
        scale = min(1.0, min(picture.shape[-2:]) / self.size)
        left, top = params["left"] - self.border, params["top"] - self.border
        return Cut(*(round(value * scale) for value in (left, top, params["width"], params["height"])))


class Cut(NamedTuple):
    """The part that a crop cut out, in pixels of the picture before it; with padding it can extend beyond that."""

    left: int
    top: int
    width: int
    height: int


def cut_of(operation: Operation, picture: Tensor) -> Cut | None:
    """The part of `picture` that a crop takes in the generator's current state; None for other operations."""
    if isinstance(operation, v2.RandomResizedCrop):
        params = operation.make_params([picture])
        return Cut(params["left"], params["top"], params["width"], params["height"])
    if isinstance(operation, CropInside):
        return operation.cut(picture)
    return None


def _center_crop(_: Mapping[str, Any], size: int) -> Operation:
    return lambda picture: _tensor(v2.functional.center_crop(resize_up(picture, size), [size, size]))


def _resize(p: Mapping[str, Any], size: int) -> Operation:
    side = p["size"] or working_side(size)
    return lambda picture: resize_short_side(middle_of_long(picture), side)


def _affine(p: Mapping[str, Any], _: int) -> Operation:
    operation: Operation = v2.RandomAffine(
        p["degrees"],
        translate=(p["translate"], p["translate"]),
        scale=p["scale"],
        shear=p["shear"],
        fill=p["fill"],
        interpolation=BILINEAR,
    )
    return operation


def _color_jitter(p: Mapping[str, Any], _: int) -> Operation:
    operation: Operation = v2.ColorJitter(p["brightness"], p["contrast"], p["saturation"], p["hue"])
    return operation


def _erasing(p: Mapping[str, Any], _: int) -> Operation:
    operation: Operation = v2.RandomErasing(p["probability"], p["scale"], p["ratio"], p["value"])
    return operation


_BUILDERS: Mapping[str, Callable[[Mapping[str, Any], int], Operation]] = {
    "resize": _resize,
    "center_crop": _center_crop,
    "to_grayscale": lambda p, _: v2.Grayscale(num_output_channels=3),
    "random_resized_crop": lambda p, size: v2.RandomResizedCrop(size, scale=p["scale"], ratio=p["ratio"]),
    "random_crop": lambda p, size: CropInside(size, p["padding"]),
    "horizontal_flip": lambda p, _: v2.RandomHorizontalFlip(p["probability"]),
    "vertical_flip": lambda p, _: v2.RandomVerticalFlip(p["probability"]),
    "rotation": lambda p, _: v2.RandomRotation(p["degrees"], fill=p["fill"], interpolation=BILINEAR),
    "affine": _affine,
    "perspective": lambda p, _: v2.RandomPerspective(p["distortion"], p=p["probability"], fill=p["fill"]),
    "color_jitter": _color_jitter,
    "grayscale": lambda p, _: v2.RandomGrayscale(p["probability"]),
    "gaussian_blur": lambda p, _: BlurSometimes(p["sigma"], p["probability"]),
    "sharpness": lambda p, _: v2.RandomAdjustSharpness(p["factor"], p["probability"]),
    "autocontrast": lambda p, _: v2.RandomAutocontrast(p["probability"]),
    "erasing": _erasing,
    "trivial_augment": lambda p, _: v2.TrivialAugmentWide(p["bins"], interpolation=BILINEAR),
    "rand_augment": lambda p, _: v2.RandAugment(p["operations"], p["magnitude"], interpolation=BILINEAR),
}
