"""The Train page: form, filing, and runs in each status."""

import json
import time

import pytest

from cnnlab.plots import numbers
from cnnlab.processes import ProcessIdentity
from cnnlab.runs import lifecycle
from cnnlab.runs.filing import file_run, move_in_queue
from cnnlab.runs.housekeeping import run_folder
from cnnlab.store.datasets import register_folder
from cnnlab.store.records import Status
from cnnlab.store.transactions import process_values
from cnnlab.training.recipes import get_recipe, make_config
from cnnlab.ui import keys
from cnnlab.ui.next_run import fields
from cnnlab.ui.resources import store
from cnnlab.ui.train_page import disk
from cnnlab.ui.wording import escape_markdown


@pytest.fixture
def dataset(workspace, picture_folder):
    """A registered folder of two classes."""
    return register_folder(store(), picture_folder)


def test_the_form_has_every_field_with_help_and_the_recipes_values(open_page, dataset):
    page = open_page("train")
    assert not page.error
    widgets = {
        widget.key: widget
        for kind in ("number_input", "selectbox", "toggle", "text_input")
        for widget in page.get(kind)
    }
    for path in fields.ALL:
        assert widgets[keys.train_setting(path)].proto.help
    quick = get_recipe("quick").settings
    for path in ("training.learning_rate", "training.epochs"):
        assert page.number_input(key=keys.train_setting(path)).value == quick[path]


def test_choosing_a_recipe_sets_its_values(open_page, dataset):
    page = open_page("train")
    page.number_input(key=keys.train_setting("training.epochs")).set_value(7).run()
    page.button_group(key=keys.TRAIN_RECIPE).set_value("careful").run()
    assert page.number_input(key=keys.train_setting("training.epochs")).value == 120
    assert page.number_input(key=keys.train_setting("training.clip_norm")).value == 5.0


def test_double_clicking_start_files_one_run_with_the_values_of_the_form(open_page, dataset, monkeypatch):
    monkeypatch.setattr("cnnlab.ui.filing.DOUBLE_CLICK_SECONDS", 600.0)  # a busy machine renders slowly
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
    assert escape_markdown("warmup_epochs") in page.error[0].value


def test_another_session_gets_the_form_as_it_was_left(open_page, dataset):
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


def test_an_address_with_an_unknown_run_is_reported(open_page, dataset):
    page = open_page("train")
    page.query_params["run"] = "nosuchrun"
    page.run()
    assert "nosuchrun" in page.error[0].value
    assert page.button(key=keys.TRAIN_START)


def file_three(dataset):
    return [file_run(store(), make_config(data=dataset.path, family="vgg", epochs=9 + number)) for number in range(3)]


def fail(run, **changes):
    """Mark a run as failed."""
    assert store().runs.move(run.run_id, Status.QUEUED, Status.STARTING, {})
    assert store().runs.move(run.run_id, Status.STARTING, Status.FAILED, changes)


def test_the_queue_is_reordered_and_shortened(open_page, dataset):
    first, second, third = (run.run_id for run in file_three(dataset))
    page = open_page("train")
    page.selectbox(key=f"{keys.TRAIN_POSITION}.{third}").set_value(1).run()
    assert [run.run_id for run in store().runs.queue()] == [third, first, second]
    page.selectbox(key=f"{keys.TRAIN_POSITION}.{third}").set_value(3).run()
    assert [run.run_id for run in store().runs.queue()] == [first, second, third]
    page.button(key=f"{keys.TRAIN_CANCEL}.{second}").click().run()
    assert [run.run_id for run in store().runs.queue()] == [first, third]
    assert store().runs.get(second).status is Status.STOPPED
    assert not page.exception


def waiting_rows(page):
    """Run ids of the rows from top to bottom, each with whether it can be cancelled."""
    buttons = [button for button in page.button if button.key and button.key.startswith(f"{keys.TRAIN_CANCEL}.")]
    return [(button.key.rpartition(".")[2], not button.disabled) for button in buttons]


