"""Indoor scenes: papered walls, living room, window seat, kitchen, studio. Both animals appear in them equally often.

Units are fractions of the picture's side; the floor starts between about 0.64 and 0.72. Returns unfinished backdrops.
"""

import itertools

import numpy as np

from cnnlab.data.samples.backdrop import Backdrop
from cnnlab.data.samples.palette import ACCENTS, Colour, choose, darker, lighter, mix
from cnnlab.data.samples.shapes import cloud, ellipse, smooth

WALLS: tuple[Colour, ...] = (
    (238, 216, 190), (196, 222, 208), (190, 208, 230), (240, 204, 200), (214, 204, 232), (246, 230, 184),
    (120, 146, 160), (92, 122, 112), (170, 110, 104),
)  # fmt: skip
FLOORS: tuple[Colour, ...] = ((196, 150, 108), (166, 120, 88), (222, 190, 152), (150, 140, 140), (206, 196, 190))


def papered_wall(rng: np.random.Generator) -> Backdrop:
    """Patterned wallpaper above a floor."""
    wall = choose(rng, WALLS)
    paper = Backdrop(lighter(wall, 0.12), wall)
    tone = mix(wall, choose(rng, (*ACCENTS, (255, 250, 240))), 0.5)
    PATTERNS[int(rng.integers(len(PATTERNS)))](paper, tone)
    _floor(paper, rng, 0.7)
    return paper


def living_room(rng: np.random.Generator) -> Backdrop:
    """Sofa, pictures on the wall, a lamp."""
    wall = choose(rng, WALLS)
    paper = Backdrop(lighter(wall, 0.16), wall)
    for _ in range(2):
        x, y, size = rng.uniform(0.08, 0.8), rng.uniform(0.06, 0.2), rng.uniform(0.12, 0.18)
        paper.box(x, y, x + size, y + size * 1.15, darker(wall, 0.45))
        paper.box(x + 0.014, y + 0.014, x + size - 0.014, y + size * 1.15 - 0.014, lighter(choose(rng, ACCENTS), 0.4))
    _floor(paper, rng, 0.72)
    sofa = choose(rng, ACCENTS)
    left = rng.uniform(-0.2, 0.1)
    paper.area(smooth([(left, 0.42), (left + 0.9, 0.42), (left + 0.94, 0.74), (left - 0.04, 0.74)]), darker(sofa, 0.12))
    paper.area(
        smooth([(left, 0.58), (left + 0.9, 0.58), (left + 0.92, 0.74), (left - 0.02, 0.74)]), lighter(sofa, 0.14)
    )
    lamp = float(rng.choice([0.06, 0.94]))
    paper.box(lamp - 0.008, 0.3, lamp + 0.008, 0.72, (110, 90, 84))
    paper.area(
        np.array([[lamp - 0.07, 0.16], [lamp + 0.07, 0.16], [lamp + 0.11, 0.32], [lamp - 0.11, 0.32]]), (255, 238, 196)
    )
    paper.glow(lamp, 0.28, 0.3, (255, 236, 180), 0.55)
    return paper


def window_seat(rng: np.random.Generator) -> Backdrop:
    """Large window with curtains, in daylight."""
    wall = choose(rng, WALLS)
    paper = Backdrop(wall, wall)
    outside = choose(rng, ((150, 208, 240), (250, 206, 160), (46, 56, 110), (190, 206, 220)))
    paper.box(0.16, 0.06, 0.84, 0.6, (250, 246, 238))
    paper.box(0.19, 0.09, 0.81, 0.57, outside)
    for x in (0.28, 0.5, 0.72):
        paper.area(
            cloud(x + rng.uniform(-0.06, 0.06), 0.56, 0.15, rng.uniform(0.1, 0.2), bumps=10),
            mix((96, 152, 104), outside, 0.35),
        )
    paper.box(0.16, 0.57, 0.84, 0.64, wall)
    paper.box(0.485, 0.06, 0.515, 0.6, (250, 246, 238))
    paper.box(0.12, 0.59, 0.88, 0.63, (250, 246, 238))
    cloth = choose(rng, ACCENTS)
    for side in (0, 1):
        edge = [(0.0, -0.02), (0.26, -0.02), (0.2, 0.3), (0.13, 0.62), (0.0, 0.64)]
        paper.area(smooth([(abs(side - x), y) for x, y in edge]), lighter(cloth, 0.2))
        for fold in (0.05, 0.11):
            paper.line(np.array([[abs(side - fold), 0], [abs(side - fold * 0.9), 0.6]]), darker(cloth, 0.06), 0.012)
    _floor(paper, rng, 0.7)
    return paper


