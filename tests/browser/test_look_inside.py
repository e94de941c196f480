"""Augment and Architecture in a real browser, with the real helper process."""

import re

import pytest
from playwright.sync_api import expect

from cnnlab.data.samples import write_samples
from cnnlab.store.datasets import register_folder

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
FIRST_ANSWER_MS = 120_000
"""The helper imports torch first, and the machine may be busy."""
NARROW = {"width": 390, "height": 844}
IS_TOO_WIDE = "() => document.querySelector('[data-testid=stMain]').scrollWidth > innerWidth"


def test_augment_shows_what_the_editor_says_and_keeps_it_after_a_refresh(server, page):
    folder = server.home / "datasets" / "drawings"
    write_samples("drawings", folder, per_class=6, seed=0)
    register_folder(server.store, folder)
    page.goto(f"{server.url}/augment")
    draws = page.locator(".st-key-augment-draws")
    expect(draws.get_by_role("img", name="sample of epoch 8")).to_be_visible(timeout=FIRST_ANSWER_MS)
    expect(page.get_by_text("bit for bit")).to_be_visible()
    draws.get_by_role("button", name="sample of epoch 3").click()
    expect(page.get_by_text("The bold frame is the crop of epoch 3.")).to_be_visible()
    page.get_by_text("Horizontal flip", exact=True).click()
    expect(page.get_by_role("combobox", name="Preset")).to_have_value("Your own")
    page.reload()
    expect(page.get_by_role("combobox", name="Preset")).to_have_value("Your own", timeout=FIRST_ANSWER_MS)
    expect(page.get_by_role("switch", name="Horizontal flip")).not_to_be_checked()
    page.get_by_text("Step by step").click()
    expect(page.get_by_role("img", name="After Random resized crop")).to_be_visible()
    page.get_by_text("Horizontal flip", exact=True).first.click()
    flip = page.locator(".st-key-augment-steps").get_by_role("listitem").filter(has_text="Horizontal flip")
    expect(flip).to_contain_text(re.compile(r"· (not )?applied"))
    page.set_viewport_size(NARROW)
    assert not page.evaluate(IS_TOO_WIDE)


def test_architecture_shows_the_branches_of_a_linked_network_and_explains_what_does_not_fit(server, page):
    page.goto(f"{server.url}/architecture?family=googlenet&preset=small")
    diagram = page.locator(".st-key-diagram_across")
    expect(diagram.get_by_role("figure")).to_have_attribute(
        "aria-label", re.compile("9 concatenations"), timeout=FIRST_ANSWER_MS
    )
    expect(diagram.locator("svg g.node")).to_have_count(50)
    page.get_by_role("button", name="ResNet", exact=True).click()
    expect(diagram.locator("svg g.node")).to_have_count(22)
    assert "family=resnet" in page.url
    size = page.get_by_role("spinbutton", name="Image size")
    size.fill("8")
    size.press("Enter")
    expect(page.get_by_text("must be between 9 and 512 pixels")).to_be_visible()
    expect(diagram).to_have_count(0)
    expect(page.get_by_role("button", name="Train this network")).to_be_disabled()
    size.fill("64")
    size.press("Enter")
    expect(diagram.locator("svg g.node")).to_have_count(22)
    page.get_by_role("img", name="The idea of VGG").click(position={"x": 40, "y": 20}, force=True)
    page.wait_for_url(re.compile("family=vgg"))
    page.get_by_role("button", name="ResNet", exact=True).click()
    expect(diagram.locator("svg g.node")).to_have_count(22)
    page.set_viewport_size(NARROW)
    expect(page.locator(".st-key-diagram_down svg g.node").first).to_be_visible()
    expect(diagram).to_be_hidden()
    assert not page.evaluate(IS_TOO_WIDE)
