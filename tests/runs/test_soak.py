"""Long randomised stress tests: hundreds of kills, pauses, races and full disks. Run by `make soak` only.

Each prints what it did and its slowest case (`pytest -s`).
"""
# ruff: noqa: T201

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import numpy as np
import psutil
import pytest
from safetensors.numpy import load_file

from cnnlab.processes import ProcessIdentity, wait_until_dead
from cnnlab.runs import lifecycle
from cnnlab.runs.filing import file_run
from cnnlab.runs.folder import RunFolder
from cnnlab.store.records import ACTIVE, Status
from cnnlab.training.events import EpochEnd

pytestmark = [pytest.mark.soak, pytest.mark.timeout(6 * 3600)]

KILLS = int(os.environ.get("CNNLAB_SOAK_KILLS", "100"))
CYCLES = int(os.environ.get("CNNLAB_SOAK_CYCLES", "200"))
TRIALS = int(os.environ.get("CNNLAB_SOAK_TRIALS", "1000"))
SEED = int(os.environ.get("CNNLAB_SOAK_SEED", "0"))


def outcome(store, run):
    folder = RunFolder(store.workspace.runs / run.run_id)
    weights = {name: tensor.tobytes() for name, tensor in load_file(folder.best).items()}
    history = [EpochEnd.from_dict(record.figures).without_timing() for record in store.epochs.of(run.number)]
    losses = store.metrics.read(run.number, "loss")
    return weights, history, losses.steps.tolist(), losses.values.tobytes()


def check_store(store):
    with sqlite3.connect(store.workspace.home / "lab.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def kill(process):
    try:
        os.kill(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def test_kills_at_random_moments_lose_nothing(store, configure, workers, until):
    chance = random.Random(SEED)
    store.settings.put("checkpoints", {"seconds": 0.0, "largest_share": 1.0})  # so that many kills hit a write
    config = configure(training__epochs=60, training__accumulate=2, training__schedule="cosine")
    whole, run = file_run(store, config), file_run(store, config)
    worker, slowest, killed = workers.start(), 0.0, 0
    expected = outcome(store, until(whole.run_id, Status.FINISHED))
    while killed < KILLS:
        record = until(run.run_id, *ACTIVE, Status.FINISHED)
        time.sleep(chance.uniform(0.0, 1.5))
        record = store.runs.get(run.run_id)
        if record.status is Status.FINISHED:
            assert outcome(store, record) == expected
            run = file_run(store, config)
            continue
        if record.process is None:
            continue
        victims = chance.choice((("run",), ("worker",), ("run", "worker")))
        if "worker" in victims:
            worker.kill()
            worker.wait()
        if "run" in victims:
            kill(record.process)
        killed, died = killed + 1, time.monotonic()
        ended = until(run.run_id, Status.INTERRUPTED, Status.FINISHED, seconds=30)
        slowest = max(slowest, time.monotonic() - died)
        check_store(store)
        if "worker" in victims:
            worker = workers.start()
        if ended.status is Status.INTERRUPTED:
            assert ended.reason and ended.remedy
            lifecycle.resume(store, run.run_id)
    assert outcome(store, until(run.run_id, Status.FINISHED)) == expected
    print(f"{killed} kills, slowest recognition {slowest:.2f} s")


def test_random_cycles_leave_no_orphan(store, configure, workers, until):
    chance = random.Random(SEED)
    worker, seen, slowest = workers.start(), set(), 0.0
    run = file_run(store, configure(training__epochs=10_000))
    for _ in range(CYCLES):
        until(run.run_id, Status.RUNNING)
        time.sleep(chance.uniform(0.0, 0.4))
        seen |= {ProcessIdentity.of(child.pid) for child in psutil.Process(worker.pid).children(recursive=True)}
        action, asked = chance.choice(("pause", "stop", "kill")), time.monotonic()
        if action == "kill":
            kill(store.runs.get(run.run_id).process)
        else:
            getattr(lifecycle, action)(store, run.run_id)
        until(run.run_id, Status.PAUSED, Status.STOPPED, Status.INTERRUPTED)
        slowest = max(slowest, time.monotonic() - asked)
        lifecycle.resume(store, run.run_id)
    worker.kill()
    worker.wait()
    lingering = [process for process in seen if not wait_until_dead(process, 20)]
    assert lingering == []
    print(f"{CYCLES} cycles, {len(seen)} processes, slowest end {slowest:.2f} s")


def test_two_workers_never_start_a_run_twice(store, configure):
    """Two processes claim runs from one store, like workers; each prints what it got."""
    code = (
        "import sys; from cnnlab.store.store import Store; from cnnlab.runs.lifecycle import claim_next;"
        "from cnnlab.processes import ProcessIdentity; from cnnlab.store.records import Status\n"
        "store, me, left = Store.open(), ProcessIdentity.current(), 0\n"
        "while store.runs.queue():\n"
        "    run = claim_next(store, me)\n"
        "    if run is not None:\n"
        "        print(run.run_id, run.attempt, flush=True)\n"
        "        store.runs.move(run.run_id, Status.STARTING, Status.FINISHED, {'pid': None}, attempt=run.attempt)\n"
        "        store.leases.release('cpu', me)\n"
    )
    filed = {file_run(store, configure()).run_id for _ in range(TRIALS)}
    command = [sys.executable, "-c", code]
    takers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=store.workspace.environment())
        for _ in range(2)
    ]
    taken = [line.split() for taker in takers for line in taker.communicate()[0].splitlines()]
    assert len(taken) == TRIALS and {run_id for run_id, _ in taken} == filed
    assert {attempt for _, attempt in taken} == {"1"}
    print(f"{TRIALS} runs, {[taker.returncode for taker in takers]}")


