"""Colours, marks and dashes of all figures, for light and dark pages.

Figures are built in the colours of a light page. `twins()` maps each of them to its replacement on a dark page, so that
the browser can switch without asking the server. Family colours are from Okabe and Ito (2008), safe for colour-blind
people; every shade has a contrast of at least 3 to 1 against its page. models/descriptions defines each family's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cnnlab.models.registry import FAMILIES

LIGHT_PAGE: Final = "#FFFFFF"
DARK_PAGE: Final = "#0E1117"

TEXT: Final = "#31333F"
MUTED: Final = "#5C6070"
GRID: Final = "#E3E5EA"
AXIS: Final = "#9A9EAB"
CARD: Final = "#F7F8FA"

TRAINING: Final = "#5B6B8C"
VALIDATION: Final = "#B5651D"
TEST: Final = "#7A4FA3"
RIGHT: Final = "#1B7F5C"
WRONG: Final = "#B3362B"
LOW: Final = "#EEF3F9"
HIGH: Final = "#0B4A78"
ON_LOW: Final = "#000001"
ON_MIDDLE: Final = "#000002"  # equally dark on both pages
ON_HIGH: Final = "#FFFFFE"
"""Text on the colours between `LOW` and `HIGH`; `text_on` chooses."""

OTHER_COLOURS: Final = ("#6B4C9A", "#B79BE0")
OTHER_MARK: Final = "diamond"
"""For a run whose family does not exist in this version."""

DASHES: Final = ("solid", "dash", "dot", "dashdot", "longdash")
SHADE_STEPS: Final = (0.0, 0.34, 0.58)


@dataclass(frozen=True)
class RunStyle:
    """The style of one run, the same in every figure."""

    colour: str
    mark: str
    dash: str


def run_styles(runs: Iterable[tuple[str, str]]) -> dict[str, RunStyle]:
    """Styles by run id, from pairs (run id, family) in the order of the runs.

    The first run of a family has the family's plain colour and a solid line; the others differ in shade and dash.
    """
    seen: dict[str, int] = {}
    styles = {}
    for run_id, family in runs:
        index = seen.get(family, 0)
        seen[family] = index + 1
        colour = shades(family)[index % len(SHADE_STEPS)][0]
        styles[run_id] = RunStyle(colour, family_mark(family), DASHES[index % len(DASHES)])
    return styles


def family_colours(family: str) -> tuple[str, str]:
    """The family's plain colour on a light and on a dark page."""
    return FAMILIES[family].colours if family in FAMILIES else OTHER_COLOURS


def family_mark(family: str) -> str:
    """Plotly's name for the family's marker."""
    return FAMILIES[family].mark if family in FAMILIES else OTHER_MARK


def family_sign(family: str) -> str:
    """The family's mark in its colour, as Markdown."""
    return FAMILIES[family].sign if family in FAMILIES else ":violet[◆]"


def shades(family: str) -> tuple[tuple[str, str], ...]:
    """The family's shades as pairs (on a light page, on a dark page): darker on light pages, lighter on dark ones."""
    light, dark = family_colours(family)
    return tuple((mixed(light, "#000000", share), mixed(dark, "#FFFFFF", share)) for share in SHADE_STEPS)


def mixed(colour: str, other: str, share: float) -> str:
    """`colour` mixed with a share of `other`."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def contrast(colour: str, page: str) -> float:
    """WCAG 2 contrast ratio: 1 for equal colours, 21 for black on white."""
    lighter, darker = sorted((_luminance(colour), _luminance(page)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def text_on(share: float) -> str:
    """The colour for text on `LOW` mixed with this share of `HIGH`: a contrast of at least 4.5 to 1 on both pages."""
    return ON_LOW if share < 0.545 else ON_MIDDLE if share < 0.715 else ON_HIGH


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _channels(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def twins() -> dict[str, str]:
    """Colour on a light page to colour on a dark page, those of all families too. No two families share a key."""
    found = {
        TEXT: "#F2F3F7",
        MUTED: "#A9AEBD",
        GRID: "#2A2F3A",
        AXIS: "#6B7180",
        CARD: "#1B202B",
        TRAINING: "#93A4C8",
        VALIDATION: "#F0A35E",
        TEST: "#C5A3EA",
        RIGHT: "#4CC79A",
        WRONG: "#FF8A7A",
        LOW: "#16222F",
        HIGH: "#7CC4F5",
        ON_LOW: "#FFFFFF",
        ON_HIGH: "#000000",
    }
    for family in (*FAMILIES, "other"):
        found |= dict(shades(family))
    return found
