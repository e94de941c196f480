"""Props that stand in front of the animal and hide part of it.

Units are fractions of the picture's side. The pen's cover is 0, so that the mask shows only the animal's visible part.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from cnnlab.data.samples.canvas import Pen
from cnnlab.data.samples.palette import ACCENTS, Colour, choose, darker, lighter, mix
from cnnlab.data.samples.shapes import cloud, ellipse, limb, path, smooth

LEAVES: Final[tuple[Colour, ...]] = ((88, 150, 92), (62, 128, 104), (128, 166, 82), (72, 138, 128))


def grass(pen: Pen, rng: np.random.Generator) -> None:
    """Blades of grass along the lower edge, with a few flowers."""
    green = choose(rng, LEAVES)
    for _ in range(int(rng.integers(22, 34))):
        x, lean, high = rng.uniform(0, 1), rng.uniform(-0.05, 0.05), rng.uniform(0.06, 0.17)
        blade = limb(((x, 1.02), (x + lean * 0.4, 1 - high * 0.6), (x + lean, 1 - high)), (0.022, 0.014, 0.004))
        pen.paint(blade, colour=mix(green, (214, 230, 130), rng.uniform(0, 0.35)), depth=0, contour=False)
    for _ in range(int(rng.integers(2, 6))):
        x, y, tone = rng.uniform(0.03, 0.97), rng.uniform(0.87, 0.97), choose(rng, ACCENTS)
        pen.stroke(path([(x, 1.0), (x + 0.01, y + 0.03), (x, y)]), darker(green, 0.1), 0.008)
        pen.paint(cloud(x, y, 0.03, 0.03, bumps=6, depth=0.35), colour=tone, depth=0.2)
        pen.paint(ellipse(x, y, 0.01, 0.01), colour=(255, 224, 120), depth=0, contour=False)


def leafy_plant(pen: Pen, rng: np.random.Generator) -> None:
    """Potted plant at one side, with leaves that reach beyond the picture's edge."""
    side = float(rng.choice([0.05, 0.95]))
    inward, green, pot = (1 if side < 0.5 else -1), choose(rng, LEAVES), choose(rng, ACCENTS)
    for angle in np.linspace(-70, 55, 7) + rng.uniform(-8, 8, 7):
        reach, up = rng.uniform(0.2, 0.3), np.deg2rad(angle * inward)
        tip_x, tip_y = side + reach * np.sin(up), 0.84 - reach * np.cos(up)
        middle = (side + (tip_x - side) * 0.5, 0.84 + (tip_y - 0.84) * 0.6)
        pen.paint(
            limb(((side, 0.85), middle, (tip_x, tip_y)), (0.02, 0.075, 0.006)),
            colour=mix(green, (210, 230, 150), rng.uniform(0, 0.3)),
        )
    pen.paint(smooth([(side - 0.1, 0.84), (side + 0.1, 0.84), (side + 0.08, 1.04), (side - 0.08, 1.04)]), colour=pot)


def cushion(pen: Pen, rng: np.random.Generator) -> None:
    """Plump cushion in a lower corner."""
    x, tone = float(rng.choice([rng.uniform(0.0, 0.22), rng.uniform(0.78, 1.0)])), choose(rng, ACCENTS)
    part = pen.at(x, 0.92, 1.0, rng.uniform(-14, 14))
    corners = [
        (-0.2, -0.12),
        (0, -0.1),
        (0.2, -0.12),
        (0.17, 0.02),
        (0.2, 0.14),
        (0, 0.12),
        (-0.2, 0.14),
        (-0.17, 0.02),
    ]
    part.paint(smooth(corners), colour=tone)
    for shift in (-0.09, 0.0, 0.09):
        part.stroke(
            path([(shift - 0.01, -0.085), (shift + 0.006, 0.0), (shift - 0.004, 0.1)]), lighter(tone, 0.45), 0.012
        )


def ball(pen: Pen, rng: np.random.Generator) -> None:
    """Striped ball on the ground."""
    x, size, tone = rng.uniform(0.12, 0.88), rng.uniform(0.055, 0.09), choose(rng, ACCENTS)
    pen.shadow(ellipse(x, 0.95, size, size * 0.25))
    part = pen.at(x, 0.95 - size, size, rng.uniform(0, 360))
    patch = part.paint(ellipse(0, 0, 1, 1), colour=tone, depth=0.45)
    part.tint(patch, ellipse(0, 0, 1.0, 0.3), lighter(tone, 0.75), softness=0.06)


