"""The Train page: form, filing, what is shown of runs in each status."""

import pytest

from cnnlab.runs.datasets import register_folder
from cnnlab.runs.records import Status
from cnnlab.training.recipes import get_recipe
from cnnlab.ui import keys
from cnnlab.ui.resources import store
from cnnlab.ui.train_page import fields


@pytest.fixture
def dataset(workspace, picture_folder):
    """A registered folder of two classes."""
    return register_folder(store(), picture_folder)


def test_the_form_offers_every_field_with_help_and_the_recipes_values(open_page, dataset):
    page = open_page("train")
    assert not page.error
    drawn = {
        widget.key: widget
        for kind in ("number_input", "selectbox", "toggle", "text_input")
        for widget in page.get(kind)
    }
    for path in fields.ALL:
        assert drawn[keys.train_setting(path)].proto.help
    quick = get_recipe("quick").settings
    for path in ("training.learning_rate", "training.epochs"):
        assert page.number_input(key=keys.train_setting(path)).value == quick[path]


def test_a_change_of_recipe_brings_that_recipes_values(open_page, dataset):
    page = open_page("train")
    page.number_input(key=keys.train_setting("training.epochs")).set_value(7).run()
    page.button_group(key=keys.TRAIN_RECIPE).set_value("careful").run()
    assert page.number_input(key=keys.train_setting("training.epochs")).value == 120
    assert page.number_input(key=keys.train_setting("training.clip_norm")).value == 5.0


def test_pressing_start_twice_within_a_moment_files_one_run_with_what_the_form_says(open_page, dataset, monkeypatch):
    monkeypatch.setattr("cnnlab.ui.filing.DOUBLE_CLICK_SECONDS", 600.0)  # a busy machine draws slowly
    page = open_page("train")
    page.number_input(key=keys.train_setting("training.epochs")).set_value(7).run()
    page.button(key=keys.TRAIN_START).click().run()
    page.button(key=keys.TRAIN_START).click().run()
    (run,) = store().runs.list()
    assert (run.epochs, run.recipe, run.config["data"]["path"]) == (7, "quick", dataset.path)
    assert page.query_params["run"] == run.run_id


def test_train_all_three_files_one_run_of_each_family(open_page, dataset):
    open_page("train").button(key=keys.TRAIN_ALL).click().run()
    assert sorted(run.family for run in store().runs.list()) == ["googlenet", "resnet", "vgg"]


def test_settings_that_do_not_fit_disable_start_and_say_why(open_page, dataset):
    page = open_page("train")
    page.number_input(key=keys.train_setting("training.warmup_epochs")).set_value(500.0).run()
    assert page.button(key=keys.TRAIN_START).disabled
    assert "warmup_epochs" in page.error[0].value


def test_another_session_finds_the_form_as_it_was_left(open_page, dataset):
    open_page("train").number_input(key=keys.train_setting("training.epochs")).set_value(7).run()
    assert open_page("train").number_input(key=keys.train_setting("training.epochs")).value == 7


@pytest.mark.parametrize(
    ("status", "button"),
    [
        (Status.QUEUED, keys.TRAIN_STOP),
        (Status.PAUSED, keys.TRAIN_RESUME),
        (Status.FAILED, keys.TRAIN_RESUME),
        (Status.INTERRUPTED, keys.TRAIN_RESUME),
    ],
)
def test_a_run_in_each_status_shows_what_can_be_done(open_page, dataset, status, button):
    page = open_page("train")
    page.button(key=keys.TRAIN_START).click().run()
    (run,) = store().runs.list()
    for step in {
        Status.PAUSED: [Status.STARTING, Status.PAUSED],
        Status.FAILED: [Status.STARTING, Status.FAILED],
        Status.INTERRUPTED: [Status.STARTING, Status.INTERRUPTED],
    }.get(status, []):
        assert store().runs.move(run.run_id, store().runs.get(run.run_id).status, step, {"reason": "It broke."})
    page.run()
    assert not page.exception
    assert page.button(key=f"{button}.{run.run_id}").label
    assert bool([*page.error, *page.warning]) == (status in (Status.FAILED, Status.INTERRUPTED))


def test_an_address_with_an_unknown_run_is_told_in_a_sentence(open_page, dataset):
    page = open_page("train")
    page.query_params["run"] = "nosuchrun"
    page.run()
    assert "nosuchrun" in page.error[0].value
    assert page.button(key=keys.TRAIN_START)
