"""The time from filing a run to its first point in the store, with a warm worker: `python -m benchmarks start`."""

import time
from pathlib import Path

from benchmarks.measuring import figure, report
from benchmarks.own_store import add_drawings, own_store
from cnnlab.runs.filing import file_run
from cnnlab.runs.lifecycle import stop, wait_until_obeyed
from cnnlab.runs.worker import start_worker_if_none
from cnnlab.store.store import Store
from cnnlab.training.recipes import make_config

REPETITIONS = 7
WARM_SECONDS = 25.0
"""A worker starts a new warm process ten seconds after a run began, which then needs some more to import torch."""
PATIENCE_SECONDS = 60.0


def seconds_to_first_point(store: Store, folder: Path) -> float:
    """File a run, wait for its first point, and stop it."""
    config = make_config(data=folder, family="vgg", settings={"training.epochs": 500})
    started = time.monotonic()
    run = file_run(store, config)
    while store.metrics.last_step(run.number, "loss") is None:
        if time.monotonic() - started > PATIENCE_SECONDS:
            raise TimeoutError(f"Run {run.run_id} had no point after {PATIENCE_SECONDS:g} s; see worker.log.")
        time.sleep(0.02)
    seconds = time.monotonic() - started
    stop(store, run.run_id)
    wait_until_obeyed(store, run.run_id)
    return seconds


def main() -> None:
    """Measure with a worker of its own in a workspace of its own."""
    with own_store() as store:
        folder = add_drawings(store, per_class=40)
        start_worker_if_none(store)
        seconds = []
        for turn in range(REPETITIONS + 1):
            time.sleep(WARM_SECONDS)
            measured = seconds_to_first_point(store, folder)
            if turn > 0:  # the first fills the cache of working pictures
                seconds.append(measured)
    report("start", [figure("filed to first point, worker warm", "s", seconds, "at most 2")], net="vgg small")
