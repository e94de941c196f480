"""Errors are shown on the current page and are still there two seconds later; no message covers a button."""

import shutil

import pytest
from playwright.sync_api import Page, expect

from cnnlab.data.samples import write_samples
from cnnlab.store.datasets import register_folder
from cnnlab.store.records import Status
from cnnlab.ui import keys
from tests.browser.conftest import Server, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
READ_MS = 2000
START_MS = 180_000
COVERING = """button => {
    const box = button.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return button.contains(top) ? '' : top?.outerHTML.slice(0, 200) ?? 'nothing';
}"""

SHOWN = """() => {
    window.shown = [];
    window.addEventListener('invalid', event => {
        // after all other listeners: the browser shows any message not prevented by now in a bubble at the field
        Promise.resolve().then(() => event.defaultPrevented || window.shown.push(event.target.validationMessage));
    }, true);
}"""


def register_drawings(server: Server) -> None:
    folder = server.home / "pictures" / "drawings"
    write_samples("drawings", folder, per_class=12, seed=0)
    register_folder(server.store, folder)


def still_says(page: Page, text: str) -> None:
    """Expect the sentence now, and again after the time it takes to read it."""
    sentence = page.locator(".st-key-frame_messages").get_by_text(text)
    expect(sentence).to_be_visible()
    page.wait_for_timeout(READ_MS)
    settled(page)
    expect(sentence).to_be_visible()


def press(page: Page, name: str) -> None:
    page.get_by_test_id("stMain").get_by_role("button", name=name, exact=True).click()


def start_run(server: Server, page: Page) -> str:
    page.goto(f"{server.url}/train")
    press(page, "Start")
    pause = page.get_by_test_id("stMain").get_by_role("button", name="Pause", exact=True)
    expect(pause).to_be_enabled(timeout=START_MS)
    (run,) = server.store.runs.list()
    return run.run_id


def test_a_run_that_cannot_continue_says_why_for_long_enough_to_read(server, page):
    register_drawings(server)
    run_id = start_run(server, page)
    expect(page.locator(".st-key-train-live-loss .js-line").first).to_be_attached(timeout=START_MS)
    press(page, "Pause")
    expect(page.get_by_test_id("stMain").get_by_role("button", name="Continue", exact=True)).to_be_enabled()
    some = next((server.home / "pictures" / "drawings").glob("*/*"))
    shutil.copy(some, some.with_name("copy" + some.suffix))
    press(page, "Continue")
    still_says(page, "changed since run")
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Data").click()
    still_says(page, "changed since run")
    page.get_by_test_id("stMain").get_by_role("button", name="Dismiss").click()
    expect(page.locator(".st-key-frame_messages").get_by_text("changed since run")).to_have_count(0)
    assert server.store.runs.get(run_id).status is Status.PAUSED


def test_a_second_click_on_pause_never_hits_another_button(server, page):
    register_drawings(server)
    run_id = start_run(server, page)
    pause = page.get_by_test_id("stMain").get_by_role("button", name="Pause", exact=True)
    box = pause.bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for _ in range(8):
        page.mouse.click(*middle)
        page.wait_for_timeout(250)
    expect(page.get_by_test_id("stMain").get_by_role("button", name="Continue", exact=True)).to_be_enabled()
    assert server.store.runs.get(run_id).status is Status.PAUSED


def test_starting_without_the_folder_shows_an_error(server, page):
    register_drawings(server)
    page.goto(f"{server.url}/train")
    shutil.rmtree(server.home / "pictures")
    press(page, "Start")
    still_says(page, "no longer exists, so there is nothing to train on")
    assert server.store.runs.list() == ()


def test_a_data_set_needs_a_name_and_one_in_use_cannot_be_forgotten(server, page):
    register_drawings(server)
    start_run(server, page)
    page.goto(f"{server.url}/data")
    press(page, "Forget")  # first: the run must still be using it
    page.get_by_role("button", name="Forget it").click()
    still_says(page, "is used by run")
    assert not server.store.datasets.all()[0].forgotten
    page.keyboard.press("Escape")
    press(page, "Rename")
    page.get_by_role("textbox", name="Name").fill("   ")
    page.get_by_role("textbox", name="Name").press("Tab")
    page.locator(f".st-key-{keys.DATA_RENAME.replace('.', '-')} button").click()
    still_says(page, "needs a name")


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1366, 768)])
def test_no_message_covers_the_primary_button(server, page, width, height):
    register_drawings(server)
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{server.url}/train")
    press(page, "Train all three")
    expect(page.locator(".st-key-frame_messages").get_by_text("3 runs filed")).to_be_visible()
    start = page.get_by_test_id("stMain").get_by_role("button", name="Start", exact=True)
    assert start.evaluate(COVERING) == ""


