"""Runs at the command line that end badly, in real processes: a clear message, and the results so far are kept."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from cnnlab.runs.lifecycle import is_not_responding
from cnnlab.store.store import Store
from cnnlab.workspace import PROJECT_ROOT, Workspace

pytestmark = pytest.mark.slow

NET = ("--family", "vgg", "--image-size", "32", "--set", "base_width=8", "--threads", "1")
EXPLOSIVE = (
    *("--set", "batch_norm=false", "--set", "dropout=0", "--set", "training.optimiser=sgd", "--learning-rate", 10),
    *("--set", "training.warmup_epochs=9", "--set", "training.clip_norm=null", "--epochs", 9),
)


def train(workspace: Workspace, *words: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "cnnlab", "train", *map(str, words)],
        env=workspace.environment(),
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def check_kept(workspace: Workspace) -> None:
    (best,) = workspace.runs.glob("*/best.safetensors")
    assert all(abs(tensor).max() < float("inf") for tensor in load_file(best).values())


def test_a_run_that_really_diverges_keeps_its_best_weights(workspace: Workspace, pictures: Path) -> None:
    process = train(workspace, "--data", pictures, *NET, *EXPLOSIVE, "--val-fraction", "0.25", "--batch-size", 16)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "became" in err.splitlines()[-1] and "clone the run" in err.splitlines()[-1], err
    assert "Traceback" not in err
    assert not list(workspace.runs.glob("*/checkpoints/*"))
    check_kept(workspace)


def test_a_run_whose_store_is_deleted_ends_with_one_sentence_and_keeps_its_best_weights(
    workspace: Workspace, pictures: Path
) -> None:
    process = train(workspace, "--data", pictures, *NET, "--epochs", 5000, "--val-fraction", "0.25")
    assert process.stderr is not None
    while "epoch 2/" not in process.stderr.readline():
        assert process.poll() is None
    for file in workspace.home.glob("lab.db*"):
        file.unlink()
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "Traceback" not in err
    last = err.splitlines()[-1]
    assert "database of the lab was deleted or replaced" in last and str(workspace.runs) in last, err
    assert "Free some space" not in last
    check_kept(workspace)


def test_a_run_with_a_suspended_process_is_listed_as_not_responding(workspace: Workspace, pictures: Path) -> None:
    process = train(workspace, "--data", pictures, *NET, "--epochs", 5000, "--val-fraction", "0.25")
    try:
        assert process.stderr is not None
        while "epoch 1/" not in process.stderr.readline():
            assert process.poll() is None
        os.kill(process.pid, signal.SIGSTOP)
        store = Store.open(workspace)
        while not is_not_responding(store.runs.find("@last")):
            assert process.poll() is None
            time.sleep(0.2)
        listed = subprocess.run(
            [sys.executable, "-m", "cnnlab", "runs"],
            env=workspace.environment(),
            cwd=PROJECT_ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        assert "running, not responding" in listed.stdout
    finally:
        process.kill()
        process.communicate()
