import errno
import hashlib
import io
import json
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from cnnlab.errors import CheckpointError, DiskError, DivergedError
from cnnlab.training import checkpoints
from cnnlab.training.checkpoints import (
    CheckpointClock,
    list_checkpoints,
    newest_checkpoint,
    restore,
    save_checkpoint,
    write_results,
)
from cnnlab.training.events import EpochEnd, StepEnd
from cnnlab.training.loop import fit
from cnnlab.training.predictions import Predictions


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "checkpoints"


@pytest.fixture
def running(lab):
    """A state after its third step, and the rest of its run."""
    with lab.state(lab.config(**{"training.epochs": 3})) as state:
        events = fit(state)
        for _ in range(3):
            next(events)
        yield state, events


def test_the_newest_two_are_kept(running, folder: Path):
    state, events = running
    steps = []
    for _ in range(4):
        steps.append(save_checkpoint(folder, state).step)
        next(event for event in events if isinstance(event, StepEnd))
    assert [checkpoint.step for checkpoint in list_checkpoints(folder)] == steps[-2:]
    assert len(list(folder.iterdir())) == 2


def test_a_second_save_of_the_same_state_writes_nothing(running, folder: Path):
    state, _ = running
    first = save_checkpoint(folder, state)
    written = (first.path / "state.json").stat().st_mtime_ns
    assert save_checkpoint(folder, state) == first
    assert (first.path / "state.json").stat().st_mtime_ns == written


def test_the_same_step_after_its_evaluation_is_a_separate_checkpoint(running, folder: Path):
    state, events = running
    last = None
    for event in events:
        if isinstance(event, EpochEnd):
            break
        last = save_checkpoint(folder, state)
    after = save_checkpoint(folder, state)
    assert last is not None and (after.step, after.moment) == (last.step, 1)
    assert newest_checkpoint(folder) == after


def test_a_folder_without_its_last_file_does_not_count_and_is_overwritten(running, folder: Path):
    state, events = running
    good = save_checkpoint(folder, state)
    next(events)
    unfinished = folder / f"{state.progress.step:08d}"
    unfinished.mkdir()
    (unfinished / "model.safetensors").write_bytes(b"half")
    assert newest_checkpoint(folder) == good
    assert save_checkpoint(folder, state).path == unfinished
    assert newest_checkpoint(folder).path == unfinished


@pytest.mark.parametrize("name", ["model.safetensors", "optimiser.safetensors", "predictions.npz", "state.json"])
def test_a_damaged_checkpoint_is_skipped_for_the_previous_one(running, folder: Path, name: str):
    state, events = running
    good = save_checkpoint(folder, state)
    next(events)
    damaged = save_checkpoint(folder, state).path / name
    content = damaged.read_bytes()
    damaged.write_bytes(content[:-20] + bytes(20))
    assert newest_checkpoint(folder) == good


def test_only_checkpoints_are_removed(running, folder: Path):
    state, events = running
    (folder / "notes").mkdir(parents=True)
    for _ in range(4):
        save_checkpoint(folder, state)
        next(events)
    assert (folder / "notes").is_dir()


def test_a_checkpoint_holds_nothing_that_could_be_executed(running, folder: Path):
    state, _ = running
    path = save_checkpoint(folder, state).path
    assert {file.suffix for file in path.iterdir()} == {".safetensors", ".npz", ".json"}
    assert b"pickle" not in b"".join(file.read_bytes()[:400] for file in path.iterdir())


