"""Converts pictures from any of Pillow's modes to 8-bit RGB.

Transparent parts are put on white, sixteen-bit values are scaled not clipped, colour profiles are converted to sRGB.
"""

import io
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

_WHITE: Final = (255, 255, 255, 255)
BITS: Final = (8, 10, 12, 14, 16)
"""Possible bit depths of a sensor: the smallest that can hold the brightest pixel is assumed."""
_WIDE_MODES: Final = ("I", "F")  # and all that start with these: I;16, I;16B, I;16L, I;16N


def to_rgb(image: Image.Image) -> Image.Image:
    """The picture in mode RGB and in sRGB colours, at the same size."""
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "RGBA", "CMYK", "L"):
        image = _in_srgb(image, profile)
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith(_WIDE_MODES):
        return _narrow(image).convert("RGB")
    if image.mode == "LAB":  # Pillow's own `convert` does not support it
        return _from_lab(image)
    if image.has_transparency_data:
        coloured = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, _WHITE), coloured).convert("RGB")
    return image.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """The picture with its colours converted from its profile; unchanged if the profile is sRGB or broken."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return image
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    assert converted is not None  # None only when converting in place
    converted.info = {key: value for key, value in image.info.items() if key != "icc_profile"}
    return converted


def _narrow(image: Image.Image) -> Image.Image:
    """A grey picture of more than eight bits per pixel, in eight; a transparent grey (PNG's tRNS) becomes white."""
    values = np.asarray(image)
    transparent = image.info.get("transparency")
    clear = values == transparent if isinstance(transparent, int) else None
    eight_bits = _float_to_bytes(values) if image.mode.startswith("F") else _whole_to_bytes(values)
    if clear is not None:
        eight_bits = np.where(clear, np.uint8(255), eight_bits)
    return Image.fromarray(np.ascontiguousarray(eight_bits))


def _whole_to_bytes(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Scales unsigned values by the bits in use: cameras and microscopes write 10, 12 or 14 bits into 16-bit files.

    Wider values, whose range no format defines, are scaled by the range in use.
    """
    low, high = int(values.min()), int(values.max())
    if low >= 0 and high <= 0xFFFF:
        low, high = 0, next(2**bits - 1 for bits in BITS if high < 2**bits)
    return _scaled(values.astype(np.float64), low, high)


def _float_to_bytes(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Scales floats from 0 to 1 or from 0 to 255, as files commonly hold them; others by the range in use."""
    finite = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(finite.min()), float(finite.max())
    if low >= 0 and high <= 255:
        low, high = 0.0, 1.0 if high <= 1 else 255.0
    return _scaled(finite, low, high)


def _scaled(values: npt.NDArray[np.float64], low: float, high: float) -> npt.NDArray[np.uint8]:
    span = high - low or 1.0
    return np.rint((values - low) * (255.0 / span)).astype(np.uint8)


def _from_lab(image: Image.Image) -> Image.Image:
    transform = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
    converted = ImageCms.applyTransform(image, transform)
    assert converted is not None  # None only when converting in place
    return converted
