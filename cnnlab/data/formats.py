"""Which files are taken for pictures, by their ending and by Pillow's names of formats; reads none of them.

The list is fixed: a decoder that is not needed is one that cannot be attacked (EPS, for one, starts Ghostscript).
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
"""Pictures, but not for us: they are named instead of passed over, so that nobody misses them silently."""


def is_picture_name(name: str) -> bool:
    """Whether a file of this name is taken for a picture, readable or not."""
    suffix = PurePath(name).suffix.lower()
    return suffix in PICTURE_SUFFIXES or suffix in UNSUPPORTED_SUFFIXES
