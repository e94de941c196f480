"""Runs trained in this process: what they leave behind, and every way they can end."""

import builtins
import errno
import hashlib
import json
import os
import pickle
import shutil
import signal
import time
from pathlib import Path

import pytest

from cnnlab.errors import DIVERGED_REMEDY, CheckpointError, DataError, DivergedError, RunStateError, StoreError
from cnnlab.processes import ProcessIdentity
from cnnlab.runs import lifecycle
from cnnlab.runs.execute import execute_run, file_for_here, train, train_filed
from cnnlab.runs.filing import file_run
from cnnlab.runs.folder import RunFolder
from cnnlab.runs.housekeeping import clear_checkpoints
from cnnlab.runs.recorder import Recorder
from cnnlab.store.records import Status
from cnnlab.training.config import RunConfig
from cnnlab.training.events import EpochEnd, StepEnd
from cnnlab.training.predictions import Predictions

pytestmark = pytest.mark.slow


def folder_of(store, run):
    return RunFolder(store.workspace.runs / run.run_id)


def run_here(store, config, listener=None):
    return train_filed(store, file_for_here(store, config).run_id, listener=listener)


def when(kind, action, number=1):
    """A listener that acts at the n-th event of a kind."""
    seen = []

    def listen(event):
        seen.append(event) if isinstance(event, kind) else None
        if isinstance(event, kind) and len(seen) == number:
            action()

    return listen


def test_a_run_can_be_shown_without_its_pictures(store, configure, pictures):
    result = run_here(store, configure(data__test_fraction=0.2))
    run, folder = result.run, folder_of(store, result.run)
    for path in sorted(pictures.rglob("*.png")):
        path.unlink()
    assert run.status is Status.FINISHED and run.reason and run.parameters and run.flops
    assert RunConfig.from_yaml(folder.config.read_text()) == RunConfig.from_dict(run.config)
    assert folder.attempts()[0]["threads"] == 1
    rows = folder.read_pictures()
    assert len(rows) == 24 and {row["part"] for row in rows} == {"train", "val", "test"}
    assert rows[0]["path"] == "disc/000.png"
    kept = Predictions.read(folder.predictions)
    assert kept.classes == run.summary.classes == ("disc", "square")
    assert len(kept.top_labels) == run.epochs
    assert folder.weights() == folder.best
    assert run.summary.test["pictures"] == run.summary.images["test"]
    assert not folder.reserve.exists()
    clear_checkpoints(store, run.run_id)
    assert folder.best.exists() and store.epochs.of(run.number)
    json.dumps(result.to_dict(), allow_nan=False)


def test_the_table_shows_the_figures_of_the_best_epoch(store, configure):
    result = run_here(store, configure(training__epochs=4))
    best = min(result.history, key=lambda record: (record.figures["val_loss"], record.epoch))
    assert result.run.best_epoch == best.epoch
    assert (result.run.val_loss, result.run.val_accuracy) == (best.figures["val_loss"], best.figures["val_accuracy"])


def test_no_run_is_filed_for_unusable_pictures(store, configure, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError):
        train(configure(data__path=str(tmp_path / "empty")), workspace=store.workspace)
    assert store.runs.list() == ()


def test_a_stopped_run_keeps_its_epochs_and_can_be_resumed(store, configure):
    run = file_for_here(store, configure(training__epochs=6))
    stop = when(EpochEnd, lambda: (lifecycle.stop(store, run.run_id), wait_until_seen()))

    def wait_until_seen():
        time.sleep(0.6)

    result = train_filed(store, run.run_id, listener=stop)
    assert result.run.status is Status.STOPPED
    assert 1 <= result.run.epoch < 6 and folder_of(store, run).best.exists()
    lifecycle.resume(store, run.run_id, reserved_for=ProcessIdentity.current())
    again = train_filed(store, run.run_id)
    assert (again.run.status, again.run.attempt, len(again.history)) == (Status.FINISHED, 2, 6)


def test_preparation_is_reported_in_the_record_and_to_the_listener(store, configure):
    reported, seen = [], []
    run = file_for_here(store, configure())

    def listen(now):
        reported.append(now)
        seen.append(store.runs.get(run.run_id).preparation)

    train_filed(store, run.run_id, preparing=listen)
    assert reported == seen
    assert [str(now) for now in reported][:1] == ["looking through the folder"]
    assert str(reported[-1]) == "reading pictures, 24 of 24"
    record = store.runs.get(run.run_id)
    assert record.preparation is None and record.summary.preparation is None


