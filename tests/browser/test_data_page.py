"""The Data page in a real browser: good and bad uploads, a faulty folder, paging, the keyboard, a phone."""

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from cnnlab.store.datasets import register_folder

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
UPLOAD = "[data-testid=stFileUploader] input[type=file]"
PATH = ".st-key-data-path input"


def png(shade: int) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), (shade, 90, 255 - shade)).save(data, "PNG")
    return data.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def upload(page: Page, name: str, mime: str, data: bytes) -> None:
    page.locator(UPLOAD).set_input_files({"name": name, "mimeType": mime, "buffer": data})


def add_button(page: Page, label: str):
    return page.get_by_role("button", name=label, exact=True)


def expect_pictures(page: Page, count: str) -> None:
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(count)


def test_good_zips_are_added_and_bad_ones_rejected_with_a_message(server, page):
    page.goto(f"{server.url}/data")
    page.get_by_role("radio", name="Zip").click()
    upload(page, "bad.zip", "application/zip", b"this is no zip")
    add_button(page, "Unpack zip").click()
    expect(page.get_by_text("The zip cannot be unpacked")).to_be_visible()
    upload(page, "evil.zip", "application/zip", zipped({"../../evil.png": png(1)}))
    add_button(page, "Unpack zip").click()
    expect(page.get_by_text("points outside the target folder")).to_be_visible()
    good = zipped({f"animals/{label}/{n}.png": png(90 * index + n) for index, label in enumerate("ab") for n in (0, 1)})
    upload(page, "animals.zip", "application/zip", good)
    add_button(page, "Unpack zip").dblclick()
    expect_pictures(page, "4")
    assert [dataset.name for dataset in server.store.datasets.all()] == ["animals"]
    assert list((server.home / "uploads").iterdir()) == []
    assert [folder.name[:8] for folder in (server.home / "datasets").iterdir()] == ["animals-"]
    page.reload()
    expect_pictures(page, "4")


def test_a_faulty_folder_is_added_and_its_faults_are_listed(server, page, real_data):
    page.goto(f"{server.url}/data")
    page.locator(PATH).fill("/no/such/folder")
    page.keyboard.press("Tab")
    expect(page.get_by_text("does not exist")).to_be_visible()
    page.locator(PATH).fill(str(real_data / "odd_images"))
    page.keyboard.press("Tab")
    expect(page.get_by_text("pictures (by file extension)")).to_be_visible()
    add_button(page, "Add folder").click()
    expect_pictures(page, "188")
    page.get_by_text("30 files cannot be read").wait_for()
    page.get_by_role("button", name="Show").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("30 files cannot be read")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


@pytest.fixture
def many(server, tmp_path: Path) -> Path:
    """A registered data set with two classes of eighty pictures each."""
    for index, label in enumerate(("blue", "red")):
        (tmp_path / "many" / label).mkdir(parents=True)
        for number in range(80):
            (tmp_path / "many" / label / f"{number:02}.png").write_bytes(png(100 * index + number))
    register_folder(server.store, tmp_path / "many")
    return tmp_path / "many"


def first_picture(page: Page):
    return page.locator(".st-key-data-gallery button").first


def test_the_gallery_has_pages_and_filters_and_reopens_from_its_address(server, page, many):
    page.goto(f"{server.url}/data")
    expect(first_picture(page)).to_contain_text("00.png")
    page.get_by_role("button", name="Next page").click()
    expect(first_picture(page)).to_contain_text("32.png")
    page.get_by_role("radio", name="Validation").click()
    expect(page.get_by_text("32 pictures of 160")).to_be_visible()
    page.get_by_role("radio", name="All", exact=True).click()
    expect(first_picture(page)).to_contain_text("00.png")
    page.get_by_role("button", name="Page 3").click()
    expect(first_picture(page)).to_contain_text("64.png")
    expect(page).to_have_url(re.compile("page=3"))
    page.reload()
    expect(first_picture(page)).to_contain_text("64.png")
    page.get_by_role("link", name="Train").click()
    page.get_by_role("link", name="Data").click()
    expect(first_picture(page)).to_contain_text("64.png")


def test_a_picture_opens_large_and_leads_to_the_next_by_keyboard_alone(server, page, many):
    page.goto(f"{server.url}/data")
    first_picture(page).focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("1 of 160")).to_be_visible()
    expect(dialog.get_by_text("40 x 30 pixels")).to_be_visible()
    expect(dialog.get_by_role("img", name="blue: 00.png")).to_be_visible()
    dialog.get_by_role("button", name="Next").focus()
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("2 of 160")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_a_photo_is_added_to_a_typed_class(server, page):
    page.goto(f"{server.url}/data")
    page.get_by_role("radio", name="Photos").click()
    for number, label in enumerate(("cat", "dog")):
        page.locator(".st-key-data-label input").fill(label)
        page.keyboard.press("Enter")
        page.mouse.move(700, 600)  # a notice under the pointer would stay and cover the button
        upload(page, f"{label}.png", "image/png", png(50 * number))
        add_button(page, "Add pictures").click()
        expect(
            page.get_by_text(f"1 picture added to {label}").or_(page.get_by_text("2 classes.")).first
        ).to_be_visible()
    expect_pictures(page, "2")


def test_a_phone_needs_no_sideways_scrolling(server, page, many):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server.url}/data")
    expect(first_picture(page)).to_be_visible()
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
