"""Outlines for the bundled drawings, as arrays of points.

Every function returns an (n, 2) array of x, y in the caller's units, with y downwards.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Spots = Sequence[tuple[float, float]]

_LOCK_ANGLE = np.linspace(0, 4.6, 8)
_LOCK = np.linspace(1, 0.35, 8)[:, None] * np.column_stack([np.cos(_LOCK_ANGLE), np.sin(_LOCK_ANGLE)])


def ellipse(x: float, y: float, rx: float, ry: float, *, tilt: float = 0.0, steps: int = 36) -> Points:
    """Ellipse around (x, y), rotated clockwise by `tilt` degrees."""
    angle = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    return np.array((x, y)) + _turned(rx * np.cos(angle), ry * np.sin(angle), tilt)


def cloud(
    x: float, y: float, rx: float, ry: float, *, bumps: int, depth: float = 0.11, tilt: float = 0.0, phase: float = 0.0
) -> Points:
    """Ellipse with an edge of `bumps` scallops, for curly hair; `depth` is relative to the radius."""
    angle = np.linspace(0, 2 * np.pi, bumps * 7, endpoint=False)
    # The square root rounds the scallops and keeps the notches between them sharp.
    bow = np.sqrt(np.abs(np.sin(bumps * (angle + phase) / 2)))
    radius = 1 - depth + depth * bow
    return np.array((x, y)) + _turned(rx * radius * np.cos(angle), ry * radius * np.sin(angle), tilt)


def smooth(corners: Spots, *, steps: int = 7) -> Points:
    """Closed Catmull-Rom curve through `corners`."""
    knots = np.asarray(corners, dtype=np.float64)
    before, after, beyond = np.roll(knots, 1, axis=0), np.roll(knots, -1, axis=0), np.roll(knots, -2, axis=0)
    return _spline(before, knots, after, beyond, steps)


def mirrored(right: Spots) -> Spots:
    """Corners of a symmetric shape from those of its right half, given from the top of the axis to its bottom."""
    return [*right, *((-x, y) for x, y in reversed(right[1:-1]))]


def path(knots: Spots, *, steps: int = 8) -> Points:
    """Open Catmull-Rom curve through `knots`, both ends included."""
    inner = np.asarray(knots, dtype=np.float64)
    padded = np.vstack([2 * inner[0] - inner[1], inner, 2 * inner[-1] - inner[-2]])
    curve = _spline(padded[:-3], padded[1:-2], padded[2:-1], padded[3:], steps)
    return np.vstack([curve, inner[-1]])


def limb(knots: Spots, widths: Sequence[float]) -> Points:
    """Band along the curve through `knots`, with round ends and the given `widths` spread evenly along it.

    The outline starts and ends at the first knot, so that a limb can merge with a body without a contour there.
    """
    spine = path(knots)
    at_knots = np.linspace(0, 1, len(widths))
    half = np.interp(np.linspace(0, 1, len(spine)), at_knots, widths) / 2
    along = np.gradient(spine, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    across = np.column_stack([-along[:, 1], along[:, 0]])
    left, right = spine + across * half[:, None], spine - across * half[:, None]
    start = _cap(spine[0], -across[0], half[0])
    return np.vstack([start[3:], left, _cap(spine[-1], across[-1], half[-1]), right[::-1], start[:3]])


def curl(x: float, y: float, radius: float, start: float) -> Points:
    """Open spiral of one turn, starting at `start` degrees: one lock of hair."""
    return np.array((x, y)) + radius * _turned(_LOCK[:, 0], _LOCK[:, 1], start)


def _turned(x: Points, y: Points, degrees: float) -> Points:
    angle = np.deg2rad(degrees)
    return np.column_stack([x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)])


def _spline(before: Points, start: Points, end: Points, beyond: Points, steps: int) -> Points:
    """Points on the segments start -> end, (segments * steps, 2), without the very last end."""
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    a, b, c, d = (knots[:, None, :] for knots in (before, start, end, beyond))
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    flat: Points = curve.reshape(-1, 2)
    return flat


def _cap(centre: Points, towards: Points, radius: float) -> Points:
    """Half circle around `centre`, from the direction `towards` to the opposite one."""
    angle = np.linspace(0, np.pi, 8)[1:-1, None]
    forward = np.array([towards[1], -towards[0]])
    arc: Points = centre + radius * (np.cos(angle) * towards + np.sin(angle) * forward)
    return arc
