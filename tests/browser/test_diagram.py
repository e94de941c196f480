"""The diagram of a network after changes: the browser updates a drawing in place, which must not lose a box."""

import random

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
FIRST_ANSWER_MS = 120_000
MOST_LOOKS = 5
CHANGES = 30
SEED = 8
FAMILIES = ("VGG", "GoogLeNet", "ResNet")
SHAPES = """chart => [...chart.querySelectorAll('svg g.node')].map(node => {
    const words = [...node.querySelectorAll('text')].map(text => text.textContent).join(' ');
    const shapes = [...node.querySelectorAll('path, polygon, ellipse')].map(shape => shape.tagName).join(' ');
    return `${shapes}: ${words}`;
}).sort()"""


def drawn(page: Page) -> list[str]:
    """Shape and words of every node of the drawing, once it no longer changes."""
    chart = page.locator(".st-key-diagram_across")
    expect(chart.locator("svg g.node").first).to_be_visible(timeout=FIRST_ANSWER_MS)
    before: list[str] = []
    while True:
        settled(page)
        found: list[str] = chart.evaluate(SHAPES)
        if found == before:
            return found
        before = found


def change_something(page: Page, chance: random.Random) -> str:
    """Choose another family, or flip one of the switches that can be pressed."""
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
    """What the drawing and that of a fresh page show, where they differ even after the last click has arrived."""
    for _ in range(MOST_LOOKS):
        fresh.goto(page.url)
        expected, found = drawn(fresh), drawn(page)
        if found == expected:
            return []
    return [(found, expected)]


def test_the_diagram_after_any_change_is_that_of_a_fresh_page(server, page):
    chance = random.Random(SEED)
    page.goto(f"{server.url}/architecture?family=resnet&preset=small")
    drawn(page)
    fresh = page.context.new_page()
    done = []
    for _ in range(CHANGES):
        done.append(change_something(page, chance))
        assert difference(page, fresh) == [], f"after {', '.join(done)}"
    assert len(set(done)) > len(FAMILIES), "only families were changed"
