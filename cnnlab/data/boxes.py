"""Computes which part of an original picture is still in view after each step of a pipeline, from sizes alone.

Boxes are fractions of the upright original's width and height, so they are valid at any scale.
"""

from dataclasses import dataclass, replace
from typing import Final, Self

from cnnlab.data.pipeline import MAX_ASPECT_RATIO, Pipeline, Step, fitted_side, working_side

_COLOUR_ONLY: Final = frozenset(
    ("color_jitter", "grayscale", "to_grayscale", "gaussian_blur", "sharpness", "autocontrast", "erasing")
)


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle in fractions of width and height; with padding it can extend beyond 0 to 1."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class View:
    """The part of an original in view: its box (None once a step has rotated or distorted it) and its size (px)."""

    box: Box | None
    width: int
    height: int

    @classmethod
    def whole(cls, width: int, height: int) -> Self:
        """The whole of a picture of that size."""
        return cls(box=Box(left=0.0, top=0.0, width=1.0, height=1.0), width=width, height=height)

    def resized(self, short_side: int) -> Self:
        """The same part at another scale."""
        scale = short_side / min(self.width, self.height)
        return replace(self, width=max(1, round(self.width * scale)), height=max(1, round(self.height * scale)))

    def cut(self, left: float, top: float, width: int, height: int) -> Self:
        """A rectangle of this view, given in its own pixels."""
        if self.box is None:
            return replace(self, width=width, height=height)
        across, down = self.box.width / self.width, self.box.height / self.height
        box = Box(
            left=self.box.left + left * across,
            top=self.box.top + top * down,
            width=width * across,
            height=height * down,
        )
        return replace(self, box=box, width=width, height=height)

    def middle(self, width: int, height: int) -> Self:
        """The middle of this view."""
        return self.cut((self.width - width) / 2, (self.height - height) / 2, width, height)

    def fitted(self, image_size: int) -> Self:
        """What every pipeline ends with: short side to between 1 and 8/7 times the size, then the middle."""
        if (self.width, self.height) == (image_size, image_size):
            return self
        side = fitted_side(min(self.width, self.height), image_size)
        return self.resized(side).middle(image_size, image_size)

    def after(self, step: Step, image_size: int) -> Self:
        """The view after a step that is not a random crop; other steps that move pixels leave no box."""
        short = min(self.width, self.height)
        if step.name == "resize":
            longest = MAX_ASPECT_RATIO * short
            side = step.parameters["size"]
            within = self.middle(min(self.width, longest), min(self.height, longest))
            return within.resized(side if isinstance(side, int) else working_side(image_size))
        if step.name == "center_crop":
            return self.resized(max(image_size, short)).middle(image_size, image_size)
        return self if step.name in _COLOUR_ONLY else replace(self, box=None)


def working_view(pipeline: Pipeline, width: int, height: int) -> View:
    """The part of an original of `width` x `height` pixels that its working picture shows."""
    view = View.whole(width, height)
    for step in pipeline.leading:
        view = view.after(step, pipeline.image_size)
    return view


def evaluation_view(pipeline: Pipeline, width: int, height: int) -> View:
    """The part of an original that validation and prediction see."""
    view = working_view(pipeline, width, height)
    for step in pipeline.following:
        if not step.random:
            view = view.after(step, pipeline.image_size)
    return view.fitted(pipeline.image_size)
