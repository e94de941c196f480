"""What a newcomer does first, with a real server and a real browser."""

import re
import time

import psutil
import pytest
from playwright.sync_api import Page, expect

from cnnlab.store.records import Status

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
RUNS_SECONDS = 600
NAMES = ("data", "augment", "architecture", "train", "compare", "predict")
CURVE = ".st-key-train-live-loss .js-line"


def start_and_wait(page: Page, server=None) -> str | None:
    """Start a run that outlasts any test, and wait for its first points; return its id if a server is given."""
    epochs = page.get_by_label("Epochs", exact=True)
    epochs.fill("5000")
    epochs.press("Enter")
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(CURVE).first).to_be_attached(timeout=180_000)
    return None if server is None else server.store.runs.list(limit=1)[0].run_id


def wait_for_end(server) -> None:
    """Wait until all runs have finished."""
    end = time.monotonic() + RUNS_SECONDS
    while time.monotonic() < end:
        statuses = [run.status for run in server.store.runs.list()]
        if statuses == [Status.FINISHED] * 3:
            return
        time.sleep(0.3)
    raise AssertionError(statuses)


def heading(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()


@pytest.mark.parametrize("name", NAMES)
def test_a_link_to_a_page_opens_it_on_a_fresh_server(server, page, name):
    page.goto(f"{server.url}/{name}")
    heading(page, name.capitalize())
    expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(7)
    expect(page.get_by_text("Nothing is running.")).to_be_visible()
    assert page.get_by_role("dialog").count() == 0
    assert page.url.partition("?")[0] == f"{server.url}/{name}"  # a page may add its choices to the address


def test_show_me_trains_all_three_and_everything_can_be_stopped(server, page):
    page.goto(server.url)
    heading(page, "Home")
    page.get_by_role("button", name="Show me", exact=True).dblclick()
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible(timeout=180_000)
    runs = server.store.runs.list()
    assert sorted(run.family for run in runs) == ["googlenet", "resnet", "vgg"]
    expect(page).to_have_url(re.compile("run="))
    expect(page.locator(".st-key-train-live-loss .js-line").first).to_be_attached(timeout=180_000)
    page.reload()
    expect(page.locator(".st-key-train-live-loss .js-line").first).to_be_attached()
    page.get_by_role("button", name="Stop everything").click()
    page.get_by_role("button", name="Stop everything now").click()
    expect(page.get_by_text("Nothing is running.")).to_be_visible()
    assert {run.status for run in server.store.runs.list()} == {Status.STOPPED}


def test_show_me_leads_to_a_prediction_with_heat_maps_despite_refreshes(server, page):
    page.goto(server.url)
    page.get_by_role("button", name="Show me", exact=True).click()
    page.reload()
    heading(page, "Train")
    expect(page.get_by_text("1 of 3.")).to_be_visible(timeout=180_000)
    second = page.context.new_page()
    second.goto(page.url)
    expect(second.get_by_text("of 3.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("of 3.")).to_be_visible()
    address = page.url
    for tab in (page, second):
        tab.goto("about:blank")  # live pages use a core, and training needs both
    wait_for_end(server)
    for tab in (page, second):
        tab.goto(address)
        expect(tab.get_by_role("button", name="Compare them")).to_be_visible()
    second.close()
    page.get_by_role("button", name="Compare them").click()
    heading(page, "Compare")
    page.get_by_role("button", name="Try them out").click()
    heading(page, "Predict")
    expect(page.get_by_role("img", name=re.compile("^Where .* saw"))).to_have_count(3, timeout=180_000)
    expect(page.get_by_text(re.compile(r"runs? predicts?")).first).to_be_visible()
    page.get_by_role("button", name="My pictures").click()
    heading(page, "Data")


def test_self_updating_pages_survive_many_changes_of_page(server, page):
    _register_drawings(server)
    page.goto(f"{server.url}/train")
    start_and_wait(page)
    for _ in range(4):
        page.get_by_role("button", name="Next: Compare").click()
        heading(page, "Compare")
        page.get_by_role("button", name="Next: Predict").or_(page.get_by_role("button", name="Train a network")).click()
        heading(page, "Predict")
        page.get_by_test_id("stSidebarNavLink").filter(has_text="Train").click()
        heading(page, "Train")
    expect(page.locator(CURVE).first).to_be_attached()


def test_a_killed_worker_leaves_an_interrupted_run_that_can_be_resumed(server, page):
    _register_drawings(server)
    page.goto(f"{server.url}/train")
    run_id = start_and_wait(page, server)
    (worker,) = server.store.workers.living()
    psutil.Process(worker.process.pid).kill()
    resume = page.get_by_role("button", name="Resume", exact=True)
    expect(resume).to_be_visible()
    expect(page.get_by_text(re.compile("Interrupted.*Resume it"))).to_be_visible()
    assert server.store.runs.get(run_id).status is Status.INTERRUPTED
    resume.click()
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_enabled(timeout=180_000)
    assert server.store.runs.get(run_id).attempt == 2


def test_a_run_is_paused_continued_and_stopped_and_another_tab_agrees(server, page):
    _register_drawings(server)
    page.goto(f"{server.url}/train")
    second = page.context.new_page()
    second.goto(f"{server.url}/train")
    expect(second.get_by_text("Nothing is running.")).to_be_visible()
    run_id = start_and_wait(page, server)
    expect(second.get_by_role("button", name="Pause", exact=True)).to_be_enabled()
    second.get_by_role("button", name="Pause", exact=True).click()
    for tab in (page, second):
        expect(tab.get_by_role("button", name="Continue", exact=True)).to_be_enabled()
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_enabled(timeout=180_000)
    page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop", exact=True).click()
    for tab in (page, second):  # nothing was running while it was paused, either
        expect(tab.get_by_role("button", name="Resume", exact=True)).to_be_visible()
        expect(tab.get_by_text("Nothing is running.")).to_be_visible()
    assert server.store.runs.get(run_id).status is Status.STOPPED
    second.close()


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
    from cnnlab.store.datasets import register_folder

    folder = server.home / "datasets" / "drawings"
    write_samples("drawings", folder, per_class=6, seed=0)
    register_folder(server.store, folder)
