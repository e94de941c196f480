import errno
import json
import os
from pathlib import Path

import pytest
import safetensors.torch
import torch

from cnnlab.errors import DiskError, DivergedError
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


def test_the_same_step_after_its_evaluation_is_a_checkpoint_of_its_own(running, folder: Path):
    state, events = running
    last = None
    for event in events:
        if isinstance(event, EpochEnd):
            break
        last = save_checkpoint(folder, state)
    after = save_checkpoint(folder, state)
    assert last is not None and (after.step, after.moment) == (last.step, 1)
    assert newest_checkpoint(folder) == after


def test_a_folder_without_its_last_file_does_not_count_and_is_written_over(running, folder: Path):
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
def test_a_damaged_checkpoint_gives_way_to_the_one_before(running, folder: Path, name: str):
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


def test_weights_that_are_no_numbers_are_not_saved(running, folder: Path):
    state, _ = running
    next(iter(state.module.parameters())).data.fill_(float("nan"))
    with pytest.raises(DivergedError, match="no longer a finite number"):
        save_checkpoint(folder, state)
    assert not folder.exists()


def test_restored_tensors_lie_in_memory_as_the_parameters_do(lab, folder: Path):
    """A fused optimiser walks through weights and averages in the order of memory."""
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


def test_results_say_what_they_belong_to(lab, folder: Path):
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


def test_the_clock_waits_longer_where_saving_is_dear(running, folder: Path, monkeypatch):
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
