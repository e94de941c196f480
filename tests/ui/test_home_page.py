"""The Home page: the first visit, later visits, and *Show me* with its tour."""

import time

import pytest

from cnnlab.data.samples import write_samples
from cnnlab.data.splits import make_split
from cnnlab.runs.filing import file_run
from cnnlab.store.datasets import keep_split, pictures_of, register_folder
from cnnlab.store.records import Status
from cnnlab.tasks import launch
from cnnlab.ui import address, drafts, guide, keys
from cnnlab.ui.home import show_me, strip
from cnnlab.ui.home.run_cards import last_compared
from cnnlab.ui.resources import store


@pytest.fixture
def drawings(workspace):
    """A few bundled drawings, registered."""
    folder = write_samples("drawings", workspace.datasets / "drawings-3-0", per_class=3, seed=0).folder
    return register_folder(store(), folder, name="drawings", owned=True)


@pytest.fixture
def runs(drawings):
    """Runs that *Show me* would file on them."""
    return [file_run(store(), show_me.run_config(drawings.path, family)) for family in ("vgg", "resnet")]


def finish(run, dataset, split):
    """Mark a run as finished, with figures but without weights."""
    store().runs.move(run.run_id, Status.QUEUED, Status.STARTING, {})
    figures = {"epoch": 2, "val_accuracy": 0.9, "dataset_id": dataset.dataset_id, "split_number": split.number}
    store().runs.move(run.run_id, Status.STARTING, Status.FINISHED, figures)


def strip_of(page):
    return "".join(element.proto.body for element in page.get("html") if "cnnlab-strip" in element.proto.body)


def all_text(page):
    return " ".join(element.value for kind in ("markdown", "caption") for element in getattr(page, kind))


def test_a_first_visit_shows_the_strip_the_promise_and_the_steps(open_page):
    page = open_page("home")
    shown = strip_of(page)
    assert shown.count("<img") == shown.count('alt="A drawn') == strip.PICTURES
    assert "offline" in all_text(page)
    assert page.button(key=keys.HOME_SHOW_ME).label == "Show me"


def test_later_visits_show_the_latest_runs_instead_of_the_strip(open_page, runs):
    page = open_page("home")
    assert strip_of(page) == ""
    assert not page.exception
    assert len(page.metric) == len(runs)


def test_the_last_comparison_is_linked_unless_its_runs_were_deleted(open_page, runs):
    drafts.remember(address.LAST_COMPARED, [run.run_id for run in runs])
    assert [run.run_id for run in last_compared()] == [run.run_id for run in runs]
    assert "Last comparison" in all_text(open_page("home"))
    store().runs.remove(runs[0].run_id)
    assert last_compared() == ()
    assert "Last comparison" not in all_text(open_page("home"))


def test_pressing_show_me_twice_starts_one_task(open_page, monkeypatch):
    monkeypatch.setattr(launch, "_children", {})  # ignore child processes left by other tests
    monkeypatch.setattr(launch, "start_detached", lambda *_, **__: None)
    monkeypatch.setattr(show_me, "look", lambda store, task_id: store.tasks.get(task_id))
    page = open_page("home")
    page.button(key=keys.HOME_SHOW_ME).click().run()
    page.button(key=keys.HOME_SHOW_ME).click().run()
    assert len(store().tasks.open_tasks("samples")) == 1
    assert page.button(key=keys.HOME_STOP)


def test_show_me_survives_a_refresh_and_files_each_run_once(open_page, drawings, monkeypatch):
    monkeypatch.setattr(launch, "_children", {})  # ignore child processes left by other tests
    monkeypatch.setattr(launch, "start_detached", lambda *_, **__: None)
    monkeypatch.setattr(show_me, "look", lambda store, task_id: store.tasks.get(task_id))
    open_page("home").button(key=keys.HOME_SHOW_ME).click().run()
    (task,) = store().tasks.open_tasks("samples")
    store().tasks.end(task.task_id, "done", result={"dataset_id": drawings.dataset_id})
    page = open_page("home")  # a new session, as after a refresh
    assert not page.exception
    assert sorted(run.family for run in store().runs.list()) == ["googlenet", "resnet", "vgg"]
    assert len(show_me.file_runs(drawings)) == 3
    assert len(store().runs.list()) == 3
    assert guide.is_busy(store().runs.list())


def test_the_tour_explains_the_page_and_leads_on_only_when_all_runs_have_ended(open_page, drawings, runs):
    split = keep_split(store(), drawings, make_split(pictures_of(store(), drawings), val_fraction=0.4))
    drafts.remember(guide.RUNS, [run.run_id for run in runs])
    page = open_page("train")
    assert "1 of 2" in all_text(page)
    assert not [button for button in page.button if button.key == keys.GUIDE_NEXT]
    for run in runs:
        finish(run, drawings, split)
    page = open_page("train")
    page.query_params["run"] = ",".join(run.run_id for run in runs)
    page.run()
    assert page.button(key=keys.GUIDE_NEXT).label == "Compare them"
    page.button(key=keys.GUIDE_NEXT).click().run()  # AppTest does not follow `st.switch_page`, but keeps the session
    page = page.switch_page("pages/compare.py").run()
    assert page.query_params["runs"] == ",".join(run.run_id for run in runs)
    assert page.button(key=keys.GUIDE_NEXT).label == "Try them out"


def test_the_tour_can_be_ended(open_page, runs):
    drafts.remember(guide.RUNS, [run.run_id for run in runs])
    page = open_page("train")
    page.button(key=keys.GUIDE_END).click().run()
    assert not [button for button in page.button if button.key == keys.GUIDE_END]
    assert not guide.is_on(runs)


def test_show_me_starts_again_after_one_of_its_runs_was_stopped(drawings, monkeypatch):
    monkeypatch.setattr("cnnlab.runs.worker.start_detached", lambda *_, **__: None)
    first = show_me.file_runs(drawings)
    store().runs.move(first[0].run_id, Status.QUEUED, Status.STOPPED, {"ended": time.time()})
    assert {run.run_id for run in show_me.file_runs(drawings)}.isdisjoint({run.run_id for run in first})


def test_one_click_prepares_the_articles_training_for_the_current_data_set(open_page, picture_folder):
    dataset = register_folder(store(), picture_folder)
    page = open_page("home")
    page.button(key=keys.HOME_ARTICLE).click().run()
    page.switch_page("pages/train.py").run()
    page.button(key=keys.TRAIN_ALL).click().run()
    runs = store().runs.list()
    assert {(run.family, run.preset, run.recipe, run.epochs) for run in runs} == {
        (family, "article", "article", 300) for family in ("vgg", "googlenet", "resnet")
    }
    assert all(run.config["data"]["val_fraction"] == 0 for run in runs)
    assert runs[0].config["data"]["path"] == dataset.path
