"""The poodle in its poses.

Units: the figure is about 1 high, with its origin on the ground; in side views it faces right.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from cnnlab.data.samples.adornments import paint_hair_bow, paint_neckwear
from cnnlab.data.samples.canvas import Pen
from cnnlab.data.samples.faces import paint_mood, toes
from cnnlab.data.samples.fur import tuft
from cnnlab.data.samples.palette import Coat, lighter, poodle_coat
from cnnlab.data.samples.poodle_head import paint_head
from cnnlab.data.samples.shapes import Spots, ellipse, limb, mirrored, smooth

# Outlines of the trunk below the curls.
# fmt: off
NECK: Final = ((-0.16, -0.5), (0.16, -0.5), (0.24, 0.0), (-0.24, 0.0))
FRONT: Final = mirrored(((0, -0.5), (0.16, -0.4), (0.26, -0.14), (0.22, 0.0), (0, 0.01)))
HAUNCHES: Final = (
    (0.04, -0.58), (0.2, -0.48), (0.2, -0.28), (0.06, -0.02), (-0.22, 0.0), (-0.3, -0.14), (-0.22, -0.32),
    (-0.1, -0.46),
)
SIDE: Final = (
    (-0.34, -0.4), (-0.24, -0.49), (0, -0.46), (0.26, -0.5), (0.32, -0.34), (0.1, -0.25), (-0.26, -0.24),
    (-0.36, -0.32),
)
SPHINX: Final = (
    (-0.44, -0.14), (-0.36, -0.28), (-0.08, -0.3), (0.2, -0.38), (0.36, -0.3), (0.38, -0.1), (0.3, 0.0), (-0.4, 0.0),
)
# fmt: on


@dataclass(frozen=True)
class Groomed:
    """A poodle's coat and its clip: `lamb` leaves curls on the whole leg, otherwise there are cuffs at the feet."""

    coat: Coat
    lamb: bool

    @property
    def skin(self) -> tuple[int, int, int]:
        """Colour of the clipped parts, a little lighter than the curls."""
        return lighter(self.coat.body, 0.1)


def paint_poodle(pen: Pen, rng: np.random.Generator, pose: str) -> None:
    """Paint one poodle with random looks from `rng`; `pose` is a name in POSES."""
    POSES[pose](pen, rng, Groomed(poodle_coat(rng), bool(rng.random() < 0.4)))


def portrait(pen: Pen, rng: np.random.Generator, dog: Groomed) -> None:
    """Head and shoulders, cut off at the lower edge."""
    pen.paint(smooth(NECK), colour=dog.skin)
    tuft(pen, rng, 0, 0.1, 0.5, 0.46, dog.coat.body, bow=0.12)
    _head(pen, rng, dog, 0, -0.56, 0.37)


def sitting(pen: Pen, rng: np.random.Generator, dog: Groomed) -> None:
    """Sitting upright, seen from the front."""
    _tail(pen, rng, dog, 0.2, -0.12, float(rng.uniform(25, 75)), 0.2)
    pen.paint(smooth(FRONT), colour=dog.skin)
    for side in (-1, 1):
        tuft(pen, rng, side * 0.2, -0.1, 0.13, 0.12, dog.coat.body, bow=0.06)
        _paw(pen, dog, side * 0.21, -0.025, 0.09)
    for side in (-1, 1):
        _leg(pen, rng, dog, ((side * 0.075, -0.3), (side * 0.08, -0.16), (side * 0.085, -0.03)))
    tuft(pen, rng, 0, -0.37, 0.2, 0.17, dog.coat.body, bow=0.07)
    _head(pen, rng, dog, 0, -0.68, 0.225)


def sitting_aside(pen: Pen, rng: np.random.Generator, dog: Groomed) -> None:
    """Sitting, seen from the side, facing the viewer."""
    _tail(pen, rng, dog, -0.24, -0.1, float(rng.uniform(-70, -20)), 0.2)
    _leg(pen, rng, dog, ((0.18, -0.36), (0.19, -0.2), (0.2, -0.03)))
    pen.paint(smooth(HAUNCHES), colour=dog.skin)
    tuft(pen, rng, -0.14, -0.14, 0.15, 0.14, dog.coat.body, bow=0.06)
    _paw(pen, dog, -0.04, -0.028, 0.1)
    _leg(pen, rng, dog, ((0.12, -0.34), (0.12, -0.18), (0.13, -0.03)))
    tuft(pen, rng, 0.1, -0.42, 0.18, 0.17, dog.coat.body, bow=0.07)
    _head(pen, rng, dog, 0.11, -0.7, 0.215)