def yarn(pen: Pen, rng: np.random.Generator) -> None:
    """Ball of wool with a loose end."""
    x, size, tone = rng.uniform(0.14, 0.86), rng.uniform(0.06, 0.09), choose(rng, ACCENTS)
    pen.shadow(ellipse(x, 0.95, size, size * 0.25))
    pen.stroke(path([(x, 0.94), (x + 0.1, 0.96), (x + 0.17, 0.93), (x + 0.26, 0.965)]), darker(tone, 0.15), 0.012)
    part = pen.at(x, 0.95 - size, size, rng.uniform(0, 360))
    part.paint(ellipse(0, 0, 1, 1), colour=tone, depth=0.45)
    for turn in (0, 60, 120):
        for bend in (0.2, 0.5):
            part.at(0, 0, 1, turn).stroke(
                path([(-0.85, -bend * 0.5), (0, -bend), (0.85, -bend * 0.5)]), darker(tone, 0.25), 0.07
            )


def fence(pen: Pen, rng: np.random.Generator) -> None:
    """Low picket fence along the lower edge."""
    wood, top = choose(rng, ((246, 240, 230), (206, 164, 122), (160, 196, 210))), rng.uniform(0.78, 0.84)
    pen.paint(
        np.array([[-0.02, top + 0.08], [1.02, top + 0.08], [1.02, top + 0.115], [-0.02, top + 0.115]]),
        colour=darker(wood, 0.08),
        depth=0,
    )
    for x in np.arange(rng.uniform(-0.06, 0.02), 1.0, 0.145):
        picket = [[x, 1.05], [x, top + 0.04], [x + 0.035, top], [x + 0.07, top + 0.04], [x + 0.07, 1.05]]
        pen.paint(np.array(picket), colour=wood, depth=0.2)


def box(pen: Pen, rng: np.random.Generator) -> None:
    """Cardboard box that the animal sits in."""
    card, top = choose(rng, ((206, 164, 116), (222, 184, 138), (190, 146, 102))), rng.uniform(0.72, 0.77)
    for side in (-1, 1):
        flap = [
            [0.5 + side * 0.33, top],
            [0.5 + side * 0.45, top + 0.1],
            [0.5 + side * 0.42, top + 0.13],
            [0.5 + side * 0.33, top + 0.03],
        ]
        pen.paint(np.array(flap), colour=darker(card, 0.12), depth=0.2)
    pen.paint(np.array([[0.17, top], [0.83, top], [0.8, 0.985], [0.2, 0.985]]), colour=card, depth=0.3)
    pen.paint(
        np.array([[0.45, top], [0.55, top], [0.55, top + 0.09], [0.45, top + 0.09]]),
        colour=lighter(card, 0.35),
        depth=0,
        contour=False,
    )


def snow_heap(pen: Pen, rng: np.random.Generator) -> None:
    """Fresh snow along the lower edge, with flakes in the air."""
    bends = rng.uniform(-0.025, 0.025, 5)
    top = [(x, 0.9 + bend) for x, bend in zip(np.linspace(0, 1, 5), bends, strict=True)]
    pen.paint(smooth([(-0.2, 0.92), *top, (1.2, 0.92), (1.2, 1.2), (-0.2, 1.2)]), colour=(240, 245, 252), depth=0.2)
    for _ in range(16):
        size = rng.uniform(0.006, 0.012)
        pen.paint(
            ellipse(rng.uniform(0, 1), rng.uniform(0, 0.9), size, size, steps=12),
            colour=(255, 255, 255),
            depth=0,
            contour=False,
        )


Prop = Callable[[Pen, np.random.Generator], None]
OUTDOOR_PROPS: Final[tuple[Prop, ...]] = (grass, grass, fence, ball, yarn, leafy_plant)
INDOOR_PROPS: Final[tuple[Prop, ...]] = (cushion, leafy_plant, ball, yarn, cushion)
