"""Pictures on a page: an even grid of thumbnails, a large picture, outlines of crops.

A file that cannot be decoded is shown as a crossed square or reported in a sentence; it never breaks a page.
"""

import base64
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import streamlit as st
from PIL import Image, ImageDraw

from cnnlab.data.boxes import Box
from cnnlab.data.decoding import decode
from cnnlab.data.records import Picture
from cnnlab.data.thumbnails import placeholder, thumbnails
from cnnlab.errors import PictureError
from cnnlab.names import as_unicode
from cnnlab.store.datasets import path_from, path_text
from cnnlab.ui.messages import show_error
from cnnlab.workspace import Workspace

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

SIDE: Final = 150
"""Pixels of a thumbnail on the page; it grows a little to fill the rows."""
PAGE_SIZE: Final = 48
LARGE_SIDE: Final = 1600
LEAST_SIDE: Final = 480
_SHARPNESS: Final = 1.5  # thumbnail pixels per page pixel: also good enough for high-density screens
_PAGES_KEPT: Final = 32  # of at most half a megabyte each
_ASSETS: Final = Path(__file__).parent / "assets"


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One picture of a grid: at most two facts below it, `alt` as its text alternative, `marked` for a red frame.

    `jpeg` is None if the picture cannot be decoded.
    """

    identifier: str
    jpeg: bytes | None
    alt: str
    facts: tuple[str, ...] = ()
    marked: bool = False


def tiles(
    pictures: Sequence[Picture], *, facts: Callable[[Picture], Sequence[str]] | None = None, side: int = SIDE
) -> tuple[Tile, ...]:
    """Thumbnails for one page of a data set; by default, the facts below each one are its class and its size."""
    made = small([(picture.path, picture.id) for picture in pictures], side=side)
    describe = facts or (lambda picture: (picture.label, f"{picture.width} x {picture.height}"))
    return tuple(
        Tile(
            identifier=picture.id,
            jpeg=data,
            alt=f"{picture.label}: {picture.path.name}" if data else f"{picture.path.name} cannot be read",
            facts=tuple(describe(picture)),
        )
        for picture, data in zip(pictures, made, strict=True)
    )


def small(files: Sequence[tuple[Path, str]], *, side: int = SIDE) -> tuple[bytes | None, ...]:
    """Thumbnails as JPEGs for pairs of file and picture id; None for files that cannot be read."""
    named = tuple((path_text(path), identifier) for path, identifier in files)
    return _page_of_thumbnails(named, thumbnail_side(side), str(Workspace.current().cache))


def thumbnail_side(side: int = SIDE) -> int:
    """Pixels of a thumbnail's file, for code that makes thumbnails in advance."""
    return round(side * _SHARPNESS)


def grid(shown: Iterable[Tile], *, key: str, side: int = SIDE, openable: bool = False) -> str | None:
    """Render pictures in even rows; return the identifier of the picture just opened, if they are `openable`."""
    data = {
        "side": side,
        "openable": openable,
        "tiles": [
            {
                "id": tile.identifier,
                "source": _address(tile.jpeg, side),
                "alt": as_unicode(tile.alt),
                "facts": [as_unicode(fact) for fact in tile.facts[:2]],
                "marked": tile.marked,
            }
            for tile in shown
        ],
    }
    result = _component()(key=key, data=data, on_open_change=_nothing)
    opened = result.get("open")
    return None if opened is None else str(opened)


def large(
    source: Path | bytes, *, alt: str, boxes: Sequence[Box] = (), width: Literal["stretch"] | int = "stretch"
) -> bool:
    """Render one picture as wide as its container or `width` pixels; if it cannot be decoded, say so, return False."""
    try:
        image = decode(source, short_side=LARGE_SIDE // 2)
    except PictureError as error:
        show_error(str(error))
        return False
    image.thumbnail((LARGE_SIDE, LARGE_SIDE))
    times = LEAST_SIDE // max(image.size)
    if times > 1:  # enlarge a tiny picture by whole pixels
        image = image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST)
    st.image(_outline(image, boxes), alt=as_unicode(alt), output_format="JPEG", width=width)
    return True


def outlined(jpeg: bytes, boxes: Sequence[Box]) -> bytes:
    """A picture with the outlines of some areas as a JPEG; the first one is bold."""
    data = io.BytesIO()
    _outline(Image.open(io.BytesIO(jpeg)).convert("RGB"), boxes).save(data, "JPEG", quality=92, subsampling=0)
    return data.getvalue()


def _outline(image: Image.Image, boxes: Sequence[Box]) -> Image.Image:
    render = ImageDraw.Draw(image)
    line = max(1, max(image.size) // 320)
    for index, box in reversed(list(enumerate(boxes))):
        left, top = box.left * image.width, box.top * image.height
        right, bottom = left + box.width * image.width, top + box.height * image.height
        for colour, width in (("black", 3 * line), ("white", line)) if index == 0 else (("white", line),):
            grown = (width - line) / 2  # a dark edge on both sides of the bright line, visible on any picture
            corners = (left - grown, top - grown, max(left, right) + grown, max(top, bottom) + grown)
            render.rectangle(corners, outline=colour, width=width)
    return image


@st.cache_data(max_entries=_PAGES_KEPT, ttl=600, show_spinner=False)  # a missing file may come back, so try again later
def _page_of_thumbnails(files: tuple[tuple[str, str], ...], side: int, folder: str) -> tuple[bytes | None, ...]:
    named = [(path_from(path), identifier) for path, identifier in files]
    return tuple(thumbnails(named, side=side, cache=Path(folder)))


@cache
def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def _component() -> "ComponentRenderer":
    return st.components.v2.component(
        "cnnlab_picture_grid",
        html="<ul></ul>",
        js=_asset("picture_grid.js"),
        css=_asset("picture_grid.css"),
    )


def _address(jpeg: bytes | None, side: int) -> str:
    kind, data = ("png", placeholder(side)) if jpeg is None else ("jpeg", jpeg)
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"


def _nothing() -> None:
    """Does nothing; without a callback, Streamlit leaves the attribute out of the result."""
