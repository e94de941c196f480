import pytest

from cnnlab.models.registry import FAMILIES
from cnnlab.plots.colours import (
    DARK_PAGE,
    GRID,
    HIGH,
    LIGHT_PAGE,
    LOW,
    MUTED,
    ON_HIGH,
    TEXT,
    contrast,
    mixed,
    run_styles,
    shades,
    text_on,
    twins,
)

BACKDROPS = {GRID, LOW, ON_HIGH, "#F7F8FA"}


@pytest.mark.parametrize("family", [*FAMILIES, "another"])
def test_every_shade_of_a_family_is_visible_on_both_pages(family):
    for light, dark in shades(family):
        assert contrast(light, LIGHT_PAGE) >= 3
        assert contrast(dark, DARK_PAGE) >= 3


@pytest.mark.parametrize("light", sorted(set(twins()) - BACKDROPS))
def test_every_line_and_mark_is_visible_on_both_pages(light):
    needed = 4.5 if light in (TEXT, MUTED) else 2.5
    assert contrast(light, LIGHT_PAGE) >= needed
    assert contrast(twins()[light], DARK_PAGE) >= needed


def test_no_two_families_share_a_colour():
    assert len({pair for family in [*FAMILIES, "another"] for pair in shades(family)}) == 12
    assert len({light for family in [*FAMILIES, "another"] for light, _ in shades(family)}) == 12


def test_runs_of_one_family_differ_in_shade_or_dash_and_share_the_mark():
    styles = run_styles([(str(number), "vgg") for number in range(12)])
    assert len({(style.colour, style.dash) for style in styles.values()}) == 12
    assert {style.mark for style in styles.values()} == {"circle"}


def test_the_first_run_of_each_family_has_its_plain_colour():
    styles = run_styles([("a", "vgg"), ("b", "resnet"), ("c", "vgg")])
    assert styles["a"].colour == "#0072B2" and styles["b"].colour == "#00805E"
    assert styles["a"].dash == styles["b"].dash == "solid" != styles["c"].dash


def test_contrast_follows_the_standard():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#0072B2", "#0072B2") == 1


@pytest.mark.parametrize("share", [step / 40 for step in range(41)])
def test_text_on_a_cell_of_any_colour_is_readable_on_both_pages(share):
    text = text_on(share)
    assert contrast(mixed(LOW, HIGH, share), text) >= 4.5
    assert contrast(mixed(twins()[LOW], twins()[HIGH], share), twins().get(text, text)) >= 4.5
