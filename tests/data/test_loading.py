"""Batches are always the same, wherever an epoch starts and however many processes make them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import torch

from cnnlab.data.augmentation import Augmentation
from cnnlab.data.cache import WorkingSet
from cnnlab.data.loading import EvalBatches, TrainBatches
from cnnlab.data.pipeline import make_pipeline
from cnnlab.data.scan import scan_folder
from cnnlab.errors import DataError, RunError


@pytest.fixture
def working(folder, tmp_path):
    augmentation = Augmentation(make_pipeline("strong", 16))
    return WorkingSet(scan_folder(folder).pictures, augmentation, tmp_path / "cache")


def train(working, **options) -> TrainBatches:
    labels = [int(picture.label == "고양이") for picture in working.pictures]
    return TrainBatches(working, labels, working.augmentation, batch_size=5, **{"seed": 0, **options})


def equal(first, second) -> bool:
    return all(
        torch.equal(a.images, b.images) and torch.equal(a.labels, b.labels) and a.indices == b.indices
        for a, b in zip(first, second, strict=True)
    )


def test_an_epoch_contains_every_picture_once_with_its_label(working):
    batches = list(train(working).epoch(1))
    assert [batch.images.shape for batch in batches] == [(4, 3, 16, 16)] * 3
    assert batches[0].images.dtype == torch.uint8
    assert batches[0].labels.dtype == torch.int64
    indices = [index for batch in batches for index in batch.indices]
    assert sorted(indices) == list(range(12))
    labels = torch.cat([batch.labels for batch in batches]).tolist()
    assert labels == [int(working.pictures[index].label == "고양이") for index in indices]


def test_an_epoch_can_start_at_any_batch(working):
    batches = train(working)
    whole = list(batches.epoch(3))
    for start in range(len(batches) + 1):
        assert equal(whole[start:], list(batches.epoch(3, start_batch=start)))


def test_epochs_and_seeds_differ_and_repeat(working):
    first = list(train(working).epoch(1))
    assert equal(first, list(train(working).epoch(1)))
    assert first[0].indices != next(train(working).epoch(2)).indices
    assert first[0].indices != next(train(working, seed=1).epoch(1)).indices


def test_a_batch_contains_the_same_samples_as_the_gallery(working):
    batch = next(train(working).epoch(4))
    for index, image in zip(batch.indices, batch.images, strict=True):
        identifier = working.pictures[index].id
        sample = working.augmentation.sample(working[index], seed=0, epoch=4, picture_id=identifier)
        assert torch.equal(image, sample)


def test_loading_changes_neither_the_generator_nor_the_number_of_threads(working):
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    list(train(working).epoch(1))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads


def test_evaluation_batches_keep_the_order_of_the_pictures(working):
    batches = EvalBatches(working, [0] * 12, working.augmentation, batch_size=5)
    assert len(batches) == 3
    assert [index for batch in batches for index in batch.indices] == list(range(12))
    assert equal(list(batches), list(batches))


def test_an_empty_working_set_gives_no_batches(tmp_path):
    augmentation = Augmentation(make_pipeline("light", 16))
    empty = WorkingSet((), augmentation, tmp_path)
    assert list(EvalBatches(empty, [], augmentation, batch_size=4)) == []
    assert len(TrainBatches(empty, [], augmentation, batch_size=4, seed=0)) == 0


@pytest.mark.slow
def test_loader_processes_give_the_same_bits_in_the_same_order(working):
    alone = train(working)
    with train(working, loaders=2) as loaded:
        assert equal(list(alone.epoch(1)), list(loaded.epoch(1)))
        abandoned = loaded.epoch(2)
        next(abandoned)
        abandoned.close()  # the batches prepared ahead must not appear in another epoch
        assert equal(list(alone.epoch(3, start_batch=1)), list(loaded.epoch(3, start_batch=1)))
    assert not _loaders(os.getpid())


@pytest.mark.slow
def test_an_error_in_a_loader_is_raised_in_the_loop(working):
    working.pictures[3].path.unlink()
    with train(working, loaders=1) as loaded, pytest.raises(DataError, match="photo 3"):
        list(loaded.epoch(1))


@pytest.mark.slow
def test_the_death_of_a_loader_is_reported(working):
    with train(working, loaders=1) as loaded:
        epoch = loaded.epoch(1)
        next(epoch)
        for process in _loaders(os.getpid()):
            process.kill()
        with pytest.raises(RunError, match="Loader process 0 died"):
            list(loaded.epoch(2))


PARENT = """
import sys, time
from pathlib import Path
from cnnlab.data.augmentation import Augmentation
from cnnlab.data.cache import WorkingSet
from cnnlab.data.loading import TrainBatches
from cnnlab.data.pipeline import make_pipeline
from cnnlab.data.scan import scan_folder

if __name__ == "__main__":
    augmentation = Augmentation(make_pipeline("light", 16))
    working = WorkingSet(scan_folder(sys.argv[1]).pictures, augmentation, Path(sys.argv[2]))
    batches = TrainBatches(working, [0] * len(working), augmentation, batch_size=2, seed=0, loaders=2)
    next(batches.epoch(1))
    print("ready", flush=True)
    time.sleep(120)
"""


@pytest.mark.slow
def test_no_loader_outlives_its_parent(folder, tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, str(script), str(folder), str(tmp_path / "cache")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout.readline() == "ready\n"
        loaders = _loaders(parent.pid)
        assert len(loaders) == 2
        parent.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
    deadline = time.monotonic() + 30
    while any(_alive(process) for process in loaders) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(_alive(process) for process in loaders)


def _loaders(parent: int) -> list[psutil.Process]:
    children = psutil.Process(parent).children()
    return [child for child in children if any("spawn_main" in word for word in child.cmdline())]


def _alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
