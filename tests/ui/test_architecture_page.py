"""The Architecture page: choice, address, figures, diagram, errors, calculator."""

import importlib

import pytest

from cnnlab.helper import front
from cnnlab.ui import keys
from cnnlab.ui.next_run import choices
from cnnlab.ui.next_run.choices import ArchitectureChoice
from cnnlab.ui.wording import escape_markdown


@pytest.fixture(autouse=True)
def helper_here(monkeypatch):
    """Call the helper's functions in this process, without starting the helper."""
    importlib.import_module("cnnlab.models.inspection")  # imports torch, which takes longer than a page's time limit
    monkeypatch.setattr(front, "ask", lambda function, *args, **kwargs: function(*args, **kwargs))
    monkeypatch.setattr(front, "start_warming", lambda: None)


def choose(page, family):
    return page.button(key=keys.architecture_family(family)).click().run()


def charts(page):
    return [chart.proto for chart in page.get("graphviz_chart")]


def figure(page, label):
    return next(metric.value for metric in page.metric if metric.label == label)


@pytest.mark.parametrize(
    ("family", "expected"), [("vgg", "stage 5"), ("googlenet", "9 concatenations"), ("resnet", "8 sums with skip")]
)
def test_a_family_shows_its_figures_and_a_diagram_in_words(open_page, family, expected):
    page = choose(open_page("architecture"), family)
    assert not page.error
    assert figure(page, "Parameters").endswith("k")
    assert expected in charts(page)[0].alt
    assert page.query_params["family"] == family
    assert page.query_params["preset"] == "small"


def test_the_choice_is_used_by_the_train_page_and_other_sessions(open_page):
    page = choose(open_page("architecture"), "vgg")
    page.selectbox(key=keys.ARCHITECTURE_PRESET).set_value("article").run()
    page.toggle(key=keys.architecture_option("vgg", "one_by_one")).set_value(False).run()
    page.number_input(key=keys.ARCHITECTURE_SIZE).set_value(96).run()
    assert choices.architecture() == ArchitectureChoice("vgg", "article", {"one_by_one": False})
    other = open_page("architecture")
    assert other.selectbox(key=keys.ARCHITECTURE_PRESET).value == "article"
    assert other.number_input(key=keys.ARCHITECTURE_SIZE).value == 96
    assert not other.toggle(key=keys.architecture_option("vgg", "one_by_one")).value
    other.button(key=keys.ARCHITECTURE_RESET).click().run()
    assert choices.architecture() == ArchitectureChoice("vgg", "article")


def test_another_preset_sets_its_image_size(open_page):
    page = choose(open_page("architecture"), "resnet")
    page.number_input(key=keys.ARCHITECTURE_SIZE).set_value(96).run()
    page.selectbox(key=keys.ARCHITECTURE_PRESET).set_value("resnet50").run()
    assert page.number_input(key=keys.ARCHITECTURE_SIZE).value == 224
    assert figure(page, "Parameters") == "23.5 M"


def test_an_address_shows_a_network_without_changing_the_next_run(open_page):
    page = choose(open_page("architecture"), "vgg")
    page.number_input(key=keys.ARCHITECTURE_SIZE).set_value(80).run()
    page.query_params["family"], page.query_params["preset"] = "googlenet", "article"
    page.run()
    assert page.number_input(key=keys.ARCHITECTURE_SIZE).value == 224
    assert "Your next run still uses Small VGG" in page.info[0].value
    page.number_input(key=keys.ARCHITECTURE_SIZE).set_value(160).run()
    choose(page, "resnet")
    assert page.query_params["family"] == "resnet"
    assert choices.architecture() == ArchitectureChoice("vgg")
    assert page.session_state[keys.train_setting(choices.IMAGE_SIZE)] == 80
    page.button(key=keys.ARCHITECTURE_BACK).click().run()
    assert (page.query_params["family"], list(page.info)) == ("vgg", [])
    assert page.number_input(key=keys.ARCHITECTURE_SIZE).value == 80


def test_training_a_linked_network_makes_it_the_next_run(open_page):
    page = choose(open_page("architecture"), "vgg")
    page.query_params["family"], page.query_params["preset"] = "resnet", "resnet18"
    page.run()
    page.number_input(key=keys.ARCHITECTURE_SIZE).set_value(160).run()
    page.button(key=keys.ARCHITECTURE_TRAIN).click().run()
    assert choices.architecture() == ArchitectureChoice("resnet", "resnet18")
    assert page.session_state[keys.train_setting(choices.IMAGE_SIZE)] == 160