def test_the_rows_of_the_queue_do_not_move_when_one_is_cancelled(open_page, dataset):
    first, second, third = (run.run_id for run in file_three(dataset))
    page = open_page("train")
    page.button(key=f"{keys.TRAIN_CANCEL}.{first}").click().run()
    assert waiting_rows(page) == [(first, False), (second, True), (third, True)]
    page.button(key=f"{keys.TRAIN_CANCEL}.{third}").click().run()
    assert waiting_rows(page) == [(first, False), (second, True), (third, False)]
    page.button(key=f"{keys.TRAIN_PUT_BACK}.{first}").click().run()
    assert [run.run_id for run in store().runs.queue()] == [first, second]
    assert waiting_rows(page) == [(first, True), (second, True), (third, False)]


def test_the_count_of_hidden_rows_leaves_out_cancelled_ones(open_page, dataset, monkeypatch):
    monkeypatch.setattr("cnnlab.ui.train_page.queue.MAX_SHOWN", 1)
    first, second, _ = (run.run_id for run in file_three(dataset))
    page = open_page("train")
    page.button(key=f"{keys.TRAIN_CANCEL}.{first}").click().run()
    page.button(key=f"{keys.TRAIN_PUT_BACK}.{first}").click().run()
    move_in_queue(store(), first, 1)
    page.run()
    page.button(key=f"{keys.TRAIN_CANCEL}.{second}").click().run()
    lifecycle.stop(store(), first)  # as in another tab: now both have the first line
    page.run()
    assert len(store().runs.queue()) == 1
    assert [caption.value for caption in page.caption if "more, in the order" in caption.value] == [
        "and 1 more, in the order of the table."
    ]


def test_editing_a_run_fills_the_form_and_start_then_files_the_copy(open_page, dataset):
    run = file_three(dataset)[2]
    page = open_page("train")
    page.button(key=f"{keys.TRAIN_EDIT}.{run.run_id}").click().run()
    assert page.number_input(key=keys.train_setting("training.epochs")).value == 11
    page.number_input(key=keys.train_setting("training.batch_size")).set_value(3).run()
    page.button(key=keys.TRAIN_START).click().run()
    newest = store().runs.list(limit=1)[0]
    assert (newest.family, newest.epochs, newest.config["training"]["batch_size"]) == ("vgg", 11, 3)


def test_a_clone_names_its_source_until_a_recipe_is_chosen(open_page, dataset):
    source = file_three(dataset)[2]
    page = open_page("train")
    page.button(key=f"{keys.TRAIN_EDIT}.{source.run_id}").click().run()
    page.button(key=keys.TRAIN_START).click().run()
    clone = store().runs.list(limit=1)[0]
    assert clone.cloned_from == source.run_id
    assert f"Cloned from {escape_markdown(source.name)}" in [caption.value for caption in page.caption]
    page.button_group(key=keys.TRAIN_RECIPE).set_value("careful").run()
    page.button(key=keys.TRAIN_START).click().run()
    assert store().runs.list(limit=1)[0].cloned_from is None
    assert not any(caption.value.startswith("Cloned from") for caption in page.caption)


def test_a_failed_run_says_what_failed_why_and_what_to_do(open_page, dataset):
    run = file_three(dataset)[0]
    fail(run, category="diverged", reason="The loss became infinite at step 7.", remedy="Lower the learning rate.")
    page = open_page("train")
    page.query_params["run"] = run.run_id
    page.run()
    (error,) = page.error
    assert error.value == ("**The loss became infinite.** The loss became infinite at step 7. Lower the learning rate.")


def test_an_active_run_cannot_be_deleted_but_an_ended_one_can(open_page, dataset, workspace):
    first, second, _ = file_three(dataset)
    store().runs.move(first.run_id, Status.QUEUED, Status.STARTING, {})
    fail(second)
    page = open_page("train")
    page.query_params["run"] = f"{first.run_id},{second.run_id}"
    page.run()
    assert page.button(key=f"{keys.TRAIN_DELETE}.{first.run_id}").disabled
    page.button(key=f"{keys.TRAIN_DELETE}.{second.run_id}").click().run()
    assert second.run_id not in {run.run_id for run in store().runs.list()}
    assert not page.error
    assert page.query_params["run"] == first.run_id