def standing(pen: Pen, rng: np.random.Generator, dog: Groomed) -> None:
    """Standing, seen from the side, facing the viewer."""
    stride = float(rng.uniform(-0.05, 0.07))
    _tail(pen, rng, dog, -0.3, -0.44, float(rng.uniform(-60, 5)), 0.22)
    _leg(pen, rng, dog, ((-0.18, -0.32), (-0.21, -0.18), (-0.15 - stride, -0.03)))
    _leg(pen, rng, dog, ((0.25, -0.34), (0.25, -0.18), (0.27 + stride, -0.03)))
    pen.paint(smooth(SIDE), colour=dog.skin)
    _leg(pen, rng, dog, ((-0.27, -0.34), (-0.32, -0.18), (-0.29 + stride, -0.03)))
    tuft(pen, rng, -0.25, -0.36, 0.15, 0.13, dog.coat.body, bow=0.06)
    _leg(pen, rng, dog, ((0.15, -0.32), (0.15, -0.18), (0.15 - stride, -0.03)))
    tuft(pen, rng, 0.16, -0.41, 0.21, 0.18, dog.coat.body, bow=0.07)
    _head(pen, rng, dog, 0.26, -0.7, 0.22)


def lying(pen: Pen, rng: np.random.Generator, dog: Groomed) -> None:
    """Lying like a sphinx, paws forward."""
    _tail(pen, rng, dog, -0.4, -0.14, float(rng.uniform(-80, -25)), 0.18)
    pen.paint(smooth(SPHINX), colour=dog.skin)
    tuft(pen, rng, -0.28, -0.13, 0.17, 0.14, dog.coat.body, bow=0.06)
    _paw(pen, dog, -0.1, -0.03, 0.1)
    _leg(pen, rng, dog, ((0.26, -0.12), (0.4, -0.05), (0.54, -0.04)))
    _leg(pen, rng, dog, ((0.16, -0.12), (0.28, -0.04), (0.44, -0.03)))
    tuft(pen, rng, 0.2, -0.24, 0.2, 0.18, dog.coat.body, bow=0.07)
    _head(pen, rng, dog, 0.26, -0.5, 0.22)


def curled(pen: Pen, rng: np.random.Generator, dog: Groomed) -> None:
    """Curled up, with its head on its paws, often asleep."""
    _tail(pen, rng, dog, -0.38, -0.08, float(rng.uniform(-100, -60)), 0.12)
    tuft(pen, rng, -0.02, -0.17, 0.44, 0.21, dog.coat.body, bow=0.08)
    _leg(pen, rng, dog, ((0.42, -0.08), (0.34, -0.03), (0.18, -0.02)))
    _head(pen, rng, dog, 0.2, -0.24, 0.215, closed=0.5)


POSES: Final[dict[str, Callable[[Pen, np.random.Generator, Groomed], None]]] = {
    "portrait": portrait,
    "sitting": sitting,
    "sitting_aside": sitting_aside,
    "standing": standing,
    "lying": lying,
    "curled": curled,
}


def _head(
    pen: Pen, rng: np.random.Generator, dog: Groomed, x: float, y: float, radius: float, closed: float = 0.14
) -> None:
    mood = paint_mood(rng, closed=closed)
    paint_neckwear(pen.at(x, y, radius), rng)
    head = pen.at(x, y, radius, mood.tilt)
    paint_head(head, rng, dog.coat, mood)
    paint_hair_bow(head, rng)


def _tail(pen: Pen, rng: np.random.Generator, dog: Groomed, x: float, y: float, angle: float, length: float) -> None:
    """Thin tail with a pompom; `angle` in degrees from upright, clockwise."""
    up = np.deg2rad(angle)
    tip = x + length * float(np.sin(up)), y - length * float(np.cos(up))
    pen.paint(
        limb(((x, y), ((x + tip[0]) / 2, (y + tip[1]) / 2), tip), (0.06, 0.05, 0.045)), colour=dog.skin, depth=0.2
    )
    tuft(pen, rng, *tip, 0.095, 0.09, dog.coat.points, bow=0.055)


def _leg(pen: Pen, rng: np.random.Generator, dog: Groomed, knots: Spots) -> None:
    """Slim leg with a cuff of curls above the paw, or curls all the way down."""
    (x, y), (knee_x, knee_y) = knots[-1], knots[-2]
    if dog.lamb:
        _paw(pen, dog, x + 0.012, y + 0.004, 0.085)
        tilt = float(np.rad2deg(np.arctan2(y - knee_y, x - knee_x))) - 90
        tuft(pen, rng, (knots[0][0] + x) / 2, (knots[0][1] + y) / 2, 0.075, 0.15, dog.coat.body, tilt=tilt, bow=0.055)
        return
    pen.paint(limb(knots, (0.09, 0.062, 0.06)), colour=dog.skin, depth=0.26, bare=9)
    _paw(pen, dog, x + 0.012, y + 0.002, 0.08)
    tuft(pen, rng, x * 0.6 + knee_x * 0.4, y * 0.6 + knee_y * 0.4 + 0.005, 0.072, 0.062, dog.coat.points, bow=0.05)


def _paw(pen: Pen, dog: Groomed, x: float, y: float, size: float) -> None:
    pen.paint(ellipse(x, y, size * 0.82, size * 0.48), colour=dog.skin, depth=0.26)
    toes(pen, x, y, size, dog.skin)
