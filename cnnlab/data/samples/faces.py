"""Parts that both animals' faces share: eyes, mouths, blush, and the mood that changes them.

Units: the head's radius is 1 and its centre the origin. `aside` is how far the face looks to the right, in -1 to 1.
"""

from dataclasses import dataclass

import numpy as np

from cnnlab.data.samples.canvas import Pen
from cnnlab.data.samples.palette import Colour, brightness, darker, lighter, mix
from cnnlab.data.samples.shapes import ellipse, path, smooth

INK = (46, 28, 40)
WHITE = (255, 255, 255)


@dataclass(frozen=True)
class Mood:
    """How the head is held, and its expression."""

    aside: float
    tilt: float  # degrees
    eyes_closed: bool
    mouth_open: bool
    gaze: float  # pupils to the side, in -1 to 1


def paint_mood(rng: np.random.Generator, *, closed: float = 0.14) -> Mood:
    """A random mood; `closed` is the probability of closed eyes."""
    return Mood(
        aside=float(rng.uniform(-0.8, 0.8)),
        tilt=float(rng.uniform(-13, 13)),
        eyes_closed=bool(rng.random() < closed),
        mouth_open=bool(rng.random() < 0.45),
        gaze=float(rng.uniform(-1, 1)),
    )


def closed_eye(pen: Pen, x: float, y: float, width: float, colour: Colour) -> None:
    """Contentedly closed eye: a curved line."""
    pen.stroke(
        path([(x - width, y - 0.02), (x - width / 2, y + 0.07), (x + width / 2, y + 0.07), (x + width, y - 0.02)]),
        colour,
        0.06,
    )


def round_eye(pen: Pen, x: float, y: float, radius: float, iris: Colour, gaze: float) -> None:
    """Dark, shining eye of a dog."""
    shift = gaze * radius * 0.14
    eye = pen.paint(ellipse(x, y, radius, radius * 1.12), colour=INK, line=darker(iris, 0.75), depth=0)
    pen.tint(eye, ellipse(x + shift, y + radius * 0.55, radius * 0.75, radius * 0.6), iris, softness=radius * 0.25)
    pen.paint(ellipse(x + shift, y + radius * 0.05, radius * 0.55, radius * 0.62), colour=INK, contour=False, depth=0)
    _sparkle(pen, x + shift, y, radius)


def almond_eye(pen: Pen, x: float, y: float, radius: float, iris: Colour, gaze: float, side: int) -> None:
    """Slanted eye of a cat; `side` is -1 for the left one and 1 for the right one."""
    outer, inner = side * radius * 1.22, -side * radius * 1.12
    corners = [
        (x + inner, y + radius * 0.3),
        (x + inner * 0.62, y - radius * 0.66),
        (x + outer * 0.2, y - radius * 1.04),
        (x + outer, y - radius * 0.36),
        (x + outer * 0.66, y + radius * 0.66),
        (x + inner * 0.3, y + radius * 0.96),
    ]
    shape = smooth(corners)
    eye = pen.paint(shape, colour=iris, line=INK, depth=0)
    pen.tint(eye, ellipse(x, y + radius * 0.7, radius * 0.9, radius * 0.5), lighter(iris, 0.55), softness=radius * 0.25)
    pen.tint(eye, ellipse(x, y - radius * 0.95, radius * 1.2, radius * 0.42), darker(iris, 0.7), softness=radius * 0.2)
    shift = gaze * radius * 0.22
    pen.paint(ellipse(x + shift, y, radius * 0.4, radius * 0.74), colour=INK, contour=False, depth=0)
    pen.stroke(path([corners[0], corners[1], corners[2], corners[3]]), INK, radius * 0.24)
    _sparkle(pen, x + shift, y - radius * 0.05, radius * 0.92)


def smile(pen: Pen, x: float, y: float, width: float, colour: Colour, *, tongue: bool) -> None:
    """Mouth below a nose at (x, y): two curves, and the tongue if it is open."""
    drop = y + width * 0.55
    if tongue:
        half, tip = width * 0.5, drop + width * 0.95
        corners = [(x - half, drop + 0.01), (x + half, drop + 0.01), (x + half * 0.7, tip), (x - half * 0.7, tip)]
        pen.paint(smooth(corners), colour=(232, 112, 124), depth=0.25)
        pen.stroke(path([(x, drop + width * 0.2), (x, drop + width * 0.6)]), (196, 78, 96), 0.035)
    for side in (-1, 1):
        bow = ((0, -0.06), (0.3, 0.16), (0.72, 0.12), (1.0, -0.18))
        pen.stroke(path([(x + side * width * out, drop + width * down) for out, down in bow]), colour, 0.055)
    pen.stroke(path([(x, y), (x, drop)]), colour, 0.05)


def toes(pen: Pen, x: float, y: float, size: float, fur: Colour) -> None:
    """Two short lines that turn an ellipse into a paw; in units of the figure, not of the head."""
    for side in (-1, 1):
        line = path([(x + side * size * 0.24, y - size * 0.02), (x + side * size * 0.28, y + size * 0.34)], steps=3)
        pen.stroke(line, darker(fur, 0.5) if brightness(fur) > 0.3 else lighter(fur, 0.22), size * 0.09)


def blush(fur: Colour) -> Colour:
    """Colour of a blushing cheek on fur of this colour."""
    return mix(fur, (244, 128, 128), 0.45)


def _sparkle(pen: Pen, x: float, y: float, radius: float) -> None:
    """Two reflections of the light in an eye."""
    pen.paint(
        ellipse(x + radius * 0.3, y - radius * 0.36, radius * 0.3, radius * 0.3), colour=WHITE, contour=False, depth=0
    )
    pen.paint(
        ellipse(x - radius * 0.32, y + radius * 0.4, radius * 0.14, radius * 0.14), colour=WHITE, contour=False, depth=0
    )
