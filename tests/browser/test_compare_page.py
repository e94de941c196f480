"""The Compare page in a real browser: clicks, downloads, the address, a phone."""

import csv
import io
import itertools
import re
import shutil
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from cnnlab.store.store import Store
from cnnlab.workspace import Workspace

from .conftest import settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
MAX_BACK = 4
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def lab(server, trained_home):
    """The server's workspace with three trained runs; returns their ids by family."""
    shutil.copytree(trained_home, server.home, dirs_exist_ok=True)
    store = Store.open(Workspace.at(server.home))
    runs = {run.family: run.run_id for run in store.runs.list()}
    store.close()
    return runs


def open_panel(page, name):
    page.get_by_role("tab", name=name, exact=True).click()
    expect(page.get_by_role("tab", name=name, exact=True)).to_have_attribute("aria-selected", "true")
    return settled(page)


def text_of(download):
    return download.path().read_text(encoding="utf-8")


def test_a_cell_of_a_matrix_opens_its_pictures_by_mouse_and_by_keyboard(server, lab, page):
    page.goto(f"{server.url}/compare?runs={lab['vgg']}")
    open_panel(page, "Confusion")
    plot = page.locator(f".st-key-compare-confusion-{lab['vgg']} .nsewdrag").first
    expect(plot).to_be_visible()
    size = plot.bounding_box()
    box = page.locator(".st-key-compare-cell")
    places = {"blue": 0.25, "red": 0.75}
    for true, predicted in itertools.product(places, places):
        plot.click(position={"x": size["width"] * places[predicted], "y": size["height"] * places[true]})
        what = f"{true} recognised" if true == predicted else f"{true} mistaken for {predicted}"
        expect(box.get_by_role("combobox")).to_have_value(re.compile(what))
        settled(page)
    box.get_by_role("combobox").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    settled(page)
    expect(page.locator(".st-key-compare-cell_grid li").first).to_be_visible()


def test_ticks_are_in_the_address_and_survive_a_refresh(server, lab, page):
    page.goto(f"{server.url}/compare?runs={lab['vgg']},{lab['resnet']}")
    expect(page.get_by_text("highest validation accuracy")).to_be_visible()
    table = page.get_by_test_id("stDataFrame").first
    table.click(position={"x": 18, "y": 52})  # the newest run: ResNet
    expect(page).to_have_url(re.compile(rf"runs={lab['vgg']}$"))
    page.reload()
    expect(page.get_by_role("tab", name="Curves", exact=True)).to_be_visible()
    settled(page)
    expect(page.get_by_text("highest validation accuracy")).to_have_count(0)


def test_back_and_forth_removes_the_compared_runs_from_the_address_and_restores_them(server, lab, page):
    def is_on(title):
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
        settled(page)
        assert ("runs=" in page.url) is (title == "Compare")

    page.goto(f"{server.url}/augment")
    is_on("Augment")
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Compare").click()
    expect(page).to_have_title("Compare · 2 runs · CNN Lab")
    is_on("Compare")
    page.get_by_test_id("stDataFrame").first.click(position={"x": 18, "y": 122})  # the oldest run as well
    expect(page).to_have_title("Compare · 3 runs · CNN Lab")
    is_on("Compare")
    three = parse_qs(urlsplit(page.url).query)["runs"]
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Train").click()
    is_on("Train")
    page.go_back()
    expect(page).to_have_title("Compare · 3 runs · CNN Lab")
    is_on("Compare")
    assert parse_qs(urlsplit(page.url).query)["runs"] == three
    for _ in range(MAX_BACK):  # each set of runs has its own entry in the history
        page.go_back()
        settled(page)
        if "/compare" not in page.url:
            break
    is_on("Augment")


