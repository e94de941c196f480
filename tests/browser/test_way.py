"""The way of a newcomer through a real server in a real browser."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from cnnlab.runs.records import Status

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
NAMES = ("data", "augment", "architecture", "train", "compare", "predict")
READY = "[data-testid=stApp][data-test-connection-state=CONNECTED]"


def heading(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()


@pytest.mark.parametrize("name", NAMES)
def test_a_link_to_a_page_opens_it_on_a_fresh_server(server, page, name):
    page.goto(f"{server.url}/{name}")
    heading(page, name.capitalize())
    expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(7)
    expect(page.get_by_text("Nothing is running.")).to_be_visible()
    assert page.get_by_role("dialog").count() == 0
    assert page.url.partition("?")[0] == f"{server.url}/{name}"  # a page may write what is chosen behind it


def test_show_me_trains_all_three_on_the_page_and_everything_can_be_stopped(server, page):
    page.goto(server.url)
    heading(page, "Home")
    page.get_by_role("button", name="Show me", exact=True).dblclick()
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible(timeout=180_000)
    runs = server.store.runs.list()
    assert sorted(run.family for run in runs) == ["googlenet", "resnet", "vgg"]
    assert re.search(r"run=", page.url)
    expect(page.locator(".st-key-train-live-loss .js-line").first).to_be_attached(timeout=180_000)
    page.reload()
    expect(page.locator(".st-key-train-live-loss .js-line").first).to_be_attached()
    page.get_by_role("button", name="Stop everything").click()
    page.get_by_role("button", name="Stop everything now").click()
    expect(page.get_by_text("Nothing is running.")).to_be_visible()
    assert {run.status for run in server.store.runs.list()} == {Status.STOPPED}


def test_a_double_click_on_start_files_one_run_and_its_stop_button_ends_it(server, page):
    _register_drawings(server)
    page.goto(f"{server.url}/train")
    start = page.get_by_role("button", name="Start", exact=True)
    expect(start).to_be_enabled()
    start.dblclick()
    expect(page.locator(".st-key-train-live-loss .js-line").first).to_be_attached(timeout=180_000)
    assert len(server.store.runs.list()) == 1
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    assert server.store.runs.list()[0].status is Status.STOPPED


def test_what_is_typed_into_the_form_survives_other_pages_and_a_refresh(server, page):
    _register_drawings(server)
    page.goto(f"{server.url}/train")
    epochs = page.get_by_label("Epochs", exact=True)
    epochs.fill("7")
    epochs.press("Enter")
    time.sleep(1)
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Compare").click()
    heading(page, "Compare")
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Train").click()
    expect(epochs).to_have_value("7")
    page.reload()
    expect(epochs).to_have_value("7")
    expect(page.get_by_test_id("stSidebar").get_by_role("combobox")).to_have_value("drawings")


def _register_drawings(server):
    from cnnlab.data.samples import write_samples
    from cnnlab.runs.datasets import register_folder

    folder = server.home / "datasets" / "drawings"
    write_samples("drawings", folder, per_class=6, seed=0)
    register_folder(server.store, folder)
