"""Colours of the bundled drawings. The coats of both animals overlap, so that colour does not tell them apart."""

from dataclasses import dataclass
from typing import Final

import numpy as np

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Coat:
    """Fur of one animal: most of the body, and the points (ears, paws, tail, mask)."""

    body: Colour
    points: Colour


# The light bodies and dark points are the Siamese cat's; parti-coloured poodles have them as well.
BODIES: Final[tuple[Colour, ...]] = (
    (243, 232, 212), (235, 214, 184), (246, 240, 230), (226, 205, 180), (222, 222, 226), (205, 180, 152),
    (238, 224, 214),
)  # fmt: skip
SEAL: Final = (74, 52, 46)
CHOCOLATE: Final = (126, 84, 62)
BLUE: Final = (98, 104, 124)
LILAC: Final = (148, 122, 126)
POINTS: Final[tuple[Colour, ...]] = (SEAL, CHOCOLATE, BLUE, LILAC)

# Solid poodle coats: white, cream, apricot, brown, black, grey, silver.
SOLIDS: Final[tuple[Colour, ...]] = (
    (245, 240, 232), (240, 226, 202), (222, 170, 118), (122, 80, 58), (66, 60, 72), (134, 134, 146), (190, 188, 194),
)  # fmt: skip

ACCENTS: Final[tuple[Colour, ...]] = (
    (226, 88, 90), (244, 162, 78), (250, 206, 96), (94, 178, 146), (86, 160, 214),
    (74, 150, 222), (140, 120, 204), (238, 138, 168), (72, 104, 176), (150, 96, 66),
)  # fmt: skip


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Mixture of two colours; `share` is that of the second, in 0 to 1."""
    r, g, b = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return r, g, b


def lighter(colour: Colour, share: float) -> Colour:
    """`colour` mixed with a warm white."""
    return mix(colour, (255, 250, 242), share)


def darker(colour: Colour, share: float) -> Colour:
    """`colour` mixed with a warm black."""
    return mix(colour, (44, 24, 40), share)


def brightness(colour: Colour) -> float:
    """Perceived lightness in [0, 1]."""
    red, green, blue = colour
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def choose(rng: np.random.Generator, colours: tuple[Colour, ...]) -> Colour:
    """A random one of `colours`, slightly varied."""
    base = colours[int(rng.integers(len(colours)))]
    shift = rng.integers(-7, 8)
    red, green, blue = (int(np.clip(channel + shift + rng.integers(-4, 5), 0, 255)) for channel in base)
    return red, green, blue


def poodle_coat(rng: np.random.Generator) -> Coat:
    """Coat of a poodle: one colour, or a light body with darker ears and feet."""
    if rng.random() < 0.5:
        return Coat(choose(rng, BODIES), choose(rng, POINTS))
    body = choose(rng, SOLIDS)
    return Coat(body, body)


def siamese_coat(rng: np.random.Generator) -> Coat:
    """Coat of a Siamese cat: seal, chocolate, blue or lilac points; older cats have a darker body."""
    body, points = choose(rng, BODIES), choose(rng, POINTS)
    return Coat(mix(body, points, float(rng.choice([0.0, 0.12, 0.3]))), points)