def test_deleting_a_run_that_has_started_meanwhile_shows_an_error(open_page, dataset):
    run = file_three(dataset)[0]
    page = open_page("train")
    page.query_params["run"] = run.run_id
    page.run()
    alive = process_values(ProcessIdentity.current())
    store().runs.move(run.run_id, Status.QUEUED, Status.STARTING, alive)
    page.button(key=f"{keys.TRAIN_DELETE}.{run.run_id}").click().run()
    assert "cannot be deleted; stop it first" in page.error[0].value
    assert store().runs.get(run.run_id).is_active


def test_a_process_without_a_heartbeat_is_reported_as_not_responding(open_page, dataset):
    run = file_three(dataset)[0]
    silent = {"heartbeat": time.monotonic() - 600, **process_values(ProcessIdentity.current())}
    store().runs.move(run.run_id, Status.QUEUED, Status.STARTING, silent)
    page = open_page("train")
    page.query_params["run"] = run.run_id
    page.run()
    assert "not responding" in page.warning[0].value


def test_the_status_column_has_room_for_longer_words(open_page, dataset):
    file_three(dataset)
    (table,) = open_page("train").dataframe
    assert json.loads(table.proto.columns)["status"]["width"] >= 8 * len("not responding") + 16


def test_a_run_starts_from_an_earlier_one_or_from_a_path(open_page, dataset, workspace, tmp_path):
    earlier = file_three(dataset)[0]
    folder = run_folder(store(), earlier)
    folder.path.mkdir(parents=True)
    folder.best.write_bytes(b"weights")
    store().runs.update(earlier.run_id, epoch=1)
    key = keys.train_setting(fields.ORIGIN)
    page = open_page("train")
    assert any(earlier.name in option for option in page.selectbox(key=key).options)
    page.selectbox(key=key).set_value(earlier.run_id).run()
    page.toggle(key=keys.train_setting("architecture.freeze")).set_value(True).run()
    page.button(key=keys.TRAIN_START).click().run()
    assert not page.error
    architecture = store().runs.list(limit=1)[0].config["architecture"]
    assert (architecture["init_from"], architecture["freeze"]) == (earlier.run_id, True)


def test_the_cost_is_shown_before_start(open_page, dataset):
    page = open_page("train")
    end = time.monotonic() + 20
    while "Takes **" not in (text := " ".join(caption.value for caption in page.caption)) and time.monotonic() < end:
        page.run()
    epochs = get_recipe("quick").settings["training.epochs"]
    assert f"Takes **{numbers.duration(2.0 * epochs)} to " in text
    assert "** and 900 MB of memory" in text


def test_clearing_checkpoints_spares_active_runs_and_runs_without_other_weights(dataset, workspace):
    ended, without, going_on = file_three(dataset)
    for run in (ended, without, going_on):
        folder = run_folder(store(), run)
        folder.checkpoints.mkdir(parents=True)
        (folder.checkpoints / "model.safetensors").write_bytes(b"0" * 100)
    run_folder(store(), ended).best.write_bytes(b"weights")
    fail(ended)
    fail(without)
    assert [run.run_id for run in disk.clearable()] == [ended.run_id]


def test_failures_are_reported_once_except_for_runs_shown_on_the_page(open_page, dataset):
    shown, *others = file_three(dataset)
    page = open_page("train")  # the first look ignores earlier failures
    page.query_params["run"] = shown.run_id
    page.run()
    for run in (shown, others[0]):
        fail(run, reason="The disk is full.", ended=time.time())
    page.run()
    errors = [box.value for box in page.error if "The disk is full" in box.value]
    assert [others[0].name in sentence for sentence in errors].count(True) == 1
    assert [message[2] for message in page.session_state["session.messages"]] == [others[0].run_id]


def test_many_failures_are_reported_in_one_sentence(open_page, dataset):
    runs = file_three(dataset)
    page = open_page("architecture")
    for run in runs:
        fail(run, reason="The disk is full.", ended=time.time())
    page.run()
    [message] = page.session_state["session.messages"]
    assert message[1].startswith("Runs failed: ")
    page.button(key=f"{keys.DISMISS}.0").click().run()
    assert not page.session_state["session.messages"]
