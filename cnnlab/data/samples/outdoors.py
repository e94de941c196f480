"""Outdoor scenes: meadow, garden, beach, snow, autumn, night, sunset. Both animals appear in them equally often.

Units are fractions of the picture's side; the ground is between about 0.6 and 1. Returns unfinished backdrops.
"""

import numpy as np

from cnnlab.data.samples.backdrop import Backdrop
from cnnlab.data.samples.palette import ACCENTS, Colour, choose, darker, lighter, mix
from cnnlab.data.samples.shapes import cloud, ellipse, limb, smooth


def meadow(rng: np.random.Generator) -> Backdrop:
    """Hills under a summer sky, flowers in the grass."""
    paper = Backdrop((128, 196, 236), (222, 240, 244))
    _clouds(paper, rng, (255, 255, 255))
    green = choose(rng, ((132, 190, 96), (112, 176, 110), (160, 196, 92)))
    _hills(paper, rng, 0.52, lighter(green, 0.35))
    _hills(paper, rng, 0.6, green)
    paper.gradient(0.68, 1, green, darker(green, 0.18))
    _flowers(paper, rng, 26)
    return paper


def garden(rng: np.random.Generator) -> Backdrop:
    """Hedge and fence behind a lawn."""
    paper = Backdrop((164, 214, 240), (232, 244, 240))
    leaf = choose(rng, ((92, 152, 96), (76, 140, 112), (120, 160, 84)))
    for x in np.arange(-0.05, 1.1, 0.16):
        paper.area(
            cloud(x, 0.46 + rng.uniform(-0.05, 0.05), 0.16, 0.2, bumps=11), mix(leaf, (40, 80, 70), rng.uniform(0, 0.3))
        )
    wood = choose(rng, ((238, 230, 216), (196, 150, 110), (150, 190, 206)))
    for x in np.arange(-0.02, 1.02, 0.085):
        paper.area(np.array([[x, 0.7], [x, 0.46], [x + 0.03, 0.42], [x + 0.06, 0.46], [x + 0.06, 0.7]]), wood)
    paper.box(0, 0.52, 1, 0.55, darker(wood, 0.12))
    paper.gradient(0.66, 1, lighter(leaf, 0.35), leaf)
    _flowers(paper, rng, 18)
    return paper


def beach(rng: np.random.Generator) -> Backdrop:
    """Sea, sand and a parasol."""
    paper = Backdrop((120, 194, 232), (226, 244, 246))
    _clouds(paper, rng, (255, 255, 255))
    paper.gradient(0.46, 0.64, (58, 150, 190), (120, 206, 208))
    for y in (0.5, 0.545, 0.59):
        x = rng.uniform(0, 0.7)
        paper.line(np.array([[x, y], [x + 0.22, y]]), (206, 240, 240), 0.008)
    sand = choose(rng, ((244, 218, 170), (238, 206, 164), (248, 228, 190)))
    paper.gradient(0.62, 1, lighter(sand, 0.3), darker(sand, 0.12))
    side = float(rng.choice([0.14, 0.86]))
    paper.line(np.array([[side, 0.2], [side + 0.03, 0.72]]), (240, 236, 226), 0.014)
    tone = choose(rng, ACCENTS)
    paper.area(
        smooth(
            [
                (side - 0.26, 0.33),
                (side - 0.15, 0.2),
                (side, 0.14),
                (side + 0.15, 0.2),
                (side + 0.26, 0.33),
                (side, 0.29),
            ]
        ),
        tone,
    )
    paper.area(
        smooth([(side - 0.08, 0.3), (side - 0.05, 0.2), (side, 0.14), (side + 0.05, 0.2), (side + 0.08, 0.3)]),
        lighter(tone, 0.7),
    )
    return paper


def snow(rng: np.random.Generator) -> Backdrop:
    """Firs in falling snow."""
    sky = choose(rng, ((150, 178, 214), (186, 196, 222), (120, 146, 190)))
    paper = Backdrop(sky, lighter(sky, 0.6))
    _hills(paper, rng, 0.55, (222, 230, 242))
    for _ in range(5):
        x, base, height = rng.uniform(0, 1), rng.uniform(0.62, 0.7), rng.uniform(0.24, 0.42)
        fir = mix((54, 104, 98), sky, rng.uniform(0.1, 0.45))
        for step in range(3):
            y, half = base - height * 0.3 * step, height * (0.3 - 0.07 * step)
            paper.area(np.array([[x - half, y], [x, y - height * 0.45], [x + half, y]]), fir)
            paper.area(
                np.array(
                    [[x - half * 0.4, y - height * 0.27], [x, y - height * 0.45], [x + half * 0.4, y - height * 0.27]]
                ),
                (244, 248, 252),
            )
    paper.gradient(0.68, 1, (240, 244, 250), (206, 216, 236))
    for _ in range(60):
        size = rng.uniform(0.004, 0.011)
        paper.area(ellipse(rng.uniform(0, 1), rng.uniform(0, 1), size, size, steps=8), (255, 255, 255))
    return paper