class Payload:
    """Makes a folder when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return os.mkdir, (str(self.mark),)


def forge(path: Path, name: str, content: bytes) -> None:
    """Replace a file of a checkpoint and its hash, as an attacker would."""
    (path / name).write_bytes(content)
    state = json.loads((path / "state.json").read_text())
    state["files"][name] = hashlib.sha256(content).hexdigest()
    (path / "state.json").write_text(json.dumps(state))


@pytest.mark.parametrize("kind", ["pickle", "object array", "noise"])
@pytest.mark.parametrize("name", ["model.safetensors", "optimiser.safetensors", "predictions.npz", "best.safetensors"])
def test_a_foreign_checkpoint_with_a_payload_is_rejected_and_not_executed(running, folder, tmp_path, name, kind):
    state, _ = running
    mark, content = tmp_path / "executed", io.BytesIO()
    if kind == "object array":
        np.savez(content, classes=np.array([Payload(mark)], dtype=object))
    else:
        content.write(pickle.dumps(Payload(mark)) if kind == "pickle" else bytes(range(256)) * 9)
    path = save_checkpoint(folder, state).path
    forge(path, name, content.getvalue())
    with pytest.raises(CheckpointError, match="was not written by CNN Lab") as caught:
        restore(state, newest_checkpoint(folder))
    assert path.name in str(caught.value) and not mark.exists()


@pytest.mark.parametrize("name", ["../../outside", "/etc/hostname", "notes.txt", "C:\\outside", "..\\outside"])
def test_a_checkpoint_that_names_files_elsewhere_does_not_count(running, folder, tmp_path, name):
    state, events = running
    good = save_checkpoint(folder, state)
    next(events)
    path = save_checkpoint(folder, state).path
    outside = tmp_path / "outside"
    outside.write_bytes(b"mine")
    values = json.loads((path / "state.json").read_text())
    values["files"][name] = hashlib.sha256(b"mine").hexdigest()
    (path / "state.json").write_text(json.dumps(values))
    assert newest_checkpoint(folder) == good
    assert outside.read_bytes() == b"mine"


def test_a_link_named_like_a_checkpoint_is_left_alone(running, folder, tmp_path):
    state, events = running
    elsewhere = save_checkpoint(tmp_path / "elsewhere", state).path
    folder.mkdir()
    (folder / "00000001").symlink_to(elsewhere)
    for _ in range(4):
        save_checkpoint(folder, state)
        next(events)
    assert (elsewhere / "state.json").exists() and len(list_checkpoints(folder)) == 2


@pytest.mark.parametrize("change", [{"progress": {}}, {"progress": {"step": "x"}}, {"precision": None, "progress": 7}])
def test_invalid_counters_are_rejected_with_one_sentence(running, folder, change):
    state, _ = running
    path = save_checkpoint(folder, state).path
    values = json.loads((path / "state.json").read_text()) | change
    (path / "state.json").write_text(json.dumps(values))
    with pytest.raises(CheckpointError, match="was not written by CNN Lab"):
        restore(state, newest_checkpoint(folder))


@pytest.mark.parametrize("name", ["model.safetensors", "optimiser.safetensors", "predictions.npz", "state.json.part"])
def test_a_full_disk_leaves_the_last_good_checkpoint(running, folder: Path, monkeypatch, name: str):
    state, events = running
    good = save_checkpoint(folder, state)
    next(events)
    flush = checkpoints._flush

    def refuse(path: Path) -> None:
        if path.name == name:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        flush(path)

    monkeypatch.setattr(checkpoints, "_flush", refuse)
    with pytest.raises(DiskError, match="No space left on device"):
        save_checkpoint(folder, state)
    assert newest_checkpoint(folder) == good
    assert list(folder.iterdir()) == [good.path]


def test_weights_that_are_not_numbers_are_not_saved(running, folder: Path):
    state, _ = running
    next(iter(state.module.parameters())).data.fill_(float("nan"))
    with pytest.raises(DivergedError, match="no longer a finite number"):
        save_checkpoint(folder, state)
    assert not folder.exists()


def test_restored_tensors_have_the_memory_layout_of_the_parameters(lab, folder: Path):
    """A fused optimiser traverses weights and averages in memory order."""
    with lab.state(lab.config("resnet")) as state:
        for _ in zip(fit(state), range(3), strict=False):
            pass
        checkpoint = save_checkpoint(folder, state)
        with lab.state(lab.config("resnet")) as other:
            restore(other, checkpoint)
            layouts = [
                (parameter.stride(), other.optimiser.state[parameter]["exp_avg"].stride())
                for parameter in other.module.parameters()
            ]
    assert any(len(stride) == 4 and stride[1] == 1 and stride[3] > 1 for stride, _ in layouts)
    assert all(stride == average for stride, average in layouts)


def test_results_describe_their_network(lab, folder: Path):
    state, _ = lab.whole_run(lab.config(**{"pipeline.normalisation": "dataset"}))
    folder.mkdir()
    write_results(folder, state)
    with safetensors.safe_open(folder / "best.safetensors", "pt") as file:
        metadata = file.metadata()
    assert json.loads(metadata["classes"]) == ["blue", "green", "red"]
    assert json.loads(metadata["architecture"])["family"] == "vgg"
    assert len(json.loads(metadata["mean_std"])) == 2
    best = safetensors.torch.load_file(folder / "best.safetensors")
    assert all(torch.equal(tensor, best[name]) for name, tensor in state.chosen_weights().items())
    predictions = Predictions.read(folder / "predictions.npz")
    assert predictions.val_ids == tuple(picture.id for picture in state.data.val)
    assert len(predictions.top_labels) == 2 and predictions.best_epoch == state.progress.best_epoch


def test_the_clock_waits_longer_if_saving_is_expensive(running, folder: Path, monkeypatch):
    now = 100.0
    monkeypatch.setattr(checkpoints.time, "monotonic", lambda: now)
    clock = CheckpointClock()
    assert not clock.is_due
    now += 30
    assert clock.is_due

    def dear(folder: Path, state: object) -> None:
        nonlocal now
        now += 4

    monkeypatch.setattr(checkpoints, "save_checkpoint", dear)
    clock.save(folder, running[0])
    now += 79
    assert not clock.is_due
    now += 2
    assert clock.is_due
