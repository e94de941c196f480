import io
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnnlab.data.boxes import Box
from cnnlab.data.records import Picture
from cnnlab.data.scan import scan_folder
from cnnlab.ui import pictures
from cnnlab.workspace import Workspace


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(6):
        path = tmp_path / "photos" / ("cat" if number % 2 else "dog") / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (300, 40 + 60 * number), (40 * number, 90, 200)).save(path)
    return tmp_path / "photos"


@pytest.fixture
def scanned(folder: Path) -> tuple[Picture, ...]:
    return scan_folder(folder).pictures


def size(jpeg: bytes | None) -> tuple[int, int]:
    assert jpeg is not None
    return Image.open(io.BytesIO(jpeg)).size


@pytest.fixture(autouse=True)
def _no_pages_of_other_tests() -> None:
    pictures._page_of_thumbnails.clear()


def test_thumbnails_show_the_whole_picture_without_a_border(scanned: tuple[Picture, ...], workspace: Workspace) -> None:
    made = pictures.tiles(scanned, side=100)
    for tile, picture in zip(made, scanned, strict=True):
        width, height = size(tile.jpeg)
        assert max(width, height) == 150
        assert width / height == pytest.approx(picture.width / picture.height, rel=0.05)
    assert made[0].alt == "cat: 1.png"
    assert made[0].facts == ("cat", "300 x 100")


def test_thumbnails_come_from_the_disk_the_second_time(scanned: tuple[Picture, ...], workspace: Workspace) -> None:
    before = pictures.tiles(scanned)
    pictures._page_of_thumbnails.clear()
    for picture in scanned:
        picture.path.unlink()
    assert pictures.tiles(scanned) == before


def test_a_broken_file_is_a_tile_that_says_so(scanned: tuple[Picture, ...], workspace: Workspace) -> None:
    scanned[0].path.write_bytes(b"\x89PNG\r\n\x1a\nno more than that")
    scanned[1].path.unlink()
    made = pictures.tiles(scanned)
    assert [tile.jpeg is None for tile in made] == [True, True, False, False, False, False]
    assert "cannot be read" in made[0].alt


def _page(folder: str) -> None:
    from pathlib import Path

    import streamlit as st

    from cnnlab.data.scan import scan_folder
    from cnnlab.ui import pictures

    scanned = scan_folder(Path(folder)).pictures
    Path(scanned[1].path).write_bytes(b"broken")
    opened = pictures.grid(pictures.tiles(scanned), key="grid", openable=True)
    st.text(f"opened: {opened}")
    rendered = pictures.large(
        scanned[0].path, alt="a cat", boxes=[pictures.Box(left=0.1, top=0.1, width=0.5, height=2.0)]
    )
    st.text(f"rendered: {rendered}, {pictures.large(scanned[1].path, alt='broken')}")


def test_a_page_with_a_broken_file_still_works(folder: Path, workspace: Workspace) -> None:
    page = AppTest.from_function(_page, args=(str(folder),), default_timeout=60).run()
    assert not page.exception
    assert [text.value for text in page.text] == ["opened: None", "rendered: True, False"]
    assert "damaged" in page.error[0].value


def test_an_outline_matches_its_box() -> None:
    data = io.BytesIO()
    Image.new("RGB", (200, 100), (60, 120, 60)).save(data, "JPEG")
    rendered = Image.open(
        io.BytesIO(pictures.outlined(data.getvalue(), [Box(left=0.25, top=0.2, width=0.5, height=0.5)]))
    )
    assert rendered.size == (200, 100)
    bright = [(x, y) for x in range(200) for y in range(100) if min(rendered.getpixel((x, y))) > 190]  # type: ignore[type-var]
    across, down = [x for x, _ in bright], [y for _, y in bright]
    assert (min(across), max(across), min(down), max(down)) == pytest.approx((50, 150, 20, 70), abs=2)