def test_a_class_name_that_cannot_be_a_folder_is_rejected_and_the_pictures_stay_chosen(server, page):
    page.goto(f"{server.url}/data")
    page.get_by_role("radio", name="Photos").click()
    page.locator(".st-key-data-label input").fill("dog/cat")
    page.keyboard.press("Enter")
    write_samples("drawings", server.home / "sent", per_class=1, seed=0)
    some = next((server.home / "sent").glob("*/*"))
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(some)
    press(page, "Add pictures")
    still_says(page, "'dog/cat' is not a valid class name")
    expect(page.get_by_role("button", name=f"Remove {some.name}")).to_be_visible()
    expect(page.get_by_test_id("stMain").get_by_role("button", name="Add pictures", exact=True)).to_be_enabled()


def test_text_that_is_not_a_pipeline_is_rejected_and_kept(server, page):
    register_drawings(server)
    page.goto(f"{server.url}/augment")
    page.get_by_text("As text (YAML)").click()
    text = page.get_by_role("textbox", name="Or paste a pipeline")
    text.fill("image_size: [64\nsteps:")
    press(page, "Use this text")
    still_says(page, "The pipeline is not valid YAML")
    expect(text).to_be_visible()
    expect(text).to_have_value("image_size: [64\nsteps:")


def test_an_active_run_cannot_be_deleted_and_the_reason_stays_visible(server, page):
    register_drawings(server)
    run_id = start_run(server, page)
    page.get_by_test_id("stMain").get_by_role("button", name="More", exact=True).click()
    reason = page.get_by_text("Still running. Stop it before deleting it.")
    expect(reason).to_be_visible()
    expect(page.get_by_role("button", name="Delete", exact=True)).to_be_disabled()
    page.wait_for_timeout(READ_MS)
    expect(reason).to_be_visible()
    assert server.store.runs.get(run_id).is_active


def test_a_failed_run_is_reported_once_on_any_page(server, page):
    register_drawings(server)
    run_id = start_run(server, page)
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Architecture").click()
    expect(page.get_by_role("heading", name="Architecture", exact=True)).to_be_visible()
    run = server.store.runs.get(run_id)
    assert run.process is not None
    run.process.end(patience_seconds=0)
    still_says(page, f"{run.name}: ")
    page.get_by_test_id("stMain").get_by_role("button", name="Dismiss").click()
    page.reload()
    settled(page)
    expect(page.get_by_text("Nothing is running.")).to_be_visible()
    expect(page.locator(".st-key-frame_messages").get_by_text(run.name)).to_have_count(0)


def test_a_decimal_comma_is_understood_and_a_separator_in_a_whole_number_is_rejected(server, page):
    register_drawings(server)
    page.goto(f"{server.url}/train")
    page.evaluate(SHOWN)
    rate = page.get_by_role("spinbutton", name="Learning rate")
    rate.click()
    rate.press("Control+a")
    rate.press_sequentially("0,001")
    rate.press("Enter")
    settled(page)
    expect(rate).to_have_value("0.001")
    epochs = page.get_by_role("spinbutton", name="Epochs", exact=True)
    epochs.click()
    for separator in ",.":
        epochs.press("Control+a")
        epochs.press_sequentially(f"1{separator}")
        assert page.evaluate("window.shown.pop()") == "Type a whole number without separators."


def test_a_comma_that_may_group_thousands_is_rejected_and_the_value_stays(server, page):
    register_drawings(server)
    page.goto(f"{server.url}/train")
    rate = page.get_by_role("spinbutton", name="Learning rate")
    rate.wait_for()
    kept = settled(page).get_by_role("spinbutton", name="Learning rate").input_value()
    message = "1,000 can be read two ways: type 1000 or 1.0."
    page.evaluate(SHOWN)
    rate.click()
    rate.press("Control+a")
    rate.press_sequentially("1,000")
    rate.press("Enter")
    assert page.evaluate("window.shown.splice(0)") == [message, message]
    rate.press("Tab")
    expect(rate).to_have_value(kept)
    expect(rate).to_be_focused()
    assert page.evaluate("window.shown") == [message]
    page.reload()
    expect(rate).to_have_value(kept)
    rate.click()
    for typed, understood in (("0,125", "0.125"), ("0,0005", "0.0005"), ("1.000", "1")):
        rate.press("Control+a")
        rate.press_sequentially(typed)
        rate.press("Enter")
        expect(rate).to_have_value(understood)


def test_a_group_of_settings_stays_open_when_the_number_in_its_title_changes(server, page):
    register_drawings(server)
    page.goto(f"{server.url}/train")
    page.get_by_text("Against overfitting").click()
    decay = page.get_by_role("spinbutton", name="Weight decay")
    expect(decay).to_be_visible()
    decay.fill("0.3")
    decay.press("Enter")
    expect(page.get_by_text("Against overfitting · 1 changed")).to_be_visible()
    settled(page)
    expect(decay).to_be_visible()
