"""No control is cut off on the usual screens of schools, offices and projectors, open or folded."""

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

CUT_HINTS = """share => [...document.querySelectorAll('[data-testid=stMain] input[placeholder]')]
  .filter(one => one.offsetParent && !one.value && one.placeholder)
  .filter(one => {
    const look = getComputedStyle(one);
    const pen = document.createElement('canvas').getContext('2d');
    pen.font = look.font;
    const room = one.clientWidth - parseFloat(look.paddingLeft) - parseFloat(look.paddingRight);
    return (1 + share) * pen.measureText(one.placeholder).width > room;
  }).map(one => one.placeholder)"""
LENGTHEN = """share => {
    const more = text => text + text.slice(0, Math.ceil(share * text.length));
    const main = document.querySelector('[data-testid=stMain]');
    const words = document.createTreeWalker(main, NodeFilter.SHOW_TEXT, node => {
        const holder = node.parentElement;
        const is_icon = getComputedStyle(holder).fontFamily.includes('Material'); // extra letters break icons
        const is_word = node.data.trim() && !is_icon && !holder.closest('svg, style');
        return is_word ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_REJECT;
    });
    const found = [];
    while (words.nextNode()) found.push(words.currentNode);
    for (const node of found) node.data = more(node.data);
    const is_phrase = one => one.value.includes(' '); // single words come from the configuration and are not translated
    for (const chosen of [...main.querySelectorAll('input[role=combobox]')].filter(is_phrase))
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(chosen, more(chosen.value));
}"""
LONGER = 0.3
"""How much longer the same text is in German or French."""


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


def test_no_control_is_cut_off_open_or_folded_at_any_usual_width(server, page):
    fill(server)
    cut_off = {}
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
                    cut_off[name, size[0], state] = cut
    assert cut_off == {}


@pytest.mark.parametrize("name", ["train", "architecture"])
def test_longer_words_are_not_cut_off_on_a_small_screen(server, page, name):
    fill(server)
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{server.url}/{name}")
    settled(page)
    unfold(page)
    settled(page)
    page.evaluate(LENGTHEN, LONGER)
    assert [*page.evaluate(CUT), *page.evaluate(CUT_WORDS), *page.evaluate(CUT_HINTS, LONGER)] == []
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= main.clientWidth")
