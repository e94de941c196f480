"""A small drawing of each family's idea, as SVG in the colours of the page.

VGG: a straight line. GoogLeNet: four parallel branches. ResNet: a shortcut around layers.
"""

from collections.abc import Callable, Mapping
from typing import Final

from cnnlab.plots.colours import AXIS, family_colours, mixed, twins

WIDTH, HEIGHT = 96, 44
_MIDDLE: Final = HEIGHT / 2


def family_drawing(family: str, *, is_dark: bool) -> str:
    """The drawing as SVG; a family without one gets the straight line."""
    accent = family_colours(family)[int(is_dark)]
    line = twins()[AXIS] if is_dark else AXIS
    body = _DRAWINGS.get(family, _straight)(accent)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<g fill="{mixed(accent, "#11151C" if is_dark else "#FFFFFF", 0.75)}" stroke="{accent}" stroke-width="1.5">'
        f'<path d="M1 {_MIDDLE}H{WIDTH - 1}" stroke="{line}" fill="none"/>{body}</g></svg>'
    )


def _box(x: float, y: float, width: float, height: float) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="2"/>'


def _straight(_: str) -> str:
    """A row of maps that shrink as they get deeper."""
    sizes = ((8, 38, 8), (26, 30, 9), (45, 22, 10), (65, 14, 11), (84, 8, 10))
    return "".join(_box(x, _MIDDLE - tall / 2, wide, tall) for x, tall, wide in sizes)


def _branches(accent: str) -> str:
    """One map seen through four windows, and joined again."""
    ways = "".join(f'<path d="M16 {_MIDDLE}C30 {_MIDDLE} 24 {y} 38 {y}H58C72 {y} 66 {_MIDDLE} 80 {_MIDDLE}" '
                   'fill="none"/>' for y in (5, 16, 28, 39))  # fmt: skip
    sizes = ((5, 6), (16, 8), (28, 10), (39, 8))
    boxes = "".join(_box(48 - side, y - side / 2, 2 * side, side) for y, side in sizes)
    return f'{ways}{boxes}{_box(8, 10, 8, 24)}<rect x="80" y="8" width="9" height="28" rx="2" fill="{accent}"/>'


def _around(accent: str) -> str:
    """Two layers, a shortcut around them, and the sum."""
    way = f'<path d="M12 {_MIDDLE}C12 2 22 4 48 4S81 6 81 16" fill="none" stroke-width="2.2"/>'
    boxes = _box(24, _MIDDLE - 9, 16, 18) + _box(48, _MIDDLE - 9, 16, 18)
    plus = f'<path d="M81 {_MIDDLE - 3.5}v7M77.5 {_MIDDLE}h7" stroke="#fff"/>'
    return f'{way}{boxes}<circle cx="81" cy="{_MIDDLE}" r="6.5" fill="{accent}"/>{plus}'


_DRAWINGS: Final[Mapping[str, Callable[[str], str]]] = {"vgg": _straight, "googlenet": _branches, "resnet": _around}