def test_a_stop_before_the_first_step_is_obeyed_between_two_pictures(store, configure):
    run = file_for_here(store, configure())

    def stop_at(now):
        if str(now) == "reading pictures":
            lifecycle.stop(store, run.run_id)
            time.sleep(0.6)  # until the watch has noticed it

    result = train_filed(store, run.run_id, preparing=stop_at)
    assert (result.run.status, result.run.step) == (Status.STOPPED, 0)
    assert not [file for file in store.workspace.cache.rglob("*") if file.is_file()]
    lifecycle.resume(store, run.run_id, reserved_for=ProcessIdentity.current())
    assert train_filed(store, run.run_id).run.status is Status.FINISHED


def test_ctrl_c_stops_after_the_current_step_with_a_checkpoint(store, configure):
    press = when(StepEnd, lambda: os.kill(os.getpid(), signal.SIGINT), number=2)
    with pytest.raises(KeyboardInterrupt):
        run_here(store, configure(), listener=press)
    run = store.runs.find("@last")
    assert run.status is Status.INTERRUPTED and "Ctrl-C" in run.reason
    assert folder_of(store, run).weights() is not None
    assert store.leases.holder("cpu") is None


def test_a_resumed_run_with_other_versions_or_threads_is_not_bit_identical(store, configure):
    press = when(EpochEnd, lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        run_here(store, configure(), listener=press)
    run = store.runs.find("@last")
    folder = folder_of(store, run)
    text = folder.environment.read_text()
    folder.environment.write_text(text.replace('"threads": 1', '"threads": 64'))
    lifecycle.resume(store, run.run_id, reserved_for=ProcessIdentity.current())
    ended = train_filed(store, run.run_id).run
    assert ended.status is Status.FINISHED and not ended.bit_identical


def test_changed_pictures_prevent_a_resume_and_are_named(store, configure, pictures):
    press = when(EpochEnd, lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        run_here(store, configure(), listener=press)
    run = store.runs.find("@last")
    (pictures / "disc" / "003.png").unlink()
    with pytest.raises(DataError, match=r"missing or changed: disc/003\.png"):
        lifecycle.resume(store, run.run_id)
    assert store.runs.get(run.run_id).status is Status.INTERRUPTED


CHANGES = {
    "deleted": lambda path: path.unlink(),
    "another picture": lambda path: path.write_bytes(path.with_name("000.png").read_bytes()),
    "no picture": lambda path: path.write_bytes(b"no picture"),
}


@pytest.mark.parametrize(("change", "loaders"), [("deleted", 0), ("another picture", 0), ("no picture", 1)])
def test_pictures_that_change_while_they_are_read_end_the_run_and_are_named(
    store, configure, pictures, change, loaders
):
    """A run only reads them if it has lost its cache."""

    def act():
        shutil.rmtree(store.workspace.cache)
        for path in pictures.rglob("*.png"):
            if path.name != "000.png":
                CHANGES[change](path)

    config = configure(training__epochs=40, compute__loaders=loaders)
    result = run_here(store, config, listener=when(StepEnd, act, number=2))
    run = result.run
    assert (run.status, run.category) == (Status.FAILED, "data")
    assert f"{pictures}" in run.reason and ".png" in run.reason and run.remedy
    assert RunFolder(store.workspace.runs / run.run_id).log_tail()


def test_a_run_with_its_cache_survives_the_deletion_of_its_pictures(store, configure, pictures):
    result = run_here(store, configure(), listener=when(StepEnd, lambda: shutil.rmtree(pictures), number=1))
    assert result.run.status is Status.FINISHED


def test_a_folder_that_vanished_before_the_run_started_is_named(store, configure, pictures):
    run = file_for_here(store, configure())
    shutil.rmtree(pictures)
    ended = train_filed(store, run.run_id).run
    assert (ended.status, ended.category) == (Status.FAILED, "data") and str(pictures) in ended.reason


def test_a_forged_checkpoint_fails_the_run_with_one_sentence_and_executes_nothing(store, configure, tmp_path):
    press = when(EpochEnd, lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        run_here(store, configure(), listener=press)
    run, mark = store.runs.find("@last"), tmp_path / "executed"
    payload = b"cos\nmkdir\n(V" + str(mark).encode() + b"\ntR."
    for path in folder_of(store, run).checkpoints.glob("*"):
        (path / "model.safetensors").write_bytes(payload)
        state = json.loads((path / "state.json").read_text())
        state["files"]["model.safetensors"] = hashlib.sha256(payload).hexdigest()
        (path / "state.json").write_text(json.dumps(state))
    lifecycle.resume(store, run.run_id, reserved_for=ProcessIdentity.current())
    ended = train_filed(store, run.run_id).run
    assert ended.status is Status.FAILED and "was not written by CNN Lab" in ended.reason
    assert not mark.exists()
    pickle.loads(payload)  # the payload really works
    assert mark.exists()


@pytest.mark.parametrize(
    ("error", "category"),
    [
        (DivergedError("The loss is no longer a number."), "diverged"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "memory"),
        (MemoryError(), "memory"),
        (DataError("A picture is gone."), "data"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk"),
        (FileNotFoundError(errno.ENOENT, "No such file", "a.png"), "data"),
        (ZeroDivisionError("nonsense"), "crash"),
    ],
)
def test_every_failure_has_a_category_a_reason_and_a_remedy(store, configure, error, category):
    def fail():
        raise error

    result = run_here(store, configure(), listener=when(StepEnd, fail, number=2))
    run = result.run
    assert (run.status, run.category) == (Status.FAILED, category)
    assert run.reason and run.remedy and result.error is error
    assert type(error).__name__ in folder_of(store, run).log_tail()
    assert store.leases.holder("cpu") is None


def test_a_full_disk_ends_the_run_with_a_reason_and_the_last_checkpoint(store, configure, monkeypatch):
    store.settings.put("checkpoints", {"seconds": 0.0, "largest_share": 1.0})
    real = builtins.open
    path_open = Path.open
    full = []

    def refuse(path, mode):
        if full and set("wax+") & set(mode) and "checkpoints" in str(path):
            raise OSError(errno.ENOSPC, "No space left on device", str(path))

    def guarded(file, mode="r", *rest, **options):
        refuse(file, mode)
        return real(file, mode, *rest, **options)

    def guarded_path(self, mode="r", *rest, **options):
        refuse(self, mode)
        return path_open(self, mode, *rest, **options)

    monkeypatch.setattr(builtins, "open", guarded)
    monkeypatch.setattr(Path, "open", guarded_path)
    result = run_here(store, configure(training__epochs=9), listener=when(EpochEnd, lambda: full.append(True)))
    assert (result.run.status, result.run.category) == (Status.FAILED, "disk")
    full.clear()
    lifecycle.resume(store, result.run.run_id, reserved_for=ProcessIdentity.current())
    again = train_filed(store, result.run.run_id)
    assert again.run.status is Status.FINISHED and len(again.history) == 9


def test_a_run_that_somebody_else_changed_is_not_started(store, configure):
    run = file_run(store, configure(), reserved_for=ProcessIdentity.current())
    lifecycle.stop(store, run.run_id)
    with pytest.raises(RunStateError, match="somebody else"):
        train_filed(store, run.run_id)


def test_a_run_starts_from_the_weights_of_another(store, configure):
    first = run_here(store, configure()).run
    second = run_here(store, configure(architecture__init_from=first.run_id[:6], training__epochs=1)).run
    assert second.status is Status.FINISHED
    assert second.config["architecture"]["init_from"] == first.run_id


def test_a_claimed_run_is_running_from_its_first_step_on(store, configure):
    statuses = []
    run = lifecycle.claim(store, file_for_here(store, configure()).run_id, ProcessIdentity.current())
    assert run.status is Status.STARTING
    execute_run(store, run, listener=when(StepEnd, lambda: statuses.append(store.runs.get(run.run_id).status)))
    assert statuses == [Status.RUNNING]


def test_a_diverged_run_keeps_the_best_weights_of_its_good_epochs(store, configure, monkeypatch):
    from cnnlab.analysis.prediction import load_trained
    from cnnlab.training import meter

    def check(what, value, step, epoch):
        if epoch == 3:
            raise DivergedError(f"{what} became infinite at step {step} (epoch {epoch}); {DIVERGED_REMEDY}.")

    monkeypatch.setattr(meter, "check_finite", check)
    result = run_here(store, configure(training__epochs=4))
    run = store.runs.get(result.run.run_id)
    assert (run.status, run.category, run.epoch) == (Status.FAILED, "diverged", 2)
    assert folder_of(store, run).best.is_file()
    assert load_trained(store, run).classes == ("disc", "square")
    assert "resume" not in f"{run.reason} {run.remedy}".lower()


def damage_checkpoints(folder):
    for _, path in folder.complete_checkpoints():
        (path / "model.safetensors").write_bytes(b"cut")


def test_a_run_with_only_damaged_checkpoints_does_not_silently_start_over(store, configure):
    run_id = file_for_here(store, configure(training__epochs=4)).run_id
    train_filed(store, run_id, listener=when(EpochEnd, lambda: lifecycle.pause(store, run_id), 2))
    run = store.runs.get(run_id)
    assert run.status is Status.PAUSED
    damage_checkpoints(folder_of(store, run))
    lifecycle.resume(store, run_id, reserved_for=ProcessIdentity.current())
    result = train_filed(store, run_id)
    assert (result.run.status, result.run.category, result.run.epoch) == (Status.FAILED, "checkpoint", run.epoch)
    assert [record.epoch for record in store.epochs.of(run.number)] == list(range(1, run.epoch + 1))
    assert "from a copy" in result.run.reason and result.run.remedy is None  # the reason already gives the remedy


def test_truncated_best_weights_fall_back_to_the_checkpoint(store, configure):
    from cnnlab.analysis.prediction import load_trained

    result = run_here(store, configure())
    folder = folder_of(store, result.run)
    folder.best.write_bytes(folder.best.read_bytes()[:100])
    assert load_trained(store, result.run).classes == ("disc", "square")


def test_a_run_whose_store_is_deleted_ends_with_a_reason_and_keeps_its_weights(store, configure):
    run_id = file_for_here(store, configure(training__epochs=50)).run_id

    def delete_store():
        (store.workspace.home / "lab.db").unlink()

    result = train_filed(store, run_id, listener=when(EpochEnd, delete_store, 2))
    assert isinstance(result.error, StoreError)
    assert "deleted or replaced" in str(result.error)
    assert len(result.history) < 50
    assert folder_of(store, result.run).best.is_file()


def test_the_best_weights_are_kept_even_if_the_store_cannot_be_written(store, configure, monkeypatch):
    def refuse(_recorder):
        raise StoreError("The database of the lab cannot be written.")

    break_store = when(EpochEnd, lambda: monkeypatch.setattr(Recorder, "flush", refuse), 2)
    result = run_here(store, configure(training__epochs=50), listener=break_store)
    assert isinstance(result.error, StoreError) and result.run.status is Status.FAILED
    assert folder_of(store, result.run).best.is_file()
    assert "Some results could not be kept" in folder_of(store, result.run).log_tail()


def test_the_path_of_the_pictures_is_stored_as_an_absolute_path(store, configure, pictures, monkeypatch):
    monkeypatch.chdir(pictures.parent)
    run = file_run(store, configure(data__path=pictures.name))
    assert run.config["data"]["path"] == str(pictures)


def test_ctrl_c_before_the_first_step_is_obeyed_at_once(store, configure):
    run_id = file_for_here(store, configure(training__epochs=50)).run_id
    with pytest.raises(KeyboardInterrupt):
        train_filed(store, run_id, preparing=lambda _: os.kill(os.getpid(), signal.SIGINT))
    run = store.runs.get(run_id)
    assert (run.status, run.step) == (Status.INTERRUPTED, 0)


def test_an_unfinished_first_checkpoint_does_not_stop_a_run(store, configure):
    run_id = file_for_here(store, configure()).run_id
    unfinished = RunFolder(store.workspace.runs / run_id).checkpoints / "00000004"
    unfinished.mkdir(parents=True)
    (unfinished / "model.safetensors").write_bytes(b"half")
    assert train_filed(store, run_id).run.status is Status.FINISHED


@pytest.mark.parametrize("lost", ["", "checkpoints"], ids=["the whole folder", "the checkpoints"])
def test_a_run_whose_files_are_gone_does_not_silently_start_over(store, configure, lost):
    run_id = file_for_here(store, configure(training__epochs=4)).run_id
    train_filed(store, run_id, listener=when(EpochEnd, lambda: lifecycle.pause(store, run_id), 2))
    run = store.runs.get(run_id)
    folder_of(store, run).best.unlink()
    shutil.rmtree(folder_of(store, run).path / lost)
    with pytest.raises(
        CheckpointError, match=r"restore .* from a copy and resume the run, or clone it to start from scratch"
    ):
        lifecycle.resume(store, run_id)
    assert store.runs.get(run_id) == run
    assert [record.epoch for record in store.epochs.of(run.number)] == list(range(1, run.epoch + 1))


def test_records_survive_if_checkpoints_vanish_while_a_resumed_run_waits(store, configure):
    run_id = file_for_here(store, configure(training__epochs=4)).run_id
    train_filed(store, run_id, listener=when(EpochEnd, lambda: lifecycle.pause(store, run_id), 2))
    run = store.runs.get(run_id)
    lifecycle.resume(store, run_id, reserved_for=ProcessIdentity.current())
    shutil.rmtree(folder_of(store, run).path)
    ended = train_filed(store, run_id).run
    assert (ended.status, ended.category, ended.step, ended.epoch) == (Status.FAILED, "checkpoint", run.step, run.epoch)
    assert [record.epoch for record in store.epochs.of(run.number)] == list(range(1, run.epoch + 1))


def test_a_run_without_recorded_steps_starts_over(store, configure):
    run_id = file_for_here(store, configure()).run_id
    with pytest.raises(KeyboardInterrupt):
        train_filed(store, run_id, preparing=lambda _: os.kill(os.getpid(), signal.SIGINT))
    shutil.rmtree(store.workspace.runs / run_id, ignore_errors=True)
    lifecycle.resume(store, run_id, reserved_for=ProcessIdentity.current())
    assert train_filed(store, run_id).run.status is Status.FINISHED
