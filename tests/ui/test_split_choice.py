"""A split belongs to its data set: neither another data set nor a recipe changes it."""

import shutil

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab.store.datasets import register_folder
from cnnlab.ui import keys
from cnnlab.ui.next_run import split_choice
from cnnlab.ui.next_run.split_choice import SplitChoice
from cnnlab.ui.resources import store
from cnnlab.workspace import PROJECT_ROOT


@pytest.fixture
def two_sets(workspace, picture_folder, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(picture_folder, other)
    (other / "red" / "0.png").unlink()
    return register_folder(store(), picture_folder), register_folder(store(), other)


def test_a_new_split_of_one_data_set_does_not_change_another(open_page, two_sets):
    first, second = two_sets
    page = open_page("data")
    page.selectbox(key=keys.DATASET).set_value(first.name).run()
    page.number_input(key=keys.DATA_SPLIT_VAL).set_value(50.0).run()
    page.button(key=keys.DATA_SPLIT_MAKE).click().run()
    page.selectbox(key=keys.DATASET).set_value(second.name).run()
    assert not page.exception
    assert split_choice.current(first).val_fraction == 0.5
    assert split_choice.current(second) == SplitChoice(0.2, 0.0, 0)
    assert page.number_input(key=keys.DATA_SPLIT_VAL).value == 20.0


def test_a_recipe_suggests_its_split_and_changes_nothing(open_page, two_sets):
    first, _ = two_sets
    split_choice.choose(first, SplitChoice(0.5, 0.0, 3))
    page = open_page("train")
    page.selectbox(key=keys.DATASET).set_value(first.name).run()
    for recipe in ("article", "quick"):
        page.segmented_control(key=keys.TRAIN_RECIPE).set_value(recipe).run()
        assert split_choice.current(first) == SplitChoice(0.5, 0.0, 3)
    page.segmented_control(key=keys.TRAIN_RECIPE).set_value("article").run()
    page.button(key=keys.TRAIN_SPLIT).click().run()
    assert split_choice.current(first) == SplitChoice(0.0, 0.0, 3)
    page.button(key=keys.TRAIN_START).click().run()
    (run,) = store().runs.list()
    assert run.config["data"]["val_fraction"] == 0.0


def test_the_form_says_which_split_the_run_will_use(open_page, two_sets):
    first, _ = two_sets
    page = open_page("train")
    page.selectbox(key=keys.DATASET).set_value(first.name).run()
    assert any("10 training, 2 validation pictures" in caption.value for caption in page.caption)


def test_a_network_has_its_own_image_size(open_page, two_sets):
    page = open_page("train")
    page.number_input(key=keys.train_setting("pipeline.image_size")).set_value(48).run()
    page.query_params["family"] = "googlenet"
    page.query_params["preset"] = "googlenet"
    page.switch_page("pages/architecture.py").run()
    assert page.number_input(key=keys.ARCHITECTURE_SIZE).value == 224


def test_an_unknown_data_set_in_the_address_is_reported_and_another_one_shown(workspace, two_sets):
    page = AppTest.from_file(str(PROJECT_ROOT / "app.py"), default_timeout=60)
    page.query_params[keys.DATASET] = "nosuch"
    page.run()
    assert any("There is no data set called 'nosuch'" in error.value for error in page.error)
    assert page.selectbox(key=keys.DATASET).value in [dataset.name for dataset in two_sets]
