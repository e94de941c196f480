"""axe-core on every page with content, light and dark: no serious or critical violations."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from cnnlab.store.datasets import pictures_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
FIRST_ANSWER_MS = 180_000
"""The helper imports torch first, and the machine may be busy."""
GRAVE = {"serious", "critical"}
STREAMLITS_OWN = {
    "svg-img-alt": "the chart in st.metric has an empty group with role graphics-symbol, which a page cannot label",
}
"""Rules broken by Streamlit's own markup, which a page cannot fix, each with where and why."""
CONTENT = {
    "home": ".st-key-home_beginning",
    "data": ".st-key-data-gallery button",
    "augment": ".st-key-augment-draws img",
    "architecture": ".st-key-diagram_across svg g.node",
    "train": ".st-key-train-live-loss .js-line",
    "compare": "[class*=st-key-compare-curves] svg.main-svg",
    "predict": "[class*=st-key-predict-bars] svg.main-svg",
}
PANELS = ("Figures", "Settings", "Confusion", "Disagreement", "Cost", "Article's plot", "Manage")
themes = pytest.mark.parametrize("theme", ["light", "dark"])


@pytest.fixture(scope="module")
def served(trained_home: Path, tmp_path_factory: pytest.TempPathFactory, server_tools) -> Iterator:
    """One server for all tests in this file, on a workspace with a data set and three runs."""
    home = tmp_path_factory.mktemp("served") / "home"
    shutil.copytree(trained_home, home)
    server = server_tools.start(home)
    try:
        yield server
    finally:
        server_tools.end(server)


def address_of(server, name: str) -> str:
    """The address of a page with content: runs, and a picture of the data set."""
    store = server.store
    runs = [run.run_id for run in store.runs.list()]
    dataset = store.datasets.all()[0]
    shown = f"?dataset={dataset.name}&run={runs[0]}&runs={','.join(runs[:2])}"
    if name == "predict":
        shown += f"&picture={pictures_of(store, dataset, limit=1)[0].id[:12]}"
    return f"{server.url}/{'' if name == 'home' else name}{shown}"


def open_page(page: Page, server, name: str, theme: str) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.goto(address_of(server, name))
    expect(page.locator(CONTENT[name]).first).to_be_visible(timeout=FIRST_ANSWER_MS)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=FIRST_ANSWER_MS)


def violations(page: Page) -> list[str]:
    """Violations found by axe-core, a line for each element: the rule, its description, and the element."""
    results = Axe().run(page).response["violations"]
    return [
        f"{violation['id']} ({violation['impact']}): {violation['help']}: {node['target']} {node['html'][:160]}"
        for violation in results
        if violation["impact"] in GRAVE and violation["id"] not in STREAMLITS_OWN
        for node in violation["nodes"]
    ]


@themes
@pytest.mark.parametrize("name", list(CONTENT))
def test_a_page_with_content_has_no_serious_violation(served, page, name, theme):
    open_page(page, served, name, theme)
    assert violations(page) == []


@themes
def test_each_panel_of_the_comparison_has_no_serious_violation(served, page, theme):
    open_page(page, served, "compare", theme)
    by_panel = {}
    for panel in PANELS:
        page.get_by_role("tab", name=panel).click()
        expect(page.get_by_role("tabpanel").locator("p, svg, canvas, button").first).to_be_visible()
        expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
        by_panel[panel] = violations(page)
    assert all(by_panel[key] == [] for key in PANELS)


@themes
def test_the_picture_dialog_has_no_serious_violation(served, page, theme):
    open_page(page, served, "data", theme)
    page.locator(CONTENT["data"]).first.click()
    expect(page.get_by_role("dialog").get_by_role("img").first).to_be_visible()
    assert violations(page) == []


@themes
def test_the_pipeline_as_text_has_no_serious_violation(served, page, theme):
    open_page(page, served, "augment", theme)
    page.get_by_text("As text (YAML)").click()
    expect(page.get_by_test_id("stCode")).to_be_visible()
    assert violations(page) == []
