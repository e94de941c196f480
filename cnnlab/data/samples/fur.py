"""Curly hair: scalloped tufts with locks painted on them."""

import numpy as np

from cnnlab.data.samples.canvas import Patch, Pen
from cnnlab.data.samples.palette import Colour, brightness, darker, lighter
from cnnlab.data.samples.shapes import Points, cloud, curl


def tuft(
    pen: Pen,
    rng: np.random.Generator,
    x: float,
    y: float,
    rx: float,
    ry: float,
    colour: Colour,
    *,
    tilt: float = 0.0,
    bow: float = 0.13,
) -> Patch | None:
    """Tuft of curls around (x, y); `bow` is the length of one scallop in units of the pen."""
    bumps = int(np.clip(round(np.pi * (rx + ry) / bow / 1.5), 6, 22))
    outline = cloud(
        x, y, rx, ry, bumps=bumps, depth=min(0.16, 0.55 * bow / min(rx, ry)), tilt=tilt, phase=float(rng.uniform(0, 6))
    )
    patch = pen.paint(outline, colour=colour, depth=0.42)
    locks(pen, rng, x, y, rx, ry, colour, tilt=tilt, size=bow)
    return patch


def locks(
    pen: Pen,
    rng: np.random.Generator,
    x: float,
    y: float,
    rx: float,
    ry: float,
    colour: Colour,
    *,
    tilt: float,
    size: float,
) -> None:
    """Spiral locks spread evenly over an ellipse, darker than the fur below and lighter on black fur."""
    tone = darker(colour, 0.24) if brightness(colour) > 0.32 else lighter(colour, 0.2)
    spacing = size * 0.9
    angle = np.deg2rad(tilt)
    for row in np.arange(-ry + spacing * 0.6, ry - spacing * 0.4, spacing):
        reach = rx * np.sqrt(max(0.0, 1 - (row / ry) ** 2)) - spacing * 0.55
        count = int(2 * reach / spacing) + 1 if reach > 0 else 0
        for column in np.linspace(-reach, reach, count) if count > 1 else [0.0] * count:
            u, v = column + rng.uniform(-0.2, 0.2) * spacing, row + rng.uniform(-0.25, 0.25) * spacing
            at_x, at_y = x + u * np.cos(angle) - v * np.sin(angle), y + u * np.sin(angle) + v * np.cos(angle)
            pen.stroke(_lock(rng, at_x, at_y, size), tone, size * 0.17)


def _lock(rng: np.random.Generator, x: float, y: float, size: float) -> Points:
    return curl(x, y, size * float(rng.uniform(0.26, 0.46)), float(rng.uniform(0, 360)))
