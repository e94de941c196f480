"""No control is cut on the screens of schools, offices and projectors, open or folded."""

import pytest
from playwright.sync_api import Page

from cnnlab.data.samples import write_samples
from cnnlab.models.registry import family_names
from cnnlab.runs.execute import train
from cnnlab.store.datasets import register_folder
from cnnlab.training.recipes import make_config
from cnnlab.ui.navigation import PAGES
from tests.browser.conftest import Server, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
WIDTHS = ((1280, 720), (1366, 768), (1440, 900), (1920, 1080))
FIRST_ANSWER_MS = 120_000
CUT = """() => [...document.querySelectorAll(`[data-testid=stMain] :is(button, label, input, summary, [role=combobox],
    [role=radio], [role=radiogroup], [role=tab], [data-testid=stMetricValue], [data-testid=stMetricLabel])`)]
  .filter(one => one.offsetParent && one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1)
  .filter(one => one.tagName === 'INPUT' || getComputedStyle(one).overflowX !== 'visible')
  .map(one => (one.innerText || one.value || one.getAttribute('aria-label') || one.tagName).trim())"""
CUT_WORDS = """() => [...document.querySelectorAll('[data-testid=stMain] :is(button, label) .stMarkdownEllipsis')]
  .filter(one => one.offsetParent && one.scrollWidth > one.clientWidth + 1).map(one => one.innerText)"""


def fill(server: Server) -> None:
    folder = write_samples("drawings", server.home / "pictures" / "drawings", per_class=8, seed=0).folder
    register_folder(server.store, folder)
    for family in family_names():
        settings = {"training.epochs": 1, "pipeline.image_size": 32}
        train(make_config(data=folder, family=family, settings=settings), workspace=server.store.workspace)


def unfold(page: Page) -> None:
    for summary in page.locator("[data-testid=stMain] summary").all():
        if summary.is_visible():
            summary.click()
            settled(page)


def test_no_control_is_cut_open_or_folded_at_any_usual_width(server, page):
    fill(server)
    found = {}
    for name in PAGES:
        for size in WIDTHS:
            page.set_viewport_size({"width": size[0], "height": size[1]})
            page.goto(server.url if name == "home" else f"{server.url}/{name}")
            settled(page)
            for state in ("folded", "open"):
                if state == "open":
                    unfold(page)
                cut = [*page.evaluate(CUT), *page.evaluate(CUT_WORDS)]
                if cut:
                    found[name, size[0], state] = cut
    assert found == {}
