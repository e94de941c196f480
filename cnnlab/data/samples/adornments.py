"""Collars, bow ties, scarves and hair bows. Either animal may wear any of them. Units as in `faces`."""

import numpy as np

from cnnlab.data.samples.canvas import Pen
from cnnlab.data.samples.palette import ACCENTS, Colour, choose, darker, lighter
from cnnlab.data.samples.shapes import ellipse, limb, smooth


def paint_neckwear(pen: Pen, rng: np.random.Generator) -> None:
    """Something below the chin, or nothing; paint it before the head."""
    kind, tone = rng.choice(["none", "collar", "bow tie", "scarf"], p=[0.5, 0.22, 0.12, 0.16]), choose(rng, ACCENTS)
    if kind == "none":
        return
    if kind == "scarf":
        pen.paint(limb(((0.3, 0.95), (0.42, 1.25), (0.4, 1.62)), (0.3, 0.28, 0.3)), colour=darker(tone, 0.1))
        pen.paint(limb(((-0.52, 0.72), (0, 0.98), (0.52, 0.72)), (0.3, 0.36, 0.3)), colour=tone)
        return
    pen.paint(limb(((-0.5, 0.72), (0, 0.96), (0.5, 0.72)), (0.15, 0.17, 0.15)), colour=tone, depth=0.3)
    if kind == "collar":
        pen.paint(ellipse(0, 1.1, 0.12, 0.12), colour=(250, 206, 96), depth=0.4)
    else:
        _bow(pen.at(0, 1.04, 0.9), lighter(tone, 0.1))


def paint_hair_bow(pen: Pen, rng: np.random.Generator) -> None:
    """Sometimes a bow beside an ear; paint it after the head."""
    wanted, side, tone = rng.random() < 0.16, float(rng.choice([-1, 1])), choose(rng, ACCENTS)
    if wanted:
        _bow(pen.at(side * 0.52, -0.66, 0.85, side * 24), tone)


def _bow(pen: Pen, tone: Colour) -> None:
    for side in (-1, 1):
        wing = smooth([(0, 0), (side * 0.2, -0.2), (side * 0.4, -0.2), (side * 0.38, 0.2), (side * 0.2, 0.18)])
        pen.paint(wing, colour=tone)
    pen.paint(ellipse(0, 0, 0.1, 0.11), colour=lighter(tone, 0.2))
