"""Surface for painting backgrounds: flat areas and gradients in units of the picture's side.

Painted at picture size and enlarged slightly out of focus, so that the animal stands out and edges are smooth.
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from cnnlab.data.samples.canvas import BOARD_PX, PICTURE_PX
from cnnlab.data.samples.palette import Colour
from cnnlab.data.samples.shapes import Points


class Backdrop:
    """A background under construction; positions and sizes are in 0 to 1, with y downwards."""

    def __init__(self, top: Colour, bottom: Colour) -> None:
        self.image = Image.new("RGB", (PICTURE_PX, PICTURE_PX), bottom)
        self._draw = ImageDraw.Draw(self.image)
        self.gradient(0, 1, top, bottom)

    def gradient(self, upper: float, lower: float, top: Colour, bottom: Colour) -> None:
        """Fill the whole width between two heights."""
        first, last = round(upper * PICTURE_PX), round(lower * PICTURE_PX)
        share = np.linspace(0, 1, max(1, last - first))[:, None]
        column = np.array(top) + (np.array(bottom) - np.array(top)) * share
        strip = Image.fromarray(column.round().astype(np.uint8)[:, None, :])
        self.image.paste(strip.resize((PICTURE_PX, last - first)), (0, first))

    def area(self, outline: Points, colour: Colour) -> None:
        """Fill a closed curve."""
        self._draw.polygon((outline * PICTURE_PX).ravel().tolist(), fill=colour)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """Fill a rectangle."""
        self.area(np.array([[left, top], [right, top], [right, bottom], [left, bottom]]), colour)

    def line(self, points: Points, colour: Colour, width: float) -> None:
        """Paint an open line."""
        thick = max(1, round(width * PICTURE_PX))
        self._draw.line((points * PICTURE_PX).ravel().tolist(), fill=colour, width=thick, joint="curve")

    def glow(self, x: float, y: float, radius: float, colour: Colour, opacity: float) -> None:
        """Paint soft light around a point."""
        side = PICTURE_PX // 4
        rows, columns = np.mgrid[0:side, 0:side] / side
        distance = ((columns - x) ** 2 + (rows - y) ** 2) / radius**2
        weight = Image.fromarray((255 * opacity * np.exp(-distance)).astype(np.uint8)).resize(self.image.size)
        self.image.paste(colour, (0, 0), weight)

    def finished(self, blur_px: float) -> Image.Image:
        """The background at board size."""
        soft = self.image.filter(ImageFilter.BoxBlur(blur_px))
        return soft.resize((BOARD_PX, BOARD_PX), Image.Resampling.BILINEAR)
