"""The Compare page with no run, one run, several, runs that are not comparable, and deleted runs."""

import shutil
from pathlib import Path

import pytest

from cnnlab.runs.housekeeping import delete_run
from cnnlab.store.records import Status
from cnnlab.ui import keys
from cnnlab.ui.compare_page import runs_choice
from cnnlab.ui.resources import store

pytestmark = pytest.mark.slow  # three tiny networks are trained once


@pytest.fixture
def lab(workspace, trained_home):
    """The workspace with the runs; returns their ids by family."""
    shutil.copytree(trained_home, workspace.home, dirs_exist_ok=True)
    return {run.family: run.run_id for run in store().runs.list()}


def show(page, *run_ids, panel=None):
    """Put runs into the address, as a link does, and open a panel."""
    page.query_params[keys.RUNS] = ",".join(run_ids)
    if panel is not None:
        page.session_state[keys.COMPARE_PANEL] = panel
    page.run()
    assert not page.exception
    return page


def table(page, column):
    return next(frame.value for frame in page.dataframe if column in frame.value.columns)


def texts(page):
    return " ".join(
        element.value for kind in ("markdown", "caption", "info", "warning", "success") for element in page.get(kind)
    )


def test_at_first_the_newest_runs_of_one_split_are_compared(open_page, lab):
    page = open_page("compare")
    assert not page.exception and not page.error
    assert set(page.query_params[keys.RUNS].split(",")) == {lab["vgg"], lab["resnet"]}
    assert "highest validation accuracy" in texts(page)
    assert "measured on 8 pictures" in texts(page)


@pytest.mark.parametrize(
    "panel", ["Curves", "Figures", "Settings", "Confusion", "Disagreement", "Cost", "Article's plot", "Manage"]
)
@pytest.mark.parametrize("count", [1, 3])
def test_every_panel_works_for_one_run_and_for_several(open_page, lab, panel, count):
    page = show(open_page("compare"), *list(lab.values())[:count], panel=panel)
    assert not page.error


def test_one_run_alone_gets_no_verdict(open_page, lab):
    page = show(open_page("compare"), lab["vgg"])
    assert "highest validation accuracy" not in texts(page)


def test_runs_validated_on_different_pictures_get_a_warning_and_none_is_called_best(open_page, lab):
    page = show(open_page("compare"), *lab.values())
    assert "different validation pictures" in page.warning[0].value
    assert "highest" not in texts(page)


def test_few_runs_get_a_column_each_and_many_a_row_each(open_page, lab):
    page = show(open_page("compare"), lab["vgg"], lab["resnet"], panel="Figures")
    figures = table(page, "")
    assert list(figures.columns)[1:] == ["resnet tiny", "vgg tiny"]
    assert "balanced accuracy (%)" in list(figures[""])
    runs = [store().runs.add(values_of(lab["vgg"]), token=None).run_id for _ in range(5)]
    page = show(page, *runs, panel="Figures")
    assert len(table(page, "FLOPs per picture")) == 5


def values_of(run_id):
    run = store().runs.get(run_id)
    names = ("name", "family", "preset", "config", "device", "threads", "epochs")
    return {name: getattr(run, name) for name in names} | {"name": "twin"}


def test_only_settings_that_differ_are_listed(open_page, lab):
    page = show(open_page("compare"), lab["vgg"], lab["resnet"], panel="Settings")
    settings = table(page, "setting")
    assert "architecture.family" in list(settings["setting"])
    assert "training.epochs" not in list(settings["setting"])


def test_a_run_deleted_in_another_tab_is_reported_once_and_the_others_stay(open_page, lab):
    page = show(open_page("compare"), *lab.values())
    delete_run(store(), lab["googlenet"])
    page.run()
    assert not page.exception
    assert any(lab["googlenet"] in warning.value for warning in page.warning)
    page.run()
    assert not any(lab["googlenet"] in warning.value for warning in page.warning)
    assert set(page.query_params[keys.RUNS].split(",")) == {lab["vgg"], lab["resnet"]}


def test_a_filter_hides_rows_but_does_not_change_the_comparison(open_page, lab):
    page = show(open_page("compare"), lab["vgg"], lab["resnet"])
    page.text_input(key=keys.COMPARE_FILTER).set_value("RESNET tiny").run()
    assert list(page.dataframe[0].value["run"]) == ["resnet tiny"]
    assert "1 ticked run hidden by the filter." in texts(page)
    assert "highest validation accuracy" in texts(page)
    page.text_input(key=keys.COMPARE_FILTER).set_value("no such name").run()
    assert "No run matches the filter." in texts(page)
    page.text_input(key=keys.COMPARE_FILTER).set_value("").run()
    page.selectbox(key=keys.COMPARE_FAMILY).set_value("vgg").run()
    assert list(page.dataframe[0].value["run"]) == ["vgg tiny"]


