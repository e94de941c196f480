"""Decodes the bytes of a file into an upright RGB picture, or gives the reason why it cannot.

Every pixel is decoded (`verify()` misses a third of broken files), within limits:

- size: a file above `FILE_LIMIT_BYTES` is not opened, a picture above `PIXEL_LIMIT` is not decoded;
- time: a decoder that asks for more bytes after `TIME_LIMIT_SECONDS` gets an error instead;
- memory: large pictures are decoded one at a time, however many threads there are;
- formats: only those in a fixed list are tried.
"""

import io
import stat
import struct
import threading
import time
import warnings
import zlib
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile

from cnnlab.data.colours import to_rgb
from cnnlab.data.formats import PICTURE_SUFFIXES, PILLOW_FORMATS, UNSUPPORTED_SUFFIXES
from cnnlab.errors import PictureError

FILE_LIMIT_BYTES: Final = 256 * 2**20
PIXEL_LIMIT: Final = 120_000_000  # enough for a phone's 108 megapixels; half a gigabyte at 4 bytes per pixel
TIME_LIMIT_SECONDS: Final = 20.0
_LARGE_PIXELS: Final = 20_000_000
_ONE_LARGE_PICTURE: Final = threading.Lock()

# Broken files can make their decoders raise all of these. RuntimeError comes from libheif and libavif.
_DECODER_ERRORS: Final = (
    OSError,
    ValueError,
    SyntaxError,
    MemoryError,
    NotImplementedError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    ArithmeticError,
    EOFError,
    RuntimeError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
_LFS_POINTER: Final = b"version https://git-lfs.github.com/spec/"
_ORIENTATION_TAG: Final = 0x0112
_HEIF_TURNS: Final = (b"irot", b"imir")
"""Boxes that rotate and mirror a HEIC picture: ISO/IEC 23008-12, 6.5.10 and 6.5.12."""
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# `_check_size` replaces the first; Pillow's other warnings about odd files only clutter the log of a large scan.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", module=r"PIL\.")


class Decoded(NamedTuple):
    """A decoded picture, the format of its content, and its original upright size in pixels."""

    image: Image.Image
    format: str
    width: int
    height: int


def read_file(path: Path) -> bytes:
    """The bytes of a picture file.

    Raises:
        PictureError: it is too large, cannot be read, or does not have a picture's file extension.
    """
    suffix = path.suffix.lower()
    if suffix in UNSUPPORTED_SUFFIXES:
        raise PictureError(f"{suffix[1:].upper()} pictures are not supported; save it as PNG or JPEG.")
    if suffix not in PICTURE_SUFFIXES:
        what = f"{suffix} is not a picture's file extension" if suffix else "The name has no file extension"
        raise PictureError(f"{what}; save it as PNG or JPEG.")
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # reading from a pipe would block for ever
            raise PictureError("It is not a regular file; copy the picture itself.")
        size = status.st_size
        if size > FILE_LIMIT_BYTES:
            raise PictureError(_too_large(size))
        return path.read_bytes()
    except OSError as error:
        raise PictureError(f"The file cannot be opened ({error.strerror or error}); check its permissions.") from error


def decode(source: Path | bytes, *, short_side: int | None = None) -> Image.Image:
    """The first frame as an upright RGB picture.

    With `short_side` (pixels), JPEGs at least four times as large may be decoded at a reduced scale, with a short side
    of at least twice that; `decode_with_size` gives the full size as well.

    Raises:
        PictureError: the picture cannot be decoded; the message is the reason.
    """
    return decode_with_size(source, short_side=short_side).image


def decode_with_size(source: Path | bytes, *, short_side: int | None = None) -> Decoded:
    """Like `decode`, with the format and the full size of the picture.

    Raises:
        PictureError: the picture cannot be decoded; the message is the reason.
    """
    data = read_file(source) if isinstance(source, Path) else source
    _check_bytes(data)
    try:
        with _open(data) as image:
            _check_size(image.size)
            large = image.width * image.height > _LARGE_PIXELS
            with _ONE_LARGE_PICTURE if large else nullcontext():
                return _load(image, short_side, orientation=_orientation(image, data))
    except PictureError:
        raise
    except _DECODER_ERRORS as error:
        raise PictureError(_reason(error)) from error


def _load(image: Image.Image, short_side: int | None, *, orientation: int) -> Decoded:
    """Decode all pixels and turn the picture upright."""
    size = image.size
    reduced = _reduce(image, short_side)
    image.load()
    if not reduced:
        size = image.size  # an icon's frame can be larger than its directory says
        _check_size(size)
    upright = to_rgb(image)
    if orientation in _TURNS:
        upright = upright.transpose(_TURNS[orientation])
    elif upright is image:
        upright = image.copy()  # `image` is closed with its file
    width, height = size if orientation < 5 else size[::-1]
    return Decoded(upright, image.format or "", width, height)


def _reduce(image: Image.Image, short_side: int | None) -> bool:
    """Let the JPEG decoder scale by 1/2, 1/4 or 1/8, leaving at least a factor of two to a better filter."""
    before = image.size
    if short_side is not None and isinstance(image, JpegImageFile):
        wanted = 2 * short_side
        shortest = min(before)
        if shortest >= 2 * wanted:
            image.draft(None, (before[0] * wanted // shortest, before[1] * wanted // shortest))
    return image.size != before


def _open(data: bytes) -> Image.Image:
    _register_heif()
    return Image.open(_TimedBytes(data), formats=PILLOW_FORMATS)


@cache
def _register_heif() -> None:
    import pillow_heif  # only now: a process that decodes nothing need not load it

    pillow_heif.register_heif_opener(thumbnails=False)


class _TimedBytes(io.BytesIO):
    """Bytes that raise an error after `TIME_LIMIT_SECONDS`: the only way to interrupt a decoder written in C."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._deadline = time.monotonic() + TIME_LIMIT_SECONDS

    def read(self, size: int | None = -1, /) -> bytes:
        if time.monotonic() > self._deadline:
            raise PictureError(f"Decoding took longer than {TIME_LIMIT_SECONDS:.0f} s; save the picture as PNG.")
        return super().read(size)


def _check_bytes(data: bytes) -> None:
    if not data:
        raise PictureError("The file is empty; copy it again.")
    if len(data) > FILE_LIMIT_BYTES:
        raise PictureError(_too_large(len(data)))
    if data.startswith(_LFS_POINTER):
        raise PictureError("The file is only a Git LFS pointer; fetch the picture itself with `git lfs pull`.")


def _too_large(size: int) -> str:
    limit = FILE_LIMIT_BYTES >> 20
    return f"The file has {size / 2**20:.0f} MB, more than the limit of {limit} MB; make the picture smaller."


def _check_size(size: tuple[int, int]) -> None:
    width, height = size
    if width * height > PIXEL_LIMIT:
        raise PictureError(
            f"The picture has {width} x {height} pixels, more than the limit of {PIXEL_LIMIT // 1_000_000} million; "
            "make it smaller."
        )
    if width < 1 or height < 1:
        raise PictureError(f"The picture has {width} x {height} pixels and so is empty; save it again.")


def _orientation(image: Image.Image, data: bytes) -> int:
    """EXIF orientation; 1 (upright) if there is none or the EXIF data are broken.

    libheif turns a HEIC picture according to its own boxes and hides the EXIF orientation, which applies only if there
    are no such boxes.
    """
    try:
        if image.format == "HEIF" and not any(box in data for box in _HEIF_TURNS):
            return int(image.info.get("original_orientation") or 1)
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except _DECODER_ERRORS:
        return 1


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "The content is not a picture in a known format, or its start is damaged; save it as PNG or JPEG."
    if isinstance(error, MemoryError):
        return "There is not enough memory to decode it; make the picture smaller."
    if isinstance(error, Image.DecompressionBombError):
        return f"It unpacks to more than {PIXEL_LIMIT // 1_000_000} million pixels; make the picture smaller."
    return f"The content is damaged ({str(error) or type(error).__name__}); copy the file or save the picture again."
