"""Canvas for the bundled pictures: outlined, softly shaded shapes, and a mask of the animal.

The board has twice the size of the picture and is halved at the end, which smooths every edge.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from cnnlab.data.samples.palette import Colour, mix
from cnnlab.data.samples.shapes import Points

PICTURE_PX = 256
BOARD_PX = 2 * PICTURE_PX
LINE_PX = 3.2
"""Visible width of outlines on the board; the same for every shape, as if one artist had painted all of them."""

SHADOW_PX = 14
"""Softness of a shadow on the ground."""
MODELLED_PX = 20
"""Shapes narrower than this on the board stay flat, because their shading would not be visible."""

Box = tuple[int, int, int, int]
_SMOOTH = Image.Resampling.BILINEAR  # the weights are soft already, so a better filter makes no visible difference


@functools.lru_cache(maxsize=64)
def _scaled_levels(strength: float) -> list[int]:
    return [round(level * strength) for level in range(256)]


@dataclass(frozen=True)
class Patch:
    """Where a shape lies on the board: its box and its mask (mode L, size of the box)."""

    box: Box
    mask: Image.Image


class Canvas:
    """Board with the picture (RGB) and the animal's mask (L), both BOARD_PX square."""

    def __init__(self, background: Image.Image, light: tuple[float, float]) -> None:
        self.image = background
        self.mask = Image.new("L", background.size, 0)
        self.light = light  # unit vector towards the light
        self._draw = ImageDraw.Draw(self.image)
        self._draw_mask = ImageDraw.Draw(self.mask)

    def fill(
        self, outlines: Sequence[Points], colour: Colour, line: Colour | None, cover: int | None, bare: int = 0
    ) -> Patch | None:
        """Paint `outlines` as one shape with one common contour; None if it lies outside the board.

        `bare` points at either end of each outline get no contour, so that the shape merges with the one below.
        `cover` sets the animal's mask under the shape: 255 adds it, 0 removes it, None leaves the mask unchanged.
        """
        lists = [points.ravel().tolist() for points in outlines]
        box = self._box(outlines)
        if box is None:
            return None
        if line is not None:
            for points in lists:
                contour = points[2 * bare : -2 * bare] if bare else [*points, *points[:4]]
                self._draw.line(contour, fill=line, width=round(2 * LINE_PX))
        form = Image.new("L", (box[2] - box[0], box[3] - box[1]), 0)
        paint_form = ImageDraw.Draw(form)
        for points, outline in zip(lists, outlines, strict=True):
            self._draw.polygon(points, fill=colour)
            paint_form.polygon((outline - box[:2]).ravel().tolist(), fill=255)
            if cover is not None:
                self._draw_mask.polygon(points, fill=cover)
        return Patch(box, form)

    def model(self, patch: Patch, colour: Colour, depth: float) -> None:
        """Make a flat shape look round: darker away from the light, lighter towards it, by `depth` in 0 to 1."""
        width, height = patch.mask.size
        if min(width, height) < MODELLED_PX:
            return
        small = patch.mask.reduce(4)
        reach = max(2.0, 0.16 * min(small.size))
        margin = int(reach) + 1  # ImageChops.offset wraps around, so only empty pixels may wrap
        small = ImageOps.expand(small, margin)
        soft = small.filter(ImageFilter.BoxBlur(reach * 0.8))
        shade_at = round(self.light[0] * reach), round(self.light[1] * reach)
        shade = ImageChops.subtract(small, ImageChops.offset(soft, *shade_at))
        glow = ImageChops.subtract(small, ImageChops.offset(soft, -shade_at[0], -shade_at[1]))
        for mask, tone, strength in (
            (shade, mix(colour, (58, 34, 84), 0.55), depth),
            (glow, (255, 250, 235), 0.5 * depth),
        ):
            inner = ImageOps.crop(mask, margin)
            weight = inner.point(_scaled_levels(strength)).resize((width, height), _SMOOTH)
            self.image.paste(tone, patch.box, ImageChops.multiply(weight, patch.mask))

    def tint(self, patch: Patch, outline: Points, colour: Colour, softness: float, opacity: float) -> None:
        """Paint a soft-edged spot of `colour` onto the shape `patch` only; `softness` in board pixels."""
        width, height = patch.mask.size
        spot = Image.new("L", (-(-width // 4), -(-height // 4)), 0)
        ImageDraw.Draw(spot).polygon(((outline - patch.box[:2]) / 4).ravel().tolist(), fill=round(255 * opacity))
        weight = spot.filter(ImageFilter.GaussianBlur(softness / 4)).resize((width, height), _SMOOTH)
        self.image.paste(colour, patch.box, ImageChops.multiply(weight, patch.mask))

    def stroke(self, points: Points, colour: Colour, width: float) -> None:
        """Paint an open line without a contour."""
        self._draw.line(points.ravel().tolist(), fill=colour, width=max(1, round(width)))

    def shadow(self, outline: Points, opacity: float) -> None:
        """Paint a soft dark spot on the ground."""
        box = self._box([outline + SHADOW_PX * np.array(corner) for corner in ((-3, -3), (3, 3))])
        if box is None:
            return
        size = box[2] - box[0], box[3] - box[1]
        small = Image.new("L", (-(-size[0] // 4), -(-size[1] // 4)), 0)
        ImageDraw.Draw(small).polygon(((outline - box[:2]) / 4).ravel().tolist(), fill=round(255 * opacity))
        weight = small.filter(ImageFilter.GaussianBlur(SHADOW_PX / 4)).resize(size, _SMOOTH)
        self.image.paste((38, 26, 48), box, weight)

    def _box(self, outlines: Sequence[Points]) -> Box | None:
        low = np.min([points.min(axis=0) for points in outlines], axis=0) - 2
        high = np.max([points.max(axis=0) for points in outlines], axis=0) + 3
        if (high < 0).any() or (low > BOARD_PX).any():
            return None
        # A shape that crosses the edge is shaded as a whole, because it continues outside the picture.
        left, top = np.floor(np.maximum(low, -BOARD_PX)).astype(int).tolist()
        right, bottom = np.ceil(np.minimum(high, 2 * BOARD_PX)).astype(int).tolist()
        return left, top, right, bottom


@dataclass(frozen=True)
class Pen:
    """A pen with its own position, scale, rotation and mirroring, so that figures are painted in their own units."""

    canvas: Canvas
    x: float
    y: float
    scale: float  # board pixels per unit
    turn: float = 0.0  # degrees clockwise
    mirror: bool = False
    cover: int | None = 255

    def at(self, x: float, y: float, scale: float = 1.0, turn: float = 0.0) -> "Pen":
        """Pen for a part whose origin is at (x, y) in this pen's units."""
        here = self.place(np.array([[x, y]]))[0]
        return replace(self, x=here[0], y=here[1], scale=self.scale * scale, turn=self.turn + self._sign * turn)

    def paint(
        self,
        *outlines: Points,
        colour: Colour,
        line: Colour | None = None,
        depth: float = 0.34,
        contour: bool = True,
        bare: int = 0,
    ) -> Patch | None:
        """Paint one shape made of `outlines` with a contour (a dark tone of its own colour) and soft shading.

        `bare` points at either end of an outline get no contour.
        """
        edge = (line or mix(colour, (44, 22, 40), 0.62)) if contour else None
        patch = self.canvas.fill([self.place(points) for points in outlines], colour, edge, self.cover, bare)
        if patch is not None and depth > 0:
            self.canvas.model(patch, colour, depth)
        return patch

    def tint(
        self, patch: Patch | None, outline: Points, colour: Colour, *, softness: float, opacity: float = 1.0
    ) -> None:
        """Paint a soft spot onto a painted shape; `softness` in units of this pen."""
        if patch is not None:
            self.canvas.tint(patch, self.place(outline), colour, softness * self.scale, opacity)

    def stroke(self, points: Points, colour: Colour, width: float) -> None:
        """Paint an open line, `width` in units of this pen."""
        self.canvas.stroke(self.place(points), colour, width * self.scale)

    def shadow(self, outline: Points, opacity: float = 0.45) -> None:
        """Paint a soft shadow on the ground."""
        self.canvas.shadow(self.place(outline), opacity)

    def place(self, points: Points) -> Points:
        """Board coordinates of points given in this pen's units."""
        angle = np.deg2rad(self.turn)
        x, y = self._sign * points[:, 0] * self.scale, points[:, 1] * self.scale
        turned = x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
        placed: Points = np.array((self.x, self.y)) + np.column_stack(turned)
        return placed

    @property
    def _sign(self) -> float:
        return -1.0 if self.mirror else 1.0
