"""The Augment page: editor, samples, what is kept, warnings."""

import importlib

import pytest

from cnnlab.data.pipeline import PIPELINE_PRESETS, Pipeline, make_pipeline
from cnnlab.data.transforms import get_transform, transform_names
from cnnlab.helper import front
from cnnlab.store.datasets import register_folder
from cnnlab.ui import keys
from cnnlab.ui.augment_page.cautions import Pictures, cautions, too_small_for
from cnnlab.ui.augment_page.step_fields import summary
from cnnlab.ui.next_run import choices
from cnnlab.ui.next_run.choices import ArchitectureChoice
from cnnlab.ui.resources import store


@pytest.fixture(autouse=True)
def helper_here(monkeypatch):
    """Call the helper's functions in this process, without starting the helper."""
    importlib.import_module("cnnlab.data.cache")  # imports torch, which takes longer than a page's time limit
    monkeypatch.setattr(front, "ask", lambda function, *args, **kwargs: function(*args, **kwargs))
    monkeypatch.setattr(front, "ask_within", lambda _, function, *args, **kwargs: function(*args, **kwargs))
    monkeypatch.setattr(front, "start_warming", lambda: None)


@pytest.fixture
def dataset(workspace, picture_folder):
    """A registered folder of two classes."""
    return register_folder(store(), picture_folder)


def names():
    return [step["name"] for step in choices.pipeline()["steps"]]


def test_without_pictures_the_editor_works_and_the_next_step_is_offered(open_page):
    page = open_page("augment")
    page.selectbox(key=keys.AUGMENT_PRESET).set_value("strong").run()
    assert names()[-1] == "erasing"
    assert page.button(key=keys.EMPTY_NEXT).label == "Choose pictures"
    assert page.button(key=keys.AUGMENT_AGAIN).disabled


def test_samples_are_shown_with_their_tensor_and_the_guarantee(open_page, dataset):
    page = open_page("augment")
    assert not page.error
    assert {metric.label: metric.value for metric in page.metric}["Size"] == "3 x 64 x 64"
    assert any("bit for bit" in caption.value and "seed 0" in caption.value for caption in page.caption)
    page.button(key=keys.AUGMENT_AGAIN).click().run()
    assert page.number_input(key=keys.AUGMENT_EPOCH).value == 9
    assert any("epochs 9 to 16" in caption.value for caption in page.caption)


def test_a_sample_is_shown_step_by_step(open_page, dataset):
    page = open_page("augment")
    page.toggle(key=keys.AUGMENT_STEPWISE).set_value(True).run()
    assert not page.error
    assert any("after each step" in caption.value for caption in page.caption)


def test_steps_are_switched_moved_removed_and_added(open_page, dataset):
    page = open_page("augment")
    page.toggle(key=keys.augment_step(2, "horizontal_flip", "enabled")).set_value(False).run()
    assert [step["enabled"] for step in choices.pipeline()["steps"]] == [True, True, False]
    page.button(key=keys.augment_step(2, "horizontal_flip", "open")).click().run()
    page.button(key=keys.augment_step(2, "horizontal_flip", "up")).click().run()
    assert names() == ["resize", "horizontal_flip", "random_resized_crop"]
    page.button(key=keys.augment_step(1, "horizontal_flip", "remove")).click().run()
    page.selectbox(key=keys.AUGMENT_ADD).set_value("rotation").run()
    assert names() == ["resize", "random_resized_crop", "rotation"]
    page.button(key=keys.augment_step(2, "rotation", "open")).click().run()
    page.slider(key=keys.augment_step(2, "rotation", "degrees")).set_value(30.0).run()
    assert choices.pipeline()["steps"][2]["parameters"]["degrees"] == 30
    assert page.selectbox(key=keys.AUGMENT_PRESET).value == "changed"
    assert not page.error


