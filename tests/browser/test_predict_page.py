"""The Predict page in a real browser: good and bad uploads, a picture from the data set, a phone."""

import csv
import io
import re
import shutil

import pytest
from PIL import Image
from playwright.sync_api import expect

from cnnlab.store.store import Store
from cnnlab.workspace import Workspace

from .conftest import settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def lab(server, trained_home):
    """The server's workspace with three trained runs; returns their ids by family."""
    shutil.copytree(trained_home, server.home, dirs_exist_ok=True)
    store = Store.open(Workspace.at(server.home))
    runs = {run.family: run.run_id for run in store.runs.list()}
    store.close()
    return runs


def uploaded(name, data):
    return {"name": name, "mimeType": "image/jpeg", "buffer": data}


def jpeg(colour="red"):
    data = io.BytesIO()
    Image.new("RGB", (120, 90), colour).save(data, "JPEG")
    return data.getvalue()


def upload(page, *files):
    page.locator("input[type=file]").set_input_files([uploaded(*file) for file in files])


def test_every_run_predicts_an_upload_and_shows_where_it_looked(server, lab, page):
    page.goto(f"{server.url}/predict")
    expect(page.get_by_text("One picture or many")).to_be_visible()
    upload(page, ("red.jpg", jpeg()))
    expect(page.get_by_text("ms on one core")).to_have_count(3)
    expect(page.get_by_role("heading", name=re.compile("All 3 runs predict|The runs disagree"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("^Where vgg tiny saw"))).to_be_visible()
    before = page.get_by_role("img", name=re.compile("^Where vgg tiny saw")).get_attribute("src")
    page.get_by_role("slider").press("Home")
    settled(page)
    expect(page.get_by_role("img", name=re.compile("^Where vgg tiny saw"))).not_to_have_attribute("src", before)


def test_bad_files_are_counted_and_the_others_are_in_the_downloaded_table(server, lab, page):
    page.goto(f"{server.url}/predict?runs={lab['vgg']}")
    expect(page.get_by_text("One picture or many")).to_be_visible()
    upload(page, ("text.jpg", b"this is text"), ("red.jpg", jpeg()), ("cut.jpg", jpeg()[:300]))
    expect(page.get_by_text("2 files could not be read")).to_be_visible()
    with page.expect_download() as made:
        page.get_by_role("button", name="Download all probabilities").click()
    rows = {row["file"]: row for row in csv.DictReader(io.StringIO(made.value.path().read_text("utf-8")))}
    assert rows["red.jpg"]["predicted_class"] in ("blue", "red")
    assert rows["text.jpg"]["error"] and rows["cut.jpg"]["error"]


def test_a_picture_of_the_data_set_is_chosen_by_keyboard_and_stays_chosen_after_a_refresh(server, lab, page):
    page.goto(f"{server.url}/predict?runs={lab['vgg']}")
    page.get_by_role("radio", name="Data set").click()
    picture = page.locator(".st-key-predict-grid button.frame").nth(2)
    picture.focus()
    picture.press("Enter")
    expect(page.get_by_text("true class")).to_be_visible()
    expect(page).to_have_url(re.compile("picture="))
    name = page.get_by_text(re.compile(r"\.png, true class")).inner_text()
    page.reload()
    expect(page.get_by_text(re.compile(r"\.png, true class"))).to_have_text(name)


def test_on_a_phone_nothing_is_cut_off_sideways(server, lab, page):
    page.set_viewport_size(PHONE)
    page.goto(f"{server.url}/predict")
    expect(page.get_by_text("One picture or many")).to_be_visible()
    upload(page, ("red.jpg", jpeg()))
    expect(page.get_by_text("ms on one core")).to_have_count(3)
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
