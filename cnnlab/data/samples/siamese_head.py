"""Head of the Siamese cat: wedge face, large ears, dark mask, blue eyes. Units as in `faces`."""

import numpy as np

from cnnlab.data.samples.canvas import Pen
from cnnlab.data.samples.faces import Mood, almond_eye, closed_eye, smile
from cnnlab.data.samples.palette import Coat, Colour, brightness, darker, lighter, mix
from cnnlab.data.samples.shapes import ellipse, mirrored, path, smooth

EYES: tuple[Colour, ...] = ((74, 150, 222), (98, 176, 232), (60, 124, 206), (120, 190, 226))


def paint_head(pen: Pen, coat: Coat, mood: Mood, eyes: Colour) -> None:
    """Paint the head with its centre at the pen's origin."""
    aside = mood.aside
    for side in (-1, 1):
        _ear(pen, coat, side, aside)
    face = pen.paint(
        smooth(mirrored(((0, -0.82), (0.5, -0.74), (0.86, -0.36), (0.97, 0.1), (0.78, 0.5), (0.36, 0.8), (0, 0.88)))),
        colour=coat.body,
    )
    x = 0.2 * aside
    mask = darker(coat.points, 0.05)
    pen.tint(face, ellipse(x, 0.22, 0.66, 0.62), mask, softness=0.16, opacity=0.95)
    pen.tint(face, ellipse(x, 0.44, 0.4, 0.42), mask, softness=0.1, opacity=0.9)
    pen.tint(face, ellipse(x * 0.6, -0.42, 0.14, 0.4), mask, softness=0.12, opacity=0.35)
    _muzzle(pen, mask, x * 1.25, mood)
    for side in (-1, 1):
        # On a turned head the far eye is a little smaller and closer to the middle.
        near = 1 - 0.12 * side * aside
        eye_x = x + side * 0.44 * (1 - 0.08 * side * aside)
        if mood.eyes_closed:
            closed_eye(pen, eye_x, 0.0, 0.23, darker(mask, 0.75) if brightness(mask) > 0.3 else lighter(mask, 0.35))
        else:
            almond_eye(pen, eye_x, -0.02, 0.235 * near, eyes, mood.gaze, side)
    _whiskers(pen, x * 1.25)


def _ear(pen: Pen, coat: Coat, side: int, aside: float) -> None:
    width = 1 - 0.14 * side * aside
    shift = 0.06 * aside
    corners = [
        (0.2, -0.66),
        (0.34, -1.0),
        (0.72 * width, -1.5),
        (0.86 * width, -1.52),
        (0.98 * width, -1.0),
        (0.95, -0.2),
    ]
    ear = pen.paint(smooth([(side * x + shift, y) for x, y in corners]), colour=coat.points)
    inner = [(0.46, -0.72), (0.58, -0.96), (0.77 * width, -1.2), (0.82 * width, -0.92), (0.8, -0.56)]
    pen.tint(
        ear,
        smooth([(side * x + shift, y) for x, y in inner]),
        mix(coat.points, (240, 170, 164), 0.55),
        softness=0.06,
        opacity=0.9,
    )


def _muzzle(pen: Pen, mask: Colour, x: float, mood: Mood) -> None:
    dark = brightness(mask) < 0.34
    line = lighter(mask, 0.42) if dark else darker(mask, 0.72)
    for side in (-1, 1):
        pen.paint(ellipse(x + side * 0.17, 0.52, 0.21, 0.17), colour=lighter(mask, 0.1), contour=False, depth=0.2)
    smile(pen, x, 0.42, 0.24, line, tongue=False)
    nose = [(x - 0.13, 0.29), (x, 0.26), (x + 0.13, 0.29), (x + 0.05, 0.4), (x, 0.43), (x - 0.05, 0.4)]
    pen.paint(smooth(nose), colour=mix(mask, (206, 120, 122), 0.62), depth=0.3)


def _whiskers(pen: Pen, x: float) -> None:
    for side in (-1, 1):
        for rise, reach in ((-0.12, 0.88), (0.02, 0.96), (0.15, 0.84)):
            hair = [(0.3, 0.5 + rise * 0.4), (0.3 + reach * 0.5, 0.47 + rise), (0.3 + reach, 0.52 + rise * 1.9)]
            pen.stroke(path([(x + side * out, y) for out, y in hair]), (252, 248, 242), 0.026)


def pick_eyes(rng: np.random.Generator) -> Colour:
    """A random blue of the breed's eyes."""
    return EYES[int(rng.integers(len(EYES)))]
