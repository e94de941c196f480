"""Names in figures: escapes them, and chooses the side of each mark on which its label overlaps least."""

import html
from collections.abc import Sequence
from typing import Final

PLOT_PX: Final = (250.0, 190.0)
"""The smallest size of the plot on a wide page: labels that fit there also fit a larger plot."""
CHARACTER_PX: Final = 6.6
LINE_PX: Final = 15.0
MARK_PX: Final = 7.0
SIDES: Final = ("middle right", "middle left", "top center", "bottom center")
"""Plotly's text positions, in order of preference."""

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""


def literal(name: str) -> str:
    """A user's name, escaped so that plotly shows it literally: it treats `<b>`, `<a href>` and `&lt;` as markup."""
    return html.escape(name, quote=False)


def sides_of_labels(positions: Sequence[tuple[float, float]], labels: Sequence[str]) -> list[str]:
    """For each mark, the side where its label overlaps other labels, marks and edges least.

    `positions` are fractions of both axes.
    """
    pixels = [(PLOT_PX[0] * x, PLOT_PX[1] * y) for x, y in positions]
    taken: list[Box] = [(x - MARK_PX, y - MARK_PX, x + MARK_PX, y + MARK_PX) for x, y in pixels]
    sides = []
    for (x, y), label in zip(pixels, labels, strict=True):
        boxes = {side: _box(x, y, side, label) for side in SIDES}
        costs = {side: _overlap(box, taken) + _outside(box) for side, box in boxes.items()}
        side = min(SIDES, key=costs.__getitem__)
        taken.append(boxes[side])
        sides.append(side)
    return sides


def _box(x: float, y: float, side: str, label: str) -> Box:
    width, half = CHARACTER_PX * len(label), LINE_PX / 2
    if side.startswith("middle"):
        start = x + MARK_PX + 2 if side.endswith("right") else x - MARK_PX - 2 - width
        return start, y - half, start + width, y + half
    foot = y + MARK_PX + 1 if side.startswith("top") else y - MARK_PX - 1 - LINE_PX
    return x - width / 2, foot, x + width / 2, foot + LINE_PX


def _overlap(box: Box, others: Sequence[Box]) -> float:
    """Area that the box shares with others, in square pixels."""
    return sum(
        max(0.0, min(box[2], other[2]) - max(box[0], other[0]))
        * max(0.0, min(box[3], other[3]) - max(box[1], other[1]))
        for other in others
    )


def _outside(box: Box) -> float:
    """Approximate area of the box outside the plot, in square pixels."""
    beside = max(0.0, -box[0]) + max(0.0, box[2] - PLOT_PX[0])
    above = max(0.0, -box[1]) + max(0.0, box[3] - PLOT_PX[1])
    return LINE_PX * beside + (box[2] - box[0]) * above