@pytest.mark.parametrize("name", transform_names())
def test_every_step_can_be_edited(open_page, name):
    page = open_page("augment")
    page.selectbox(key=keys.AUGMENT_ADD).set_value(name).run()
    page.button(key=keys.augment_step(3, name, "open")).click().run()
    assert not page.error
    widget_keys = {widget.key for kind in ("slider", "number_input", "toggle") for widget in page.get(kind)}
    for parameter in get_transform(name).parameters:
        assert keys.augment_step(3, name, parameter.name) in widget_keys


def test_another_session_and_the_train_page_have_the_same_pipeline(open_page, dataset):
    page = open_page("augment")
    page.selectbox(key=keys.AUGMENT_PRESET).set_value("article").run()
    page.number_input(key=keys.AUGMENT_SIZE).set_value(48).run()
    page.number_input(key=keys.AUGMENT_SEED).set_value(5).run()
    assert open_page("augment").selectbox(key=keys.AUGMENT_PRESET).value == "article"
    train = open_page("train")
    train.button(key=keys.TRAIN_START).click().run()
    (run,) = store().runs.list()
    assert Pipeline.model_validate(run.config["pipeline"]) == make_pipeline("article", 48)
    assert run.config["seed"] == 5


def test_the_pipeline_can_be_reset_to_the_recipe(open_page):
    page = open_page("augment")
    page.selectbox(key=keys.AUGMENT_PRESET).set_value("none").run()
    assert choices.pipeline() is not None
    page.selectbox(key=keys.AUGMENT_PRESET).set_value("recipe").run()
    assert choices.pipeline() is None


def test_a_pasted_pipeline_is_used_and_an_invalid_one_reported(open_page):
    page = open_page("augment")
    page.text_area(key=keys.AUGMENT_YAML).set_value(make_pipeline("strong", 96).to_yaml())
    page.button(key=keys.AUGMENT_USE_YAML).click().run()
    assert page.number_input(key=keys.AUGMENT_SIZE).value == 96
    assert page.selectbox(key=keys.AUGMENT_PRESET).value == "strong"
    page.text_area(key=keys.AUGMENT_YAML).set_value("steps: [{name: swirl}]")
    page.button(key=keys.AUGMENT_USE_YAML).click().run()
    assert "swirl" in page.error[0].value
    assert page.selectbox(key=keys.AUGMENT_PRESET).value == "strong"


def test_the_data_sets_own_normalisation_is_measured(open_page, dataset):
    page = open_page("augment")
    page.selectbox(key=keys.AUGMENT_NORMALISATION).set_value("dataset").run()
    assert not page.error
    assert {metric.label for metric in page.metric} >= {"Mean", "Deviation"}


def test_a_missing_picture_is_reported(open_page, dataset, picture_folder):
    for path in (picture_folder / "blue").iterdir():
        path.unlink()
    page = open_page("augment")
    assert not page.exception
    assert len(page.error) == 1
    assert page.selectbox(key=keys.AUGMENT_PRESET)


@pytest.mark.parametrize(
    ("preset", "classes", "expected"),
    [
        ("light", ("0", "1", "2"), "mirrors digits"),
        ("article", ("cat", "dog"), "8 % of the area"),
        ("none", ("cat", "dog"), "No step is random"),
    ],
)
def test_likely_problems_are_pointed_out(preset, classes, expected):
    warnings = cautions(make_pipeline(preset, 64), Pictures(name="photos", classes=classes))
    assert any(expected in sentence for sentence in warnings)


def test_an_image_size_too_small_for_the_network_is_reported_with_the_minimum():
    network = ArchitectureChoice("vgg", "article")
    sentence = too_small_for(network, make_pipeline("light", 31))
    assert "VGG" in sentence and "at least 32 px" in sentence and "is 31" in sentence
    assert too_small_for(network, make_pipeline("light", 32)) is None


def test_a_good_first_choice_gives_no_warning():
    assert cautions(make_pipeline("light", 64), Pictures(name="photos", classes=("cat", "dog"), short_side=300)) == ()


def test_the_steps_of_a_preset_have_short_summaries():
    assert [summary(step) for step in PIPELINE_PRESETS["light"].steps] == ["automatic", "50–100 %", "50 %"]
