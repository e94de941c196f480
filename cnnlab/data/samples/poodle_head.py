"""Head of the poodle: topknot, hanging curly ears, long muzzle, dark eyes. Units as in `faces`."""

import numpy as np

from cnnlab.data.samples.canvas import Pen
from cnnlab.data.samples.faces import INK, WHITE, Mood, blush, closed_eye, round_eye, smile
from cnnlab.data.samples.fur import tuft
from cnnlab.data.samples.palette import Coat, Colour, brightness, darker, lighter, mix
from cnnlab.data.samples.shapes import ellipse, mirrored, smooth

IRIS: Colour = (122, 74, 44)


def paint_head(pen: Pen, rng: np.random.Generator, coat: Coat, mood: Mood) -> None:
    """Paint the head with its centre at the pen's origin."""
    aside = mood.aside
    face_colour = lighter(coat.body, 0.06)
    for side in (-1, 1):
        near = 1 - 0.12 * side * aside
        tuft(pen, rng, side * 0.84 + 0.08 * aside, 0.2, 0.36 * near, 0.76, coat.points, tilt=-9 * side, bow=0.24)
    face = pen.paint(
        smooth(mirrored(((0, -0.66), (0.5, -0.5), (0.68, -0.1), (0.6, 0.3), (0.4, 0.7), (0, 0.88)))), colour=face_colour
    )
    x = 0.2 * aside
    for side in (-1, 1):
        pen.tint(face, ellipse(x + side * 0.45, 0.26, 0.15, 0.1), blush(face_colour), softness=0.08, opacity=0.6)
    _muzzle(pen, face_colour, x * 1.3, mood)
    for side in (-1, 1):
        eye_x = x + side * 0.31 * (1 - 0.1 * side * aside)
        if mood.eyes_closed:
            closed_eye(pen, eye_x, -0.04, 0.16, _line(face_colour))
        else:
            round_eye(pen, eye_x, -0.06, 0.165 * (1 - 0.1 * side * aside), IRIS, mood.gaze)
    tuft(pen, rng, 0.03 * aside, -0.78, 0.72, 0.54, coat.body, bow=0.25)


def _muzzle(pen: Pen, face: Colour, x: float, mood: Mood) -> None:
    snout = lighter(face, 0.18)
    smile_at = 0.5
    if mood.mouth_open:
        smile(pen, x, smile_at, 0.25, _line(face), tongue=True)
    pen.paint(ellipse(x, 0.44, 0.33, 0.3), colour=snout, contour=False, depth=0.3)
    smile(pen, x, smile_at, 0.25, _line(face), tongue=False)
    nose = [(x - 0.19, 0.24), (x, 0.2), (x + 0.19, 0.24), (x + 0.13, 0.39), (x, 0.44), (x - 0.13, 0.39)]
    pen.paint(
        smooth(nose), colour=INK if brightness(face) > 0.3 else darker(INK, 0.4), line=mix(INK, face, 0.15), depth=0.3
    )
    pen.paint(ellipse(x + 0.04, 0.27, 0.07, 0.03), colour=mix(INK, WHITE, 0.75), contour=False, depth=0)


def _line(face: Colour) -> Colour:
    """Colour for lines that is visible on fur of colour `face`."""
    return darker(face, 0.75) if brightness(face) > 0.4 else mix(lighter(face, 0.25), INK, 0.1)