def test_name_tags_and_note_are_saved_with_any_characters(open_page, lab):
    page = show(open_page("compare"), lab["vgg"], panel="Manage")
    run_id = lab["vgg"]
    page.text_input(key=f"{keys.COMPARE_NAME}.{run_id}").set_value("  ünï *bold* `code` <b>  ")
    page.text_input(key=f"{keys.COMPARE_TAGS}.{run_id}").set_value('a&b, ,"quoted", 日本, $x$,a&b')
    page.text_area(key=f"{keys.COMPARE_NOTE}.{run_id}").set_value("line\nline")
    next(button for button in page.button if button.label == "Save").click().run()
    assert not page.exception and not page.error
    run = store().runs.get(run_id)
    assert run.name == "ünï *bold* `code` <b>"
    assert run.tags == ("a&b", '"quoted"', "日本", "$x$")
    assert run.note == "line\nline"
    page.text_input(key=keys.COMPARE_FILTER).set_value("日本").run()
    assert not page.exception
    assert len(page.dataframe[0].value) == 1


def test_an_empty_name_keeps_the_old_one(open_page, lab):
    page = show(open_page("compare"), lab["vgg"], panel="Manage")
    page.text_input(key=f"{keys.COMPARE_NAME}.{lab['vgg']}").set_value("   ")
    next(button for button in page.button if button.label == "Save").click().run()
    assert store().runs.get(lab["vgg"]).name == "vgg tiny"


def test_deleting_a_run_removes_its_folder_and_its_id_in_the_address(open_page, lab):
    page = show(open_page("compare"), lab["vgg"], lab["resnet"], panel="Manage")
    page.selectbox(key=keys.COMPARE_MANAGED).set_value(lab["vgg"]).run()
    page.button(key=keys.COMPARE_DELETE).click().run()
    assert not page.exception and not page.error and not page.warning
    assert page.query_params[keys.RUNS] == lab["resnet"]
    assert not (store().workspace.runs / lab["vgg"]).exists()
    assert Path(store().runs.get(lab["resnet"]).config["data"]["path"]).is_dir()


def test_an_active_run_cannot_be_deleted(open_page, lab):
    run = store().runs.add(values_of(lab["vgg"]), token=None)
    assert store().runs.move(run.run_id, Status.QUEUED, Status.STARTING, {})
    page = show(open_page("compare"), run.run_id, panel="Manage")
    assert "Stop this run before deleting it." in texts(page)
    assert keys.COMPARE_DELETE not in {button.key for button in page.button}


def test_cloning_fills_the_form_of_the_train_page(open_page, lab):
    page = show(open_page("compare"), lab["vgg"], panel="Manage")
    page.session_state[keys.COMPARE_PANEL] = "Manage"  # AppTest forgets which tab is open
    page.button(key=keys.COMPARE_CLONE).click().run()
    assert not page.exception
    page.switch_page("pages/train.py").run()  # AppTest does not follow `st.switch_page`
    assert page.number_input(key=keys.train_setting("training.batch_size")).value == 4
    assert page.number_input(key=keys.train_setting("pipeline.image_size")).value == 32


def test_more_runs_than_fit_one_chart_are_cut_off(open_page, lab):
    many = [store().runs.add(values_of(lab["vgg"]), token=None).run_id for _ in range(25)]
    page = show(open_page("compare"), *many)
    assert len(page.query_params[keys.RUNS].split(",")) == runs_choice.MAX_RUNS


def test_a_cell_of_the_confusion_matrix_can_be_chosen_without_a_mouse(open_page, lab):
    page = show(open_page("compare"), lab["vgg"], lab["resnet"], panel="Confusion")
    box = page.selectbox(key=keys.COMPARE_CELL)
    assert "mistaken for" in box.options[0]
    box.select_index(len(box.options) - 1).run()
    assert not page.exception and not page.error


def test_the_panels_work_without_the_pictures(open_page, lab):
    config = {**store().runs.get(lab["vgg"]).config, "data": {"path": "/nowhere"}}
    store().runs.update(lab["vgg"], config=config)
    for panel in ("Confusion", "Disagreement"):
        page = show(open_page("compare"), lab["vgg"], lab["resnet"], panel=panel)
        assert not page.error


def test_runs_without_any_figure_are_shown_without_an_error(open_page, lab):
    bare = [store().runs.add(values_of(lab["vgg"]), token=None).run_id for _ in range(2)]
    for panel in ("Curves", "Figures", "Confusion", "Disagreement", "Cost", "Article's plot"):
        page = show(open_page("compare"), *bare, panel=panel)
        assert not page.error
        assert "no validation figures" in page.warning[0].value
