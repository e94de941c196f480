"""The diagram of a network after changes: the browser updates it in place and must not lose a box."""

import random

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
FIRST_ANSWER_MS = 120_000
MAX_LOOKS = 5
CHANGES = 30
SEED = 8
FAMILIES = ("VGG", "GoogLeNet", "ResNet")
SHAPES = """chart => [...chart.querySelectorAll('svg g.node')].map(node => {
    const words = [...node.querySelectorAll('text')].map(text => text.textContent).join(' ');
    const shapes = [...node.querySelectorAll('path, polygon, ellipse')].map(shape => shape.tagName).join(' ');
    return `${shapes}: ${words}`;
}).sort()"""


def settled_nodes(page: Page) -> list[str]:
    """Shape and text of every node of the diagram, once it no longer changes."""
    chart = page.locator(".st-key-diagram_across")
    expect(chart.locator("svg g.node").first).to_be_visible(timeout=FIRST_ANSWER_MS)
    before: list[str] = []
    while True:
        settled(page)
        nodes: list[str] = chart.evaluate(SHAPES)
        if nodes == before:
            return nodes
        before = nodes


def change_something(page: Page, chance: random.Random) -> str:
    """Choose a random family, or flip a random enabled switch."""
    if chance.random() < 0.3:
        family = chance.choice(FAMILIES)
        page.get_by_role("button", name=family, exact=True).click()
        return family
    switches = page.locator("[data-testid=stMain] [data-testid=stCheckbox] label:visible:has(input:enabled)")
    switch = switches.nth(chance.randrange(switches.count()))
    name = str(switch.locator("input").get_attribute("aria-label"))
    switch.locator("> div").first.click()
    return f"{name} switched"


def difference(page: Page, fresh: Page) -> list[tuple[list[str], list[str]]]:
    """The nodes of this diagram and of one on a fresh page, if they still differ after the last click has arrived."""
    for _ in range(MAX_LOOKS):
        fresh.goto(page.url)
        expected, actual = settled_nodes(fresh), settled_nodes(page)
        if actual == expected:
            return []
    return [(actual, expected)]


def test_the_diagram_after_any_change_equals_that_of_a_fresh_page(server, page):
    chance = random.Random(SEED)
    page.goto(f"{server.url}/architecture?family=resnet&preset=small")
    settled_nodes(page)
    fresh = page.context.new_page()
    done = []
    for _ in range(CHANGES):
        done.append(change_something(page, chance))
        assert difference(page, fresh) == [], f"after {', '.join(done)}"
    assert len(set(done)) > len(FAMILIES), "only families were changed"