def test_the_tab_title_says_what_is_shown_and_does_not_flicker(server, lab, page):
    page.goto(f"{server.url}/compare?runs={lab['vgg']},{lab['resnet']}")
    expect(page).to_have_title("Compare · 2 runs · CNN Lab")
    settled(page)
    page.evaluate("""() => {
        window.titles = [];
        new MutationObserver(() => window.titles.push(document.title))
            .observe(document.querySelector('title'), {childList: true});
    }""")
    open_panel(page, "Settings")
    settled(page)
    assert set(page.evaluate("window.titles")) <= {"Compare · 2 runs · CNN Lab"}
    (dataset,) = server.store.datasets.all()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Data").click()
    expect(page).to_have_title(f"Data · {dataset.name} · CNN Lab")
    page.goto(f"{server.url}/train?run={lab['vgg']}")
    expect(page).to_have_title(f"Train · {server.store.runs.get(lab['vgg']).name} · CNN Lab")
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Home").click()
    expect(page).to_have_title("Home · CNN Lab")


def test_curves_and_predictions_are_downloaded_as_tables(server, lab, page):
    page.goto(f"{server.url}/compare?runs={lab['vgg']}")
    open_panel(page, "Manage")
    with page.expect_download() as curves:
        page.get_by_role("button", name="Curves", exact=True).click()
    assert "loss" in text_of(curves.value).splitlines()[0]
    with page.expect_download() as predictions:
        page.get_by_role("button", name="Predictions", exact=True).click()
    rows = list(csv.DictReader(io.StringIO(text_of(predictions.value))))
    assert len(rows) == 8 and {row["true"] for row in rows} == {"blue", "red"}
    with page.expect_download() as weights:
        page.get_by_role("button", name="Weights", exact=True).click()
    assert weights.value.suggested_filename.endswith("weights.safetensors")
    with page.expect_download() as epochs:
        page.get_by_role("button", name="Epochs", exact=True).click()
    assert "val_accuracy" in text_of(epochs.value).splitlines()[0]
    with page.expect_download() as settings:
        page.get_by_role("button", name="Configuration", exact=True).click()
    assert "architecture:" in text_of(settings.value)


def test_a_download_outlives_the_pages_that_are_drawn_before_the_browser_fetches_it(server, lab, page):
    other = page.context.new_page()
    other.goto(server.url)
    settled(other)
    page.goto(f"{server.url}/compare?runs={lab['vgg']}")
    open_panel(page, "Manage")

    with page.expect_download() as made:
        page.get_by_role("button", name="Epochs", exact=True).click()
    for _ in range(3):
        other.reload()
        settled(other)
    late = page.request.get(made.value.url)
    assert late.ok
    assert "val_accuracy" in late.text()


@pytest.mark.parametrize("kind", ["PNG", "SVG"])
def test_a_figure_is_downloaded(server, lab, page, kind):
    page.goto(f"{server.url}/compare?runs={lab['vgg']},{lab['resnet']}")
    open_panel(page, "Cost")
    figure = page.locator(".st-key-compare-cost-parameters")
    expect(figure.locator(".points path").first).to_be_attached()
    with page.expect_download() as made:
        figure.get_by_role("button", name=re.compile(kind)).click()
    begins = {"PNG": b"\x89PNG", "SVG": b"<svg"}[kind]
    assert made.value.path().read_bytes().startswith(begins)


def test_a_run_is_renamed_cloned_into_the_form_and_deleted(server, lab, page):
    page.goto(f"{server.url}/compare?runs={lab['vgg']}")
    open_panel(page, "Manage")
    page.get_by_label("Name", exact=True).fill("a better name")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("a better name: saved.")).to_be_visible()
    page.get_by_role("button", name="Clone into the form").click()
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible()
    expect(page.get_by_label("Batch size", exact=True)).to_have_value("4")
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Compare").click()
    open_panel(page, "Manage")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The pictures stay.")).to_be_visible()
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("a better name: deleted.")).to_be_visible()
    assert lab["vgg"] not in {run.run_id for run in server.store.runs.list()}
    assert lab["vgg"] not in page.url


def test_on_a_phone_nothing_is_cut_off_sideways(server, lab, page):
    page.set_viewport_size(PHONE)
    page.goto(f"{server.url}/compare?runs={','.join(lab.values())}")
    for name in ("Curves", "Figures", "Confusion", "Cost", "Article's plot", "Manage"):
        open_panel(page, name)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