def test_an_invalid_address_is_reported(open_page):
    page = choose(open_page("architecture"), "vgg")
    page.query_params["family"], page.query_params["preset"] = "alexnet", "small"
    page.run()
    assert "'alexnet'" in page.error[0].value
    assert choices.architecture().family == "vgg"
    assert charts(page)


def test_options_that_do_not_fit_show_an_error_and_no_diagram(open_page):
    page = choose(open_page("architecture"), "resnet")
    page.toggle(key=keys.architecture_option("resnet", "zero_init_residual")).set_value(True).run()
    page.toggle(key=keys.architecture_option("resnet", "skip")).set_value(False).run()
    assert [error.value for error in page.error] == [
        escape_markdown(
            "`zero_init_residual` without `skip` would make every output zero; switch `skip` on or the other off."
        )
    ]
    assert not charts(page)
    assert page.button(key=keys.ARCHITECTURE_TRAIN).disabled
    page.toggle(key=keys.architecture_option("resnet", "zero_init_residual")).set_value(False).run()
    assert not page.error
    assert charts(page)


def test_an_image_size_that_is_too_small_is_rejected_with_the_allowed_range(open_page):
    page = choose(open_page("architecture"), "vgg")
    page.number_input(key=keys.ARCHITECTURE_SIZE).set_value(16).run()
    assert "between 32 and 512" in page.error[0].value
    assert not page.exception


def test_an_option_without_effect_is_disabled_and_says_why(open_page):
    page = choose(open_page("architecture"), "resnet")
    shortcut = keys.architecture_option("resnet", "shortcut")
    assert not page.selectbox(key=shortcut).disabled
    page.toggle(key=keys.architecture_option("resnet", "skip")).set_value(False).run()
    assert page.selectbox(key=shortcut).disabled
    assert any("Ignored without skip connections" in caption.value for caption in page.caption)


def test_every_option_has_help_that_states_its_effect(open_page):
    page = open_page("architecture")
    for family in ("vgg", "googlenet", "resnet"):
        choose(page, family)
        widgets = [widget for kind in ("selectbox", "toggle", "number_input") for widget in page.get(kind)]
        options = [widget for widget in widgets if str(widget.key).startswith("architecture.option.")]
        assert len(options) >= 8
        assert all("**Effect.**" in widget.proto.help for widget in options)


def test_a_part_opens_into_its_layers(open_page):
    page = choose(open_page("architecture"), "googlenet")
    page.selectbox(key=keys.ARCHITECTURE_INSIDE).set_value("inception 4e").run()
    assert "3x3 pool" in charts(page)[-1].spec
    page.selectbox(key=keys.ARCHITECTURE_INSIDE).set_value("nothing").run()
    assert len(charts(page)) == 2  # across and down


def test_the_calculator_calculates_and_reports_what_does_not_fit(open_page):
    page = open_page("architecture")
    for name, value in (("H", 224), ("FH", 7), ("P", 3), ("S", 2)):
        page.number_input(key=keys.architecture_calculator(name)).set_value(value).run()
    assert "### OH = 112" in [text.value for text in page.markdown]
    assert any("(224 + 2·3 - 7) / 2 + 1 = 112.5, rounded down: 112" in code.value for code in page.code)
    page.number_input(key=keys.architecture_calculator("H")).set_value(1).run()
    page.number_input(key=keys.architecture_calculator("P")).set_value(0).run()
    assert "does not fit" in page.error[0].value


def test_the_calculator_takes_the_numbers_of_a_layer(open_page):
    page = choose(open_page("architecture"), "googlenet")
    page.selectbox(key=keys.ARCHITECTURE_CALCULATED).set_value("maxpool2").run()
    assert any("rounded up: 16" in code.value for code in page.code)


def test_the_image_size_is_the_same_on_all_pages(open_page):
    page = choose(open_page("architecture"), "vgg")
    page.number_input(key=keys.ARCHITECTURE_SIZE).set_value(80).run()
    assert open_page("augment").number_input(key=keys.AUGMENT_SIZE).value == 80