def test_a_double_click_files_one_run_a_thousand_times(store, configure):
    config = configure()
    for trial in range(TRIALS // 10):
        barrier = threading.Barrier(4)

        def click(token=str(trial), barrier=barrier):
            barrier.wait()
            file_run(store, config, token=token)

        threads = [threading.Thread(target=click) for _ in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
    assert len(store.runs.list()) == TRIALS // 10


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts a small file system")
def test_a_small_disk_that_fills_up_leaves_the_store_intact(tmp_path, configure, monkeypatch):
    """On a real file system, which may be full at any write."""
    from cnnlab.runs.execute import file_for_here, train_filed
    from cnnlab.store.store import Store
    from cnnlab.workspace import Workspace

    home = tmp_path / "small"
    home.mkdir()
    monkeypatch.setenv("CNNLAB_HOME", str(home))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "none", str(home)], check=True)
    try:
        store = Store.open(Workspace.current())
        store.settings.put("checkpoints", {"seconds": 0.0, "largest_share": 1.0})
        run = file_for_here(store, configure(training__epochs=80))
        ballast, growing = home / "ballast", np.random.default_rng(SEED)

        def fill(event):
            if isinstance(event, EpochEnd) and event.epoch >= 3:
                with ballast.open("ab") as file:
                    file.write(growing.bytes(min(2_000_000, shutil.disk_usage(home).free)))

        result = train_filed(store, run.run_id, listener=lambda event: _quietly(fill, event))
        assert (result.run.status, result.run.category) == (Status.FAILED, "disk"), result.run
        check_store(store)
        ballast.unlink()
        store.settings.put("checkpoints", {})
        lifecycle.resume(store, run.run_id, reserved_for=ProcessIdentity.current())
        again = train_filed(store, run.run_id, listener=None).run
        assert again.status is Status.FINISHED and len(store.epochs.of(run.number)) == 80
        store.close()
    finally:
        subprocess.run(["umount", "-l", str(home)], check=True)


def _quietly(action, event):
    try:
        action(event)
    except OSError:
        return