def kitchen(rng: np.random.Generator) -> Backdrop:
    """Tiled wall and chequered floor."""
    tile = lighter(choose(rng, WALLS), 0.4)
    paper = Backdrop(tile, darker(tile, 0.06))
    joint = darker(tile, 0.16)
    for row, y in enumerate(np.arange(0.04, 0.66, 0.1)):
        paper.line(np.array([[0, y], [1, y]]), joint, 0.008)
        for x in np.arange(0.08 * (row % 2), 1.0, 0.16):
            paper.line(np.array([[x, y], [x, y + 0.1]]), joint, 0.008)
    dark = choose(rng, ACCENTS)
    paper.box(0, 0.66, 1, 1, lighter(dark, 0.78))
    edges = (0.66, 0.72, 0.8, 0.9, 1.02)
    for row, (top, bottom) in enumerate(itertools.pairwise(edges)):
        for column in range(-8, 8):
            if (row + column) % 2:
                corners = [(column, top), (column + 1, top), (column + 1, bottom), (column, bottom)]
                paper.area(
                    np.array([(0.5 + c * 0.13 * (0.7 + 1.2 * (y - 0.66)), y) for c, y in corners]), lighter(dark, 0.25)
                )
    paper.box(0, 0.63, 1, 0.665, (250, 246, 238))
    return paper


def studio(rng: np.random.Generator) -> Backdrop:
    """A photographer's plain backdrop, with lights out of focus."""
    tone = choose(rng, ACCENTS) if rng.random() < 0.6 else choose(rng, WALLS)
    paper = Backdrop(lighter(tone, 0.1), lighter(tone, 0.45))
    for _ in range(int(rng.integers(6, 14))):
        size = rng.uniform(0.03, 0.09)
        paper.glow(rng.uniform(0, 1), rng.uniform(0, 0.7), size, lighter(choose(rng, ACCENTS), 0.6), 0.5)
    paper.gradient(0.72, 1, lighter(tone, 0.42), lighter(tone, 0.1))
    return paper


def _floor(paper: Backdrop, rng: np.random.Generator, level: float) -> None:
    floor = choose(rng, FLOORS)
    paper.gradient(level, 1, lighter(floor, 0.1), darker(floor, 0.14))
    paper.box(0, level - 0.025, 1, level, (248, 242, 234))
    if rng.random() < 0.5:
        for x in np.linspace(-0.8, 1.8, 14):
            paper.line(np.array([[0.5 + (x - 0.5) * 0.72, level], [x, 1.0]]), darker(floor, 0.2), 0.005)
    if rng.random() < 0.6:
        rug = choose(rng, ACCENTS)
        paper.area(ellipse(0.5, 0.87, 0.5, 0.12), rug)
        paper.area(ellipse(0.5, 0.87, 0.44, 0.1), lighter(rug, 0.45))
        paper.area(ellipse(0.5, 0.87, 0.4, 0.088), lighter(rug, 0.12))


def _dots(paper: Backdrop, tone: Colour) -> None:
    for row, y in enumerate(np.arange(0.03, 0.7, 0.085)):
        for x in np.arange(0.05 * (row % 2), 1.05, 0.1):
            paper.area(ellipse(x, y, 0.017, 0.017, steps=14), tone)


def _stripes(paper: Backdrop, tone: Colour) -> None:
    for x in np.arange(0, 1, 0.125):
        paper.box(x, 0, x + 0.062, 0.7, tone)


def _diamonds(paper: Backdrop, tone: Colour) -> None:
    for row, y in enumerate(np.arange(0, 0.75, 0.09)):
        for x in np.arange(0.07 * (row % 2), 1.1, 0.14):
            paper.area(np.array([[x - 0.05, y], [x, y - 0.065], [x + 0.05, y], [x, y + 0.065]]), tone)


def _blossoms(paper: Backdrop, tone: Colour) -> None:
    for row, y in enumerate(np.arange(0.05, 0.75, 0.15)):
        for x in np.arange(0.08 * (row % 2), 1.1, 0.17):
            paper.area(cloud(x, y, 0.045, 0.045, bumps=5, depth=0.4), tone)
            paper.area(ellipse(x, y, 0.013, 0.013, steps=10), lighter(tone, 0.7))


PATTERNS = (_dots, _stripes, _diamonds, _blossoms)
