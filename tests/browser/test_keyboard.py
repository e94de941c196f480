"""The whole workflow without a mouse: every control can be reached with Tab and used with the keyboard alone."""

import time

import pytest
from playwright.sync_api import Locator, Page, expect

from cnnlab.data.samples import write_samples
from cnnlab.store.records import Status

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
SLOW_MS = 180_000
"""Torch is imported first, and the machine may be busy."""
MAX_TABS = 250
RUNS_SECONDS = 420
HAS_FOCUS = "element => element === document.activeElement"


def reach(page: Page, target: Locator, *, key: str = "Tab") -> Locator:
    """Press Tab until the target has the focus, like a user without a mouse."""
    expect(target).to_be_visible(timeout=SLOW_MS)
    expect(target).to_be_enabled(timeout=SLOW_MS)
    for _ in range(MAX_TABS):
        if target.evaluate(HAS_FOCUS):
            return target
        page.keyboard.press(key)
    raise AssertionError(f"Pressing {key} {MAX_TABS} times did not reach {target}.")


def press(page: Page, label: str, *, key: str = "Tab") -> None:
    reach(page, page.get_by_role("button", name=label, exact=True), key=key)
    page.keyboard.press("Enter")


def write(page: Page, field: Locator, text: str) -> None:
    reach(page, field)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def heading(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible(timeout=SLOW_MS)


def wait_for_end(server) -> None:
    end = time.monotonic() + RUNS_SECONDS
    while time.monotonic() < end:
        statuses = [run.status for run in server.store.runs.list()]
        if statuses == [Status.FINISHED]:
            return
        time.sleep(0.3)
    raise AssertionError(statuses)


def test_the_keyboard_is_enough_to_get_from_home_to_a_prediction(server, page, tmp_path):
    folder = tmp_path / "animals"
    write_samples("drawings", folder, per_class=8, seed=0)
    page.goto(server.url)
    press(page, "Use my own pictures")
    heading(page, "Data")
    write(page, page.get_by_label("Path of the folder", exact=True), str(folder))
    page.keyboard.press("Tab")
    press(page, "Add folder", key="Shift+Tab")
    expect(page.locator(".st-key-data-gallery button").first).to_be_visible(timeout=SLOW_MS)
    reach(page, page.get_by_test_id("stSidebarNavLink").filter(has_text="Train"))
    page.keyboard.press("Enter")
    heading(page, "Train")
    for label, value in (("Epochs", "2"), ("Image size", "32")):
        write(page, page.get_by_label(label, exact=True), value)
        page.keyboard.press("Enter")
        expect(page.get_by_label(label, exact=True)).to_have_value(value)
    press(page, "Start", key="Shift+Tab")
    expect(page.locator(".st-key-train-live-loss .js-line").first).to_be_attached(timeout=SLOW_MS)
    wait_for_end(server)
    press(page, "Next: Compare")
    heading(page, "Compare")
    reach(page, page.get_by_role("tab", name="Curves"))
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Figures")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Figures")).to_have_attribute("aria-selected", "true")
    press(page, "Next: Predict")
    heading(page, "Predict")
    photo = next((folder / "poodle").iterdir())
    page.locator(".st-key-predict-upload input[type=file]").set_input_files(photo)
    expect(page.locator("[class*=st-key-predict-bars] svg.main-svg").first).to_be_visible(timeout=SLOW_MS)
    slider = reach(page, page.get_by_role("slider"))
    page.keyboard.press("ArrowRight")
    expect(page.locator(".st-key-predict-opacity").get_by_text("65 %")).to_be_visible()
    expect(slider).to_be_visible()
