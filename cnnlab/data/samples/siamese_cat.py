"""The Siamese cat in its poses.

Units: the figure is about 1 high, with its origin on the ground; in side views it faces right.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from cnnlab.data.samples.adornments import paint_hair_bow, paint_neckwear
from cnnlab.data.samples.canvas import Pen
from cnnlab.data.samples.faces import paint_mood, toes
from cnnlab.data.samples.palette import Coat, darker, siamese_coat
from cnnlab.data.samples.shapes import Spots, ellipse, limb, mirrored, path, smooth
from cnnlab.data.samples.siamese_head import paint_head, pick_eyes

# Outlines of the trunk, clockwise from the neck.
# fmt: off
BUST: Final = mirrored(((0, -0.52), (0.2, -0.5), (0.29, -0.3), (0.39, -0.06), (0.42, 0.5), (0, 0.6)))
FRONT: Final = mirrored(((0, -0.56), (0.13, -0.5), (0.2, -0.34), (0.26, -0.16), (0.24, -0.01), (0, 0.01)))
HAUNCHES: Final = (
    (0.06, -0.62), (0.2, -0.52), (0.22, -0.34), (0.14, -0.14), (0.06, -0.02),
    (-0.22, 0.0), (-0.32, -0.12), (-0.28, -0.3), (-0.14, -0.48),
)
SIDE: Final = (
    (-0.38, -0.4), (-0.28, -0.5), (0, -0.49), (0.2, -0.55), (0.34, -0.52),
    (0.36, -0.36), (0.22, -0.23), (-0.08, -0.25), (-0.3, -0.22), (-0.39, -0.3),
)
SPHINX: Final = (
    (-0.46, -0.14), (-0.36, -0.3), (-0.1, -0.34), (0.16, -0.42), (0.32, -0.38),
    (0.38, -0.16), (0.3, 0.0), (-0.1, 0.01), (-0.42, 0.0),
)
BALL: Final = (
    (-0.44, -0.12), (-0.34, -0.3), (-0.06, -0.38), (0.24, -0.34), (0.42, -0.16), (0.4, -0.02), (0, 0.03), (-0.36, 0.0),
)

# Tails from root to tip; those in front of the paws are painted last.
ROUND_THE_FEET: Final = ((0.14, -0.1), (0.34, -0.02), (0.28, 0.03), (0.1, 0.03), (-0.06, 0.0))
FRONT_TAILS: Final[tuple[Spots, ...]] = (
    ((0.12, -0.1), (0.34, -0.05), (0.46, -0.2), (0.42, -0.38), (0.5, -0.5)),
    ROUND_THE_FEET,
    ((0.12, -0.1), (0.3, -0.14), (0.37, -0.4), (0.3, -0.62), (0.38, -0.74)),
)
HAUNCH_TAILS: Final[tuple[Spots, ...]] = (
    ((-0.2, -0.08), (-0.42, -0.05), (-0.52, -0.16), (-0.48, -0.3)),
    ((-0.16, -0.06), (-0.36, 0.0), (-0.5, -0.02), (-0.62, -0.08)),
    ((-0.2, -0.1), (-0.38, -0.2), (-0.4, -0.44), (-0.5, -0.56)),
)
SIDE_TAILS: Final[tuple[Spots, ...]] = (
    ((-0.34, -0.44), (-0.46, -0.52), (-0.5, -0.74), (-0.42, -0.92), (-0.48, -1.0)),
    ((-0.34, -0.42), (-0.48, -0.38), (-0.56, -0.22), (-0.64, -0.14), (-0.7, -0.2)),
    ((-0.34, -0.44), (-0.48, -0.6), (-0.6, -0.6), (-0.64, -0.46), (-0.56, -0.4)),
)
ALONG_THE_SIDE: Final = ((-0.4, -0.04), (-0.5, 0.02), (-0.3, 0.05), (-0.08, 0.03))
SPHINX_TAILS: Final[tuple[Spots, ...]] = (
    ((-0.36, -0.06), (-0.54, -0.04), (-0.62, -0.16), (-0.54, -0.28)),
    ALONG_THE_SIDE,
    ((-0.4, -0.1), (-0.54, -0.2), (-0.58, -0.4), (-0.66, -0.44)),
)
# fmt: on


def paint_siamese_cat(pen: Pen, rng: np.random.Generator, pose: str) -> None:
    """Paint one cat with random looks from `rng`; `pose` is a name in POSES."""
    POSES[pose](pen, rng, siamese_coat(rng))


def portrait(pen: Pen, rng: np.random.Generator, coat: Coat) -> None:
    """Head and shoulders, cut off at the lower edge."""
    body = pen.paint(smooth(BUST), colour=coat.body)
    pen.tint(body, ellipse(0, -0.3, 0.26, 0.2), coat.points, softness=0.08, opacity=0.3)
    _chest_fur(pen, coat, -0.04, 2.0)
    _head(pen, rng, coat, 0, -0.56, 0.36)


def sitting(pen: Pen, rng: np.random.Generator, coat: Coat) -> None:
    """Sitting upright, seen from the front."""
    tail = FRONT_TAILS[int(rng.integers(len(FRONT_TAILS)))]
    if tail is not ROUND_THE_FEET:
        _tail(pen, coat, tail)
    body = pen.paint(smooth(FRONT), colour=coat.body)
    pen.tint(body, ellipse(0, -0.48, 0.15, 0.07), coat.points, softness=0.04, opacity=0.3)
    for side in (-1, 1):
        _paw(pen, coat, side * 0.2, -0.035, 0.1)
    for side in (-1, 1):
        _leg(pen, coat, ((side * 0.07, -0.32), (side * 0.075, -0.16), (side * 0.085, -0.04)), 0.105)
    _chest_fur(pen, coat, -0.36, 1.0)
    if tail is ROUND_THE_FEET:
        _tail(pen, coat, tail)
    _head(pen, rng, coat, 0, -0.68, 0.245)


def sitting_aside(pen: Pen, rng: np.random.Generator, coat: Coat) -> None:
    """Sitting, seen from the side, facing the viewer."""
    _tail(pen, coat, HAUNCH_TAILS[int(rng.integers(len(HAUNCH_TAILS)))])
    _leg(pen, coat, ((0.17, -0.4), (0.19, -0.2), (0.2, -0.04)), 0.1)
    pen.paint(smooth(HAUNCHES), colour=coat.body)
    _leg(pen, coat, ((0.12, -0.38), (0.12, -0.2), (0.13, -0.04)), 0.105)
    haunch = pen.paint(ellipse(-0.14, -0.16, 0.15, 0.16, tilt=150), colour=coat.body, bare=7)
    pen.tint(haunch, ellipse(-0.02, -0.02, 0.1, 0.06), coat.points, softness=0.05, opacity=0.5)
    _paw(pen, coat, -0.03, -0.035, 0.1)
    _head(pen, rng, coat, 0.11, -0.7, 0.235)


def standing(pen: Pen, rng: np.random.Generator, coat: Coat) -> None:
    """Standing, seen from the side, facing the viewer."""
    stride = float(rng.uniform(-0.05, 0.07))
    _tail(pen, coat, SIDE_TAILS[int(rng.integers(len(SIDE_TAILS)))])
    _leg(pen, coat, ((-0.2, -0.32), (-0.23, -0.17), (-0.17 - stride, -0.04)), 0.1)
    _leg(pen, coat, ((0.26, -0.34), (0.28, -0.18), (0.3 + stride, -0.04)), 0.095)
    pen.paint(smooth(SIDE), colour=coat.body)
    _leg(pen, coat, ((-0.28, -0.34), (-0.33, -0.17), (-0.3 + stride, -0.04)), 0.115)
    _leg(pen, coat, ((0.18, -0.36), (0.18, -0.18), (0.18 - stride, -0.04)), 0.1)
    _head(pen, rng, coat, 0.3, -0.68, 0.24)


def lying(pen: Pen, rng: np.random.Generator, coat: Coat) -> None:
    """Lying like a sphinx, paws forward."""
    tail = SPHINX_TAILS[int(rng.integers(len(SPHINX_TAILS)))]
    if tail is not ALONG_THE_SIDE:
        _tail(pen, coat, tail)
    pen.paint(smooth(SPHINX), colour=coat.body)
    haunch = pen.paint(ellipse(-0.26, -0.135, 0.16, 0.135, tilt=180), colour=coat.body, bare=9)
    pen.tint(haunch, ellipse(-0.12, 0.0, 0.1, 0.06), coat.points, softness=0.05, opacity=0.5)
    _paw(pen, coat, -0.1, -0.03, 0.1)
    _leg(pen, coat, ((0.26, -0.12), (0.4, -0.05), (0.52, -0.045)), 0.1)
    _leg(pen, coat, ((0.16, -0.12), (0.28, -0.04), (0.42, -0.03)), 0.105)
    if tail is ALONG_THE_SIDE:
        _tail(pen, coat, tail)
    _head(pen, rng, coat, 0.28, -0.5, 0.24)


def curled(pen: Pen, rng: np.random.Generator, coat: Coat) -> None:
    """Curled up, with its head on its paws, often asleep."""
    body = pen.paint(smooth(BALL), colour=coat.body)
    pen.tint(body, ellipse(-0.34, 0.0, 0.16, 0.1), coat.points, softness=0.06, opacity=0.5)
    _tail(pen, coat, ((-0.38, -0.06), (-0.3, 0.03), (-0.1, 0.05), (0.06, 0.02)))
    _leg(pen, coat, ((0.4, -0.08), (0.34, -0.03), (0.2, -0.02)), 0.09)
    _head(pen, rng, coat, 0.22, -0.2, 0.225, closed=0.5)


POSES: Final[dict[str, Callable[[Pen, np.random.Generator, Coat], None]]] = {
    "portrait": portrait,
    "sitting": sitting,
    "sitting_aside": sitting_aside,
    "standing": standing,
    "lying": lying,
    "curled": curled,
}


def _head(
    pen: Pen, rng: np.random.Generator, coat: Coat, x: float, y: float, radius: float, *, closed: float = 0.14
) -> None:
    mood = paint_mood(rng, closed=closed)
    paint_neckwear(pen.at(x, y, radius), rng)
    head = pen.at(x, y, radius, mood.tilt)
    paint_head(head, coat, mood, pick_eyes(rng))
    paint_hair_bow(head, rng)


def _tail(pen: Pen, coat: Coat, knots: Spots) -> None:
    pen.paint(limb(knots, (0.085, 0.08, 0.07, 0.06)), colour=coat.points)


def _leg(pen: Pen, coat: Coat, knots: Spots, width: float) -> None:
    """Leg that darkens towards the paw, with the paw."""
    leg = pen.paint(limb(knots, (width * 1.15, width, width * 0.92)), colour=coat.body, depth=0.26, bare=9)
    (x, y), (knee_x, knee_y) = knots[-1], knots[-2]
    shin = ellipse(0.7 * x + 0.3 * knee_x, 0.7 * y + 0.3 * knee_y, 0.11, 0.08)
    pen.tint(leg, shin, coat.points, softness=0.05, opacity=0.85)
    _paw(pen, coat, x + 0.012, y + 0.005, width * 0.78)


def _paw(pen: Pen, coat: Coat, x: float, y: float, size: float) -> None:
    pen.paint(ellipse(x, y, size * 0.82, size * 0.5), colour=coat.points, depth=0.26)
    toes(pen, x, y, size, coat.points)


def _chest_fur(pen: Pen, coat: Coat, y: float, size: float) -> None:
    """A few short hairs where the chest fur parts."""
    for x, down in ((-0.05, 0.0), (0.0, 0.03), (0.05, 0.0)):
        hair = [
            (size * (x - 0.015), y + size * down),
            (size * x, y + size * (down + 0.03)),
            (size * (x + 0.015), y + size * down),
        ]
        pen.stroke(path(hair), darker(coat.body, 0.3), 0.008 * size)
