"""Real workers and real run processes: how they take, stop and pause runs, and how they die."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest
from safetensors.numpy import load_file

from cnnlab.processes import ProcessIdentity, wait_until_dead
from cnnlab.runs import lifecycle
from cnnlab.runs import worker as worker_module
from cnnlab.runs.filing import file_run
from cnnlab.runs.folder import RunFolder
from cnnlab.runs.worker import Worker, start_worker_if_none
from cnnlab.store.records import Status
from cnnlab.training.events import EpochEnd

pytestmark = pytest.mark.slow

VARIED = {  # everything with state that a checkpoint has to hold
    "training__epochs": 40,
    "training__accumulate": 2,
    "training__schedule": "cosine",
    "training__warmup_epochs": 2,
    "training__class_weights": "balanced",
    "training__patience": 39,
    "training__clip_norm": 1.0,
    "training__optimiser": "adamw",
    "architecture__options": {"dropout": 0.3},
}


def family_of(process):
    return [child.pid for child in psutil.Process(process.pid).children(recursive=True)]


def folder_of(store, run):
    return RunFolder(store.workspace.runs / run.run_id)


def bits(store, run):
    """Everything that equal runs share: weights, predictions, history and every point of their series."""
    folder = folder_of(store, run)
    with np.load(folder.predictions) as arrays:
        predictions = {name: arrays[name].tobytes() for name in arrays.files}
    weights = {name: tensor.tobytes() for name, tensor in load_file(folder.best).items()}
    history = [EpochEnd.from_dict(record.figures).without_timing() for record in store.epochs.of(run.number)]
    series = {name: store.metrics.read(run.number, name) for name in ("loss", "objective", "gradient_norm", "accuracy")}
    points = {name: (read.steps.tolist(), read.values.tolist()) for name, read in series.items()}
    return {"weights": weights, "predictions": predictions, "history": history, "points": points}


def test_a_filed_run_is_trained_to_the_end(store, configure, workers, until):
    run = file_run(store, configure())
    workers.start()
    record = until(run.run_id, Status.FINISHED)
    assert (record.epoch, record.attempt, record.process) == (2, 1, None)
    assert [epoch.epoch for epoch in store.epochs.of(run.number)] == [1, 2]
    assert store.metrics.read(run.number, "loss").steps.tolist() == list(range(1, record.step + 1))
    assert record.total_steps == record.step
    assert folder_of(store, run).best.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not delete a file that is open")
def test_a_worker_whose_workspace_was_deleted_ends_with_its_warm_process(store, workers):
    process = workers.start()
    while not store.workers.living() or not family_of(process):
        time.sleep(0.05)
    family = family_of(process)
    (store.workspace.home / "lab.db").unlink()
    process.wait(timeout=30)
    assert not any(psutil.pid_exists(pid) for pid in family)


def test_a_killed_run_is_interrupted_and_resumed_to_the_same_bits(store, configure, workers, until):
    store.settings.put("checkpoints", {"seconds": 0.05, "largest_share": 1.0})
    killed = file_run(store, configure(**VARIED))
    workers.start()
    record = until(killed.run_id, Status.RUNNING, step=13)
    os.kill(record.process.pid, signal.SIGKILL)
    died = time.monotonic()
    record = until(killed.run_id, Status.INTERRUPTED)
    assert time.monotonic() - died < 5
    assert "killed" in record.reason or "ended" in record.reason
    lifecycle.resume(store, killed.run_id)
    whole = file_run(store, configure(**VARIED))
    record = until(killed.run_id, Status.FINISHED)
    assert (record.attempt, record.bit_identical) == (2, True)
    assert bits(store, record) == bits(store, until(whole.run_id, Status.FINISHED))


def test_a_paused_run_frees_its_device_and_continues_to_the_same_bits(store, configure, workers, until):
    paused = file_run(store, configure(**VARIED))
    whole = file_run(store, configure(**VARIED))
    workers.start()
    until(paused.run_id, Status.RUNNING, step=13)
    lifecycle.pause(store, paused.run_id)
    until(paused.run_id, Status.PAUSED)
    until(whole.run_id, Status.STARTING, Status.RUNNING, Status.FINISHED)
    lifecycle.resume(store, paused.run_id)
    record = until(paused.run_id, Status.FINISHED)
    assert record.attempt == 2
    assert bits(store, record) == bits(store, until(whole.run_id, Status.FINISHED))


def test_a_stop_is_acknowledged_at_once_and_keeps_a_checkpoint(store, configure, workers, until):
    run = file_run(store, configure(training__epochs=5000))
    workers.start()
    until(run.run_id, Status.RUNNING, step=5)
    assert lifecycle.stop(store, run.run_id).status is Status.STOPPING
    record = until(run.run_id, Status.STOPPED, seconds=10)
    assert record.reason == "Stopped on request."
    assert len(list(folder_of(store, run).checkpoints.glob("*/state.json"))) >= 1


def test_a_run_that_cannot_react_is_ended_by_its_worker(store, configure, workers, until):
    run = file_run(store, configure(training__epochs=5000))
    workers.start()
    record = until(run.run_id, Status.RUNNING, step=5)
    os.kill(record.process.pid, signal.SIGSTOP)
    lifecycle.stop(store, run.run_id)
    record = until(run.run_id, Status.STOPPED, seconds=10)
    assert "back at its last checkpoint" in record.reason


def test_a_segmentation_fault_is_a_crash_with_a_reason(store, configure, workers, until):
    run = file_run(store, configure(training__epochs=5000))
    workers.start()
    record = until(run.run_id, Status.RUNNING, step=5)
    os.kill(record.process.pid, signal.SIGSEGV)
    record = until(run.run_id, Status.FAILED)
    assert record.category == "crash"
    assert "Segmentation fault" in record.reason
    assert "Segmentation fault" in folder_of(store, run).log_tail(200)


def test_a_worker_s_death_ends_its_run_with_a_checkpoint_and_leaves_no_orphan(store, configure, workers, until):
    run = file_run(store, configure(training__epochs=5000, compute__loaders=1))
    worker = workers.start()
    record = until(run.run_id, Status.RUNNING, step=5)
    family = [ProcessIdentity.of(pid) for pid in family_of(worker)]
    assert len(family) >= 2  # the run and its loader
    worker.kill()
    record = until(run.run_id, Status.INTERRUPTED, seconds=15)
    assert "its worker ended" in record.reason
    assert folder_of(store, run).weights() is not None
    assert [process for process in family if not wait_until_dead(process, 20)] == []


def test_killing_worker_and_run_together_leaves_no_orphan(store, configure, workers, until):
    run = file_run(store, configure(training__epochs=5000, compute__loaders=1))
    worker = workers.start()
    record = until(run.run_id, Status.RUNNING, step=5)
    family = [ProcessIdentity.of(pid) for pid in family_of(worker)]
    worker.kill()
    os.kill(record.process.pid, signal.SIGKILL)
    until(run.run_id, Status.INTERRUPTED, seconds=5)
    assert [process for process in family if not wait_until_dead(process, 20)] == []


@pytest.mark.parametrize("seconds", [0.0, 0.5, 1.5])
def test_a_worker_killed_during_imports_leaves_no_run_that_seems_active(store, configure, workers, until, seconds):
    run = file_run(store, configure(training__epochs=5000))
    worker = workers.start()
    record = until(run.run_id, Status.STARTING)
    time.sleep(seconds)
    worker.kill()
    ended = until(run.run_id, Status.INTERRUPTED, seconds=5)
    assert ended.reason and wait_until_dead(record.process, 5)


def test_an_idle_worker_ends_with_its_warm_child(store, workers):
    worker = workers.start(stay=False, idle_seconds=1.0)
    family = []
    while worker.poll() is None:
        family += [ProcessIdentity.of(pid) for pid in family_of(worker)] if not family else []
        time.sleep(0.05)
    assert worker.returncode == 0
    assert family and all(wait_until_dead(process, 5) for process in family)
    assert store.workers.living() == ()


def test_a_second_worker_ends_at_once_unless_asked_to_stay(store, workers):
    workers.start()
    while not store.workers.living():
        time.sleep(0.02)
    assert workers.start(stay=False).wait(20) == 0
    assert len(store.workers.living()) == 1


def test_a_run_survives_the_process_that_filed_it(store, configure, until):
    code = (
        "import sys, time; from cnnlab.store.store import Store; from cnnlab.runs.filing import file_run;"
        "from cnnlab.runs.worker import start_worker_if_none; from cnnlab.training.config import RunConfig;"
        "store = Store.open(); run = file_run(store, RunConfig.from_yaml(sys.stdin.read()));"
        "start_worker_if_none(store); print(run.run_id, flush=True); time.sleep(600)"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=store.workspace.environment(),
        start_new_session=True,
    )
    server.stdin.write(configure(training__epochs=60).to_yaml())
    server.stdin.close()
    run_id = server.stdout.readline().strip()
    try:
        until(run_id, Status.RUNNING, step=3)
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        until(run_id, Status.FINISHED)
    finally:
        for worker in store.workers.living():
            worker.process.end()


class WarmChild:
    """A process that only waits: the part of `RunProcess` that a worker without runs uses."""

    def __init__(self, *_):
        self.identity, self.has_ended, self.began = ProcessIdentity.current(), False, 0.0

    def close_pipe(self):
        self.has_ended = True

    def wait(self, _seconds):
        return self.has_ended


def test_an_idle_worker_ends_its_warm_process_and_starts_another_when_a_page_announces_a_run(store, monkeypatch):
    children = []

    def start(*arguments):
        children.append(WarmChild(*arguments))
        return children[-1]

    monkeypatch.setattr(worker_module, "BEAT_SECONDS", 0.0)
    me = ProcessIdentity.current()
    store.workers.register(me, stay=True)
    worker = Worker(store, me, stay=True, idle_seconds=3600.0, warm_seconds=0.2, start_child=start)
    while not (children and children[0].has_ended):
        worker.step()
    for _ in range(3):
        worker.step()
    assert len(children) == 1
    assert not start_worker_if_none(store)
    worker.step()
    assert [child.has_ended for child in children] == [True, False]
