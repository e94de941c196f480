"""From filing a run to its first point in the store, with a warm worker: `python -m benchmarks start`."""

import tempfile
import time
from pathlib import Path

from benchmarks.measuring import figure, report
from cnnlab.data.samples import write_samples
from cnnlab.runs.datasets import register_folder
from cnnlab.runs.filing import file_run
from cnnlab.runs.lifecycle import stop, stop_all, wait_until_obeyed
from cnnlab.runs.store import Store
from cnnlab.runs.worker import start_worker_if_none
from cnnlab.training.recipes import make_config
from cnnlab.workspace import Workspace

REPETITIONS = 7
WARM_SECONDS = 25.0
"""A new warm process is made ten seconds after a run began, and imports torch for some more."""
PATIENCE_SECONDS = 60.0


def seconds_to_first_point(store: Store, folder: Path) -> float:
    """File a run, wait for its first point, stop it."""
    config = make_config(data=folder, family="vgg", settings={"training.epochs": 500})
    started = time.monotonic()
    run = file_run(store, config)
    while store.metrics.last_step(run.number, "loss") is None:
        if time.monotonic() - started > PATIENCE_SECONDS:
            raise TimeoutError(f"Run {run.run_id} had no point after {PATIENCE_SECONDS:g} s; look into worker.log.")
        time.sleep(0.02)
    seconds = time.monotonic() - started
    stop(store, run.run_id)
    wait_until_obeyed(store, run.run_id)
    return seconds


def main() -> None:
    """Measure with a worker of its own in a workspace of its own."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = write_samples("drawings", Path(scratch) / "drawings", per_class=40, seed=0).folder
        store = Store.open(Workspace.at(Path(scratch) / "home"))
        register_folder(store, folder)
        start_worker_if_none(store)
        seconds = []
        for turn in range(REPETITIONS + 1):
            time.sleep(WARM_SECONDS)
            measured = seconds_to_first_point(store, folder)
            if turn > 0:  # the first fills the cache of working pictures
                seconds.append(measured)
        stop_all(store)
        for worker in store.workers.living():
            worker.process.end(patience_seconds=10)
        store.close()
    report("start", [figure("filed to first point, worker warm", "s", seconds, "at most 2")], net="vgg small")
