"""Defines which files count as pictures: their file extensions, and Pillow's names of the formats.

The list is fixed, because a decoder that is not enabled cannot be attacked (EPS, for one, starts Ghostscript).
"""

from pathlib import PurePath
from typing import Final

PILLOW_FORMATS: Final = (
    "JPEG",
    "PNG",
    "GIF",
    "BMP",
    "DIB",
    "WEBP",
    "TIFF",
    "HEIF",
    "AVIF",
    "JPEG2000",
    "ICO",
    "PPM",
    "TGA",
)

PICTURE_SUFFIXES: Final = frozenset(
    (
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".jp2", ".j2k", ".jpx", ".j2c"),
        *(".png", ".apng", ".gif", ".bmp", ".dib", ".ico", ".ppm", ".pgm", ".pbm", ".pnm", ".tga"),
        *(".webp", ".tif", ".tiff", ".heic", ".heif", ".hif", ".avif"),
    )
)

UNSUPPORTED_SUFFIXES: Final = frozenset(
    (
        *(".jxr", ".wdp", ".hdp", ".jxl", ".svg", ".eps", ".psd", ".xcf", ".exr", ".hdr", ".dcm"),
        *(".raw", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf"),
    )
)
"""Pictures that the lab cannot read: they are reported and not just ignored, so that nobody misses them."""


def is_picture_name(name: str) -> bool:
    """Whether a file of this name counts as a picture, readable or not."""
    suffix = PurePath(name).suffix.lower()
    return suffix in PICTURE_SUFFIXES or suffix in UNSUPPORTED_SUFFIXES
