"""Composes a bundled drawing from a scene, an animal, props and light.

A drawing depends only on class, seed and number, so any of them can be painted on its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from PIL import Image

from cnnlab.data.samples import indoors, outdoors, props
from cnnlab.data.samples.backdrop import Backdrop
from cnnlab.data.samples.canvas import BOARD_PX, PICTURE_PX, Canvas, Pen
from cnnlab.data.samples.poodle import paint_poodle
from cnnlab.data.samples.shapes import ellipse
from cnnlab.data.samples.siamese_cat import paint_siamese_cat


class Drawing(NamedTuple):
    """Picture (RGB) and mask (L, 255 where the animal is visible), both PICTURE_PX square."""

    picture: Image.Image
    mask: Image.Image


@dataclass(frozen=True)
class Scene:
    """A background, the props that may stand in front of it, and the colour of its light."""

    paint: Callable[[np.random.Generator], Backdrop]
    props: tuple[props.Prop, ...]
    light: tuple[float, float, float] = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Extent:
    """Size of a pose: half width and height in units of the figure, and the share of the picture it may fill."""

    half_width: float
    height: float
    low: float
    high: float


SCENES: Final[tuple[Scene, ...]] = (
    Scene(outdoors.meadow, props.OUTDOOR_PROPS),
    Scene(outdoors.garden, props.OUTDOOR_PROPS),
    Scene(outdoors.beach, (props.ball, props.ball, props.leafy_plant), (1.03, 1.01, 0.97)),
    Scene(outdoors.snow, (props.snow_heap,), (0.96, 0.99, 1.04)),
    Scene(outdoors.autumn, (props.grass, props.fence, props.ball), (1.05, 1.0, 0.93)),
    Scene(outdoors.night, (props.grass, props.fence), (0.74, 0.8, 1.0)),
    Scene(outdoors.sunset, (props.grass, props.fence), (1.06, 0.95, 0.88)),
    Scene(indoors.papered_wall, props.INDOOR_PROPS),
    Scene(indoors.papered_wall, (*props.INDOOR_PROPS, props.box)),
    Scene(indoors.living_room, props.INDOOR_PROPS, (1.04, 1.0, 0.94)),
    Scene(indoors.window_seat, props.INDOOR_PROPS),
    Scene(indoors.kitchen, (props.ball, props.yarn, props.box, props.leafy_plant)),
    Scene(indoors.studio, (props.ball, props.yarn, props.cushion)),
)

EXTENTS: Final[dict[str, Extent]] = {
    "portrait": Extent(0.44, 1.12, 0.76, 0.92),
    "sitting": Extent(0.4, 1.08, 0.54, 0.87),
    "sitting_aside": Extent(0.42, 1.06, 0.54, 0.87),
    "standing": Extent(0.56, 1.08, 0.54, 0.84),
    "lying": Extent(0.6, 0.88, 0.48, 0.74),
    "curled": Extent(0.5, 0.62, 0.4, 0.6),
}
BOXED: Final = ("sitting", "sitting_aside")
"""Poses in which an animal fits into a cardboard box."""

ANIMALS: Final[dict[str, Callable[[Pen, np.random.Generator, str], None]]] = {
    "poodle": paint_poodle,
    "siamese_cat": paint_siamese_cat,
}
"""Class names and how each is painted; the seeds depend on the order."""


def paint(class_name: str, *, seed: int, number: int) -> Drawing:
    """Paint picture `number` (from 0) of a class."""
    rng = np.random.default_rng([seed, list(ANIMALS).index(class_name), number])
    scene = SCENES[int(rng.integers(len(SCENES)))]
    pose = list(EXTENTS)[int(rng.integers(len(EXTENTS)))]
    light = (float(rng.choice([-0.6, 0.6])), -0.8)
    canvas = Canvas(scene.paint(rng).finished(float(rng.uniform(0.6, 1.6))), light)
    pen = _place(canvas, rng, pose)
    if pose != "portrait":
        extent = EXTENTS[pose]
        pen.shadow(ellipse(-0.06 * light[0], 0.0, extent.half_width * 0.86, 0.06))
    ANIMALS[class_name](pen, rng, pose)
    if rng.random() < 0.5:
        prop = scene.props[int(rng.integers(len(scene.props)))]
        if prop is props.box and pose not in BOXED:
            prop = props.ball
        # Only the box has to be where the animal is.
        shift = pen.x - BOARD_PX / 2 if prop is props.box else 0.0
        prop(Pen(canvas, shift, 0, BOARD_PX, cover=0), rng)
    return Drawing(_lit(canvas.image.reduce(2), rng, scene.light, light[0]), canvas.mask.reduce(2))


def _place(canvas: Canvas, rng: np.random.Generator, pose: str) -> Pen:
    """Pen at the figure's origin, with a scale at which the figure is large enough and still fits."""
    extent = EXTENTS[pose]
    share = rng.uniform(extent.low, extent.high)
    scale = min(share / extent.height, 0.94 / (2 * extent.half_width))
    room = max(0.0, 0.5 - extent.half_width * scale)
    x = 0.5 + rng.uniform(-1, 1) * room * 0.8
    # A portrait is aligned with the upper edge, every other pose stands on the ground.
    y = rng.uniform(0.05, 0.12) + extent.height * scale if pose == "portrait" else rng.uniform(0.85, 0.94)
    return Pen(canvas, x * BOARD_PX, y * BOARD_PX, scale * BOARD_PX, mirror=bool(rng.random() < 0.5))


def _lit(picture: Image.Image, rng: np.random.Generator, tint: tuple[float, float, float], side: float) -> Image.Image:
    """The picture with its lighting: tint, exposure, brighter on the side of the light, a little grain."""
    across = np.arange(PICTURE_PX, dtype=np.float32) / PICTURE_PX
    distance = (across[None, :] - 0.5 * (1 + 0.5 * side)) ** 2 + (across[:, None] - 0.42) ** 2
    falloff = 1 - rng.uniform(0.05, 0.22) * 2 * distance
    warmth = rng.uniform(-0.05, 0.05)
    colour = np.array(tint) * np.array([1 + warmth, 1, 1 - warmth]) * rng.uniform(0.9, 1.08)
    pixels = np.asarray(picture, dtype=np.float32) * falloff[..., None].astype(np.float32)
    pixels *= colour.astype(np.float32)
    pixels += 2 * rng.standard_normal((PICTURE_PX, PICTURE_PX, 1), dtype=np.float32)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
