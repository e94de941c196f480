"""Small pictures for galleries, cached on disk by the picture's content. Does not import torch.

They are stored in the workspace's cache, which may be deleted at any time; training keeps it below its limit.
"""

import contextlib
import io
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from cnnlab.data.decoding import decode
from cnnlab.data.identity import content_hash
from cnnlab.data.progress import ProgressCallback, report_progress
from cnnlab.errors import PictureError

QUALITY: Final = 82
_GREY: Final = (128, 134, 146)  # visible on light and on dark pages
_VERSION: Final = 4  # raise it when the same file yields a different thumbnail
_THREADS: Final = min(4, os.cpu_count() or 1)
_AHEAD: Final = 24


def thumbnail(path: Path, picture_id: str, *, side: int, cache: Path) -> bytes:
    """A JPEG of the whole picture with a longest side of `side` pixels, from the cache or made now.

    Raises:
        PictureError: the file is missing or cannot be decoded.
    """
    cached = _cache_path(picture_id, side, cache)
    with contextlib.suppress(OSError):
        return cached.read_bytes()
    data = whole(decode(path, short_side=side // 2), side)  # decodes a JPEG to a short side of at least `side`
    with contextlib.suppress(OSError):  # a full disk costs time, not pictures
        _keep(cached, data)
    return data


def make_thumbnails(
    pictures: Sequence[tuple[Path, str]], *, side: int, cache: Path, progress: ProgressCallback | None = None
) -> int:
    """Make all missing thumbnails; returns how many exist afterwards (files that cannot be decoded have none)."""
    made = 0
    report_progress(progress, 0, len(pictures))
    for done, data in enumerate(thumbnails(pictures, side=side, cache=cache), start=1):
        made += data is not None
        report_progress(progress, done, len(pictures))
    return made


def thumbnails(pictures: Sequence[tuple[Path, str]], *, side: int, cache: Path) -> Iterator[bytes | None]:
    """One for each (path, id), in order, a few at a time; None if the file is missing or cannot be decoded."""

    def thumbnail_or_none(picture: tuple[Path, str]) -> bytes | None:
        try:
            return thumbnail(*picture, side=side, cache=cache)
        except PictureError:
            return None

    with ThreadPoolExecutor(_THREADS) as pool:
        for start in range(0, len(pictures), _AHEAD):  # a caller that stops early waits for one block only
            yield from pool.map(thumbnail_or_none, pictures[start : start + _AHEAD])


def whole(image: Image.Image, side: int) -> bytes:
    """The uncropped picture, scaled to fit a square, as a JPEG; no margins, because pages can be light or dark."""
    longest = max(image.size)
    if longest > side:
        image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    elif side >= 2 * longest:  # the pixels of a tiny picture say more than a blur
        times = side // longest
        image = image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST)
    data = io.BytesIO()
    image.save(data, "JPEG", quality=QUALITY)
    return data.getvalue()


def placeholder(side: int) -> bytes:
    """A cross that stands for a picture that cannot be read, as a transparent PNG."""
    image = Image.new("RGBA", (side, side))
    draw, edge = ImageDraw.Draw(image), side // 3
    for line in ((edge, edge, side - edge, side - edge), (edge, side - edge, side - edge, edge)):
        draw.line(line, fill=_GREY, width=max(2, side // 40))
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


def _cache_path(picture_id: str, side: int, cache: Path) -> Path:
    name = content_hash(picture_id)
    return cache / f"thumbnails-{_VERSION}-{side}" / name[:2] / f"{name}.jpg"


def _keep(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.half")
    half.write_bytes(data)
    half.replace(path)
