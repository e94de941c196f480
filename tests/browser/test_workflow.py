"""The whole workflow on real photos and on a faulty folder, and what must survive tabs, refreshes and servers."""

import re
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from cnnlab.data.samples import write_samples
from cnnlab.store.datasets import pictures_of, register_folder
from cnnlab.store.records import Status

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]
SLOW_MS = 180_000
"""Torch is imported first, and the machine may be busy."""
CURVE = ".st-key-train-live-loss .js-line"
RUNS_SECONDS = 420
"""For three tiny runs, each in its own process."""
PHONE = {"width": 390, "height": 844}
FITS = "document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth"
CONTENT = {
    "home": ".st-key-home_beginning",
    "data": ".st-key-data-gallery button",
    "augment": ".st-key-augment-draws img",
    "architecture": "[class*=st-key-diagram] svg g.node >> visible=true",
    "train": CURVE,
    "compare": "[class*=st-key-compare-curves] svg.main-svg",
    "predict": "[class*=st-key-predict-bars] .js-plotly-plot",
}


def heading(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible(timeout=SLOW_MS)


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).click()


def next_page(page: Page, title: str) -> None:
    press(page, f"Next: {title}")
    heading(page, title)


def set_number(page: Page, label: str, value: int) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(str(value))
    field.press("Enter")
    expect(field).to_have_value(str(value))


def add_folder(page: Page, path: Path) -> None:
    page.locator(".st-key-data-path input").fill(str(path))
    page.keyboard.press("Tab")
    press(page, "Add folder")
    expect(page.locator(".st-key-data-gallery button").first).to_be_visible(timeout=SLOW_MS)


def add_drawings(server, *, per_class: int = 12):
    folder = server.home / "datasets" / "drawings"
    write_samples("drawings", folder, per_class=per_class, seed=0)
    return register_folder(server.store, folder)


def start_long_run(page: Page, server) -> str:
    """Start a run that outlasts any test, and wait for its first point; return its id."""
    add_drawings(server)
    page.goto(f"{server.url}/train")
    set_number(page, "Epochs", 900)
    set_number(page, "Image size", 32)
    press(page, "Start")
    expect(page.locator(CURVE).first).to_be_attached(timeout=SLOW_MS)
    return server.store.runs.list()[0].run_id


def end_of(server, count: int) -> None:
    """Wait until there are `count` runs and all have finished."""
    end = time.monotonic() + RUNS_SECONDS
    while time.monotonic() < end:
        runs = server.store.runs.list()
        if len(runs) == count and all(run.status is Status.FINISHED for run in runs):
            return
        time.sleep(0.3)
    raise AssertionError([(run.name, run.status, run.reason) for run in server.store.runs.list()])


def test_the_workflow_leads_from_a_folder_of_photos_to_a_prediction(server, page, real_data):
    page.goto(server.url)
    press(page, "Use my own pictures")
    heading(page, "Data")
    add_folder(page, real_data / "poodle_siamese" / "all")
    next_page(page, "Augment")
    expect(page.locator(CONTENT["augment"]).first).to_be_visible(timeout=SLOW_MS)
    next_page(page, "Architecture")
    expect(page.locator(CONTENT["architecture"]).first).to_be_visible(timeout=SLOW_MS)
    next_page(page, "Train")
    set_number(page, "Epochs", 2)
    set_number(page, "Image size", 32)
    press(page, "Train all three")
    expect(page.locator(CURVE).first).to_be_attached(timeout=SLOW_MS)
    end_of(server, 3)
    next_page(page, "Compare")
    expect(page.locator(CONTENT["compare"]).first).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_text(re.compile("has the highest validation accuracy|are tied: each has")).first).to_be_visible()
    next_page(page, "Predict")
    photo = next((real_data / "poodle_siamese" / "all").rglob("*.jpg"))
    page.locator(".st-key-predict-upload input[type=file]").set_input_files(photo)
    expect(page.locator(CONTENT["predict"])).to_have_count(3, timeout=SLOW_MS)
    expect(page.get_by_role("img", name=re.compile("^Where .* saw"))).to_have_count(3, timeout=SLOW_MS)