def autumn(rng: np.random.Generator) -> Backdrop:
    """Park with red and yellow trees and fallen leaves."""
    paper = Backdrop((236, 214, 180), (250, 236, 206))
    leaves: tuple[Colour, ...] = ((222, 112, 62), (236, 164, 70), (200, 84, 66), (214, 146, 84))
    _hills(paper, rng, 0.56, (222, 178, 120))
    for x in (rng.uniform(0.0, 0.25), rng.uniform(0.72, 1.0), rng.uniform(0.3, 0.7)):
        tone, high = choose(rng, leaves), rng.uniform(0.16, 0.34)
        paper.area(limb(((x, 0.72), (x + 0.01, 0.5), (x, high)), (0.06, 0.04, 0.02)), (110, 76, 62))
        for _ in range(3):
            paper.area(
                cloud(x + rng.uniform(-0.1, 0.1), high + rng.uniform(-0.08, 0.1), 0.14, 0.12, bumps=10),
                mix(tone, (250, 220, 150), rng.uniform(0, 0.3)),
            )
    paper.gradient(0.68, 1, (206, 166, 96), (168, 122, 74))
    for _ in range(46):
        spot = ellipse(rng.uniform(0, 1), rng.uniform(0.69, 1), 0.018, 0.009, tilt=rng.uniform(0, 180), steps=8)
        paper.area(spot, choose(rng, leaves))
    return paper


def night(rng: np.random.Generator) -> Backdrop:
    """Moon, stars and a dark hill."""
    sky = choose(rng, ((28, 36, 84), (40, 32, 80), (20, 52, 88)))
    paper = Backdrop(sky, lighter(sky, 0.32))
    for _ in range(45):
        size = rng.uniform(0.002, 0.006)
        paper.area(ellipse(rng.uniform(0, 1), rng.uniform(0, 0.6), size, size, steps=6), (255, 246, 214))
    x, y = rng.uniform(0.12, 0.88), rng.uniform(0.12, 0.28)
    paper.glow(x, y, 0.24, (255, 240, 196), 0.55)
    paper.area(ellipse(x, y, 0.09, 0.09), (255, 244, 206))
    _hills(paper, rng, 0.56, mix(sky, (60, 110, 120), 0.45))
    ground = mix(sky, (72, 120, 112), 0.6)
    paper.gradient(0.66, 1, ground, darker(ground, 0.3))
    return paper


def sunset(rng: np.random.Generator) -> Backdrop:
    """Low sun over hazy hills."""
    paper = Backdrop(choose(rng, ((116, 96, 168), (226, 118, 128), (88, 120, 186))), (255, 206, 140))
    x = rng.uniform(0.15, 0.85)
    paper.glow(x, 0.46, 0.4, (255, 236, 170), 0.8)
    paper.area(ellipse(x, 0.46, 0.1, 0.1), (255, 246, 206))
    tone = choose(rng, ((150, 96, 132), (176, 104, 104), (110, 100, 150)))
    for level, share in ((0.5, 0.45), (0.58, 0.2)):
        _hills(paper, rng, level, mix(tone, (255, 206, 150), share))
    paper.gradient(0.68, 1, lighter(tone, 0.08), darker(tone, 0.3))
    return paper


def _clouds(paper: Backdrop, rng: np.random.Generator, colour: Colour) -> None:
    for _ in range(int(rng.integers(2, 5))):
        x, y, size = rng.uniform(0, 1), rng.uniform(0.05, 0.32), rng.uniform(0.05, 0.1)
        for shift, grow in ((-1.1, 0.7), (0, 1.0), (1.1, 0.75)):
            paper.area(ellipse(x + shift * size, y - (grow - 0.7) * size * 0.6, size * grow, size * grow * 0.6), colour)


def _hills(paper: Backdrop, rng: np.random.Generator, level: float, colour: Colour) -> None:
    x = np.linspace(0, 1, 40)
    phase, waves = rng.uniform(0, 6.28), rng.uniform(3, 8)
    ridge = np.column_stack([x, level + 0.05 * np.sin(waves * x + phase) + 0.015 * np.sin(2.3 * waves * x)])
    paper.area(np.vstack([ridge, [[1, 1], [0, 1]]]), colour)


def _flowers(paper: Backdrop, rng: np.random.Generator, count: int) -> None:
    for _ in range(count):
        x, y = rng.uniform(0, 1), rng.uniform(0.7, 0.98)
        size, tone = 0.006 + 0.02 * (y - 0.6), choose(rng, (*ACCENTS, (255, 255, 255), (255, 255, 255)))
        for angle in np.arange(0, 6.2, 1.26):
            paper.area(
                ellipse(x + size * np.cos(angle), y + size * 0.7 * np.sin(angle), size * 0.7, size * 0.6, steps=8), tone
            )
        paper.area(ellipse(x, y, size * 0.6, size * 0.5, steps=8), (255, 214, 92))
