"""One configuration, filed by a page, trained by `cnnlab train`, and resumed after kills: the same bits."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import load_file

from cnnlab.data.pipeline import make_pipeline
from cnnlab.processes import wait_until_dead
from cnnlab.runs import lifecycle
from cnnlab.runs.filing import file_run
from cnnlab.runs.folder import RunFolder
from cnnlab.store.records import Status
from cnnlab.training.events import EpochEnd

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
SERIES = ("loss", "objective", "accuracy", "learning_rate", "gradient_norm")
EVERYTHING = {  # everything with state or randomness that a resume has to restore
    "pipeline": make_pipeline("strong", 32).model_dump(),
    "architecture__options": {"dropout": 0.3},
    "training__epochs": 40,
    "training__accumulate": 2,
    "training__optimiser": "adamw",
    "training__learning_rate": 0.02,
    "training__schedule": "one_cycle",
    "training__class_weights": "balanced",
    "training__label_smoothing": 0.1,
    "training__patience": 6,  # not reached before step 14, so that both kills come in time
    "training__clip_norm": 1.0,
    "compute__loaders": 2,
}


@pytest.fixture
def config(configure, pictures):
    """Classes of 12 and 9 pictures, so that class weights matter."""
    for number in range(3):
        (pictures / "square" / f"{number:03}.png").unlink()
    return configure(**EVERYTHING)


def bits(store, run):
    """Everything that equal runs share: weights, predictions, history, every point, and how they ended."""
    folder = RunFolder(store.workspace.runs / run.run_id)
    with np.load(folder.predictions) as arrays:
        predictions = {name: arrays[name].tobytes() for name in arrays.files}
    series = {name: store.metrics.read(run.number, name) for name in SERIES}
    return {
        "weights": {name: tensor.tobytes() for name, tensor in load_file(folder.best).items()},
        "predictions": predictions,
        "history": [EpochEnd.from_dict(record.figures).without_timing() for record in store.epochs.of(run.number)],
        "points": {name: (points.steps.tolist(), points.values.tobytes()) for name, points in series.items()},
        "end": (run.status, run.reason, run.epoch, run.step, run.best_epoch, run.val_loss, run.val_accuracy),
    }


def by_command(store, config, folder):
    """Train at the command line, like a user in a terminal."""
    file = folder / "config.yaml"
    file.write_text(config.to_yaml())
    command = [sys.executable, "-m", "cnnlab", "train", "--config", str(file), "--json"]
    done = subprocess.run(command, env=store.workspace.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return store.runs.get(json.loads(done.stdout)["run_id"])


def cut_the_power(store, worker, record):
    """Kill worker and run process together, and pretend that the machine was restarted since."""
    for pid in (worker.pid, record.process.pid):
        os.kill(pid, signal.SIGKILL)
    worker.wait()
    assert wait_until_dead(record.process, 20)
    store.runs.update(record.run_id, boot="the last one")


def test_runs_of_page_and_command_line_and_resumed_runs_are_bit_identical(store, config, workers, until, tmp_path):
    store.settings.put("checkpoints", {"seconds": 0.05, "largest_share": 1.0})
    by_page, broken = file_run(store, config), file_run(store, config)
    worker = workers.start()
    expected = bits(store, until(by_page.run_id, Status.FINISHED))

    os.kill(until(broken.run_id, Status.RUNNING, step=5).process.pid, signal.SIGKILL)
    until(broken.run_id, Status.INTERRUPTED, seconds=5)
    lifecycle.resume(store, broken.run_id)
    cut_the_power(store, worker, until(broken.run_id, Status.RUNNING, step=9))
    assert "the machine was restarted" in until(broken.run_id, Status.INTERRUPTED, seconds=5).reason
    lifecycle.resume(store, broken.run_id)
    workers.start()
    resumed = until(broken.run_id, Status.FINISHED)

    commanded = by_command(store, config, tmp_path)
    assert (resumed.attempt, resumed.bit_identical, commanded.attempt) == (3, True, 1)
    for run in (resumed, commanded):
        actual = bits(store, run)
        for part, value in expected.items():
            assert actual[part] == value, f"{part} of attempt {run.attempt}"
    assert len(expected["history"]) < EVERYTHING["training__epochs"], "early stopping had no part in this"
