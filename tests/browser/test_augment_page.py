"""The Augment page in a real browser: the samples stay in view while a step's parameters are changed."""

import pytest
from playwright.sync_api import expect

from cnnlab.data.samples import write_samples
from cnnlab.store.datasets import register_folder
from tests.browser.conftest import settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
COVERED = """pictures => pictures.filter(one => {
    const box = one.getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const held = one.getRootNode().host ?? one; // the samples are a component in a shadow tree
    const top = document.elementFromPoint(x, y);
    return y > innerHeight || !(held.contains(top) || top?.contains(held));
}).map(one => one.alt)"""
PICTURES = "[data-testid=stMain] [data-testid=stImage] img, .st-key-augment-draws img"
EVERY_DRAW = 9
"""Eight samples and the original."""


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1366, 768)])
def test_the_original_and_every_sample_stay_visible_beside_the_parameters_of_a_step(server, page, width, height):
    folder = write_samples("drawings", server.home / "pictures" / "drawings", per_class=8, seed=0).folder
    register_folder(server.store, folder)
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{server.url}/augment")
    expect(page.locator(PICTURES)).to_have_count(EVERY_DRAW)
    page.get_by_role("button", name="50–100 %").click()
    scale = page.get_by_role("slider", name="Scale").first
    expect(scale).to_be_visible()
    settled(page)
    assert page.locator(PICTURES).evaluate_all(COVERED) == []
    scale.press("ArrowLeft")
    expect(page.get_by_role("button", name="49–100 %")).to_be_visible()
    expect(scale).to_be_visible()