def test_a_faulty_folder_is_rejected_or_added_with_its_faults_listed_and_trains(server, page, tmp_path):
    folder = tmp_path / "faulty"
    write_samples("drawings", folder, per_class=8, seed=0)
    (folder / "poodle" / "letter.jpg").write_text("this is a letter and no picture")
    (folder / "nothing").mkdir()
    alone = tmp_path / "alone"
    shutil.copytree(folder / "poodle", alone / "poodle")
    page.goto(f"{server.url}/data")
    page.locator(".st-key-data-path input").fill(str(alone))
    page.keyboard.press("Tab")
    expect(page.get_by_text("contains only one class").first).to_be_visible()
    expect(page.get_by_role("button", name="Add folder", exact=True)).to_be_disabled()
    add_folder(page, folder)
    expect(page.get_by_text("1 file cannot be read").first).to_be_visible()
    expect(page.get_by_text("The class 'nothing' has no readable picture").first).to_be_visible()
    page.goto(f"{server.url}/train")
    set_number(page, "Epochs", 1)
    set_number(page, "Image size", 32)
    press(page, "Start")
    end_of(server, 1)


@pytest.fixture
def two_runs(trained_home, tmp_path, server_tools):
    """A fresh server on a workspace with a data set and three runs."""
    shutil.copytree(trained_home, tmp_path / "home")
    server = server_tools.start(tmp_path / "home")
    yield server
    server_tools.end(server)


def deep_link(server, name: str) -> str:
    store = server.store
    dataset = store.datasets.all()[0]
    ids = [run.run_id for run in store.runs.list()][:2]
    picture = pictures_of(store, dataset, limit=1)[0].id[:12]
    query = f"dataset={dataset.name}&run={ids[0]}&runs={','.join(ids)}&picture={picture}"
    return f"{server.url}/{'' if name == 'home' else name}?{query}"


@pytest.mark.parametrize("name", list(CONTENT))
def test_a_deep_link_shows_its_content_on_a_fresh_server_and_fits_a_phone(two_runs, page, name):
    page.goto(deep_link(two_runs, name))
    expect(page.locator(CONTENT[name]).first).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_test_id("stSidebar").get_by_role("combobox")).to_have_value("two_colours0")
    page.set_viewport_size(PHONE)
    page.reload()
    expect(page.locator(CONTENT[name]).first).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.wait_for_function(FITS)


def test_a_refresh_during_training_keeps_everything_and_a_second_tab_shows_the_same_run(server, page):
    run_id = start_long_run(page, server)
    assert run_id in page.url
    page.reload()
    expect(page.locator(CURVE).first).to_be_attached(timeout=SLOW_MS)
    assert run_id in page.url
    expect(page.get_by_label("Epochs", exact=True)).to_have_value("900")
    name = server.store.runs.get(run_id).name
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator(CURVE).first).to_be_attached(timeout=SLOW_MS)
    expect(other.locator(f".st-key-train_status_{run_id}")).to_contain_text(name)
    other.locator(f".st-key-train_status_{run_id}").get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible(timeout=SLOW_MS)
    expect(other.get_by_role("button", name="Resume")).to_be_visible(timeout=SLOW_MS)
    assert len(server.store.runs.list()) == 1


def test_training_survives_a_killed_server_and_a_new_one_shows_it(server, page, server_tools, record_property):
    run_id = start_long_run(page, server)
    page.goto("about:blank")
    server.process.send_signal(signal.SIGKILL)
    server.process.wait(timeout=20)
    step = server.store.runs.get(run_id).step
    end = time.monotonic() + SLOW_MS / 1000
    while server.store.runs.get(run_id).step <= step and time.monotonic() < end:
        time.sleep(0.2)
    run = server.store.runs.get(run_id)
    assert run.step > step
    assert run.is_active
    second = server_tools.start(server.home)
    try:
        begin = time.monotonic()
        page.goto(f"{second.url}/train?run={run_id}")
        expect(page.locator(CURVE).first).to_be_attached(timeout=SLOW_MS)
        expect(page.get_by_test_id("stSidebar").get_by_text(run.name).first).to_be_visible()
        seconds = time.monotonic() - begin
        record_property("seconds_until_the_live_run_is_shown", seconds)
        sys.stdout.write(f"The live run appeared {seconds:.1f} s after opening the page on a new server.\n")
        page.locator(f".st-key-train_status_{run_id}").get_by_role("button", name="Stop", exact=True).click()
        expect(page.get_by_role("button", name="Resume")).to_be_visible(timeout=SLOW_MS)
        page.goto("about:blank")
    finally:
        server_tools.end(second)
