"""Lays a heat map over a picture and encodes the result. Does not import torch, so pages can call it directly.

Colours: matplotlib's inferno (van der Walt and Smith, 2015), whose lightness increases evenly with the value.
"""

import io
from collections.abc import Sequence
from typing import Final

import numpy as np
from PIL import Image

_INFERNO: Final = (
    (0, 0, 4),
    (40, 11, 84),
    (101, 21, 110),
    (159, 42, 99),
    (212, 72, 66),
    (245, 125, 21),
    (250, 193, 39),
    (252, 255, 164),
)


def heat_png(heat: Sequence[Sequence[float]]) -> bytes:
    """Rows of values from 0 to 1 -> a coloured RGBA PNG; higher values are more opaque."""
    values = np.clip(np.asarray(heat, dtype=np.float64), 0.0, 1.0)  # (h, w)
    anchors = np.array(_INFERNO, dtype=np.float64)
    positions = np.linspace(0.0, 1.0, len(anchors))
    channels = [np.interp(values, positions, anchors[:, channel]) for channel in range(3)]
    pixels = np.stack([*channels, 255 * values], axis=-1).round().astype(np.uint8)  # (h, w, 4)
    return _encoded(Image.fromarray(pixels), "PNG")


def overlay(picture: bytes, heat: bytes, *, opacity: float) -> bytes:
    """The picture with its heat map as a JPEG; at `opacity` 0 the picture alone, at 1 the hottest cells hide it."""
    below = Image.open(io.BytesIO(picture)).convert("RGBA")
    above = Image.open(io.BytesIO(heat)).convert("RGBA").resize(below.size, Image.Resampling.BILINEAR)
    above.putalpha(above.getchannel("A").point([round(value * opacity) for value in range(256)]))
    return _encoded(Image.alpha_composite(below, above).convert("RGB"), "JPEG")


def _encoded(image: Image.Image, format_: str) -> bytes:
    data = io.BytesIO()
    image.save(data, format_, **({"quality": 92, "subsampling": 0} if format_ == "JPEG" else {}))
    return data.getvalue()
