"""The store: appending early and late in a run, the size of a million points, reading new points and all of them."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.measuring import Figure, figure, ratio, report, take_turns
from cnnlab.plots.series import thin
from cnnlab.store.metric_rows import Points
from cnnlab.store.store import Store
from cnnlab.workspace import Workspace

MILLION = 1_000_000
BATCH = 20
"""Steps per append: a quarter of a second of a fast run."""


def new_run(store: Store, name: str) -> int:
    """Add a run without a process; returns its number."""
    values = {
        "name": name,
        "family": "vgg",
        "preset": "small",
        "config": {},
        "device": "cpu",
        "threads": 1,
        "epochs": 1,
    }
    return store.runs.add(values, token=None).number


def points(first: int, count: int) -> Points:
    """Points with noisy values, from step `first` on."""
    steps = np.arange(first, first + count, dtype=np.int64)
    return Points(steps, np.random.default_rng(first).normal(size=count) + 1 / (1 + steps))


def filled(store: Store, name: str, count: int) -> int:
    """Add a run with `count` points in one series, appended in large parts; returns its number."""
    number = new_run(store, name)
    for first in range(1, count + 1, 10_000):
        store.metrics.append(number, {"loss": points(first, min(10_000, count + 1 - first))})
    return number


def appending(store: Store, number: int, first: int) -> Callable[[], float]:
    """Milliseconds per append of `BATCH` steps, from step `first` on."""
    step = first

    def milliseconds() -> float:
        nonlocal step
        parts = [{"loss": points(step + BATCH * turn, BATCH)} for turn in range(50)]
        step += BATCH * len(parts)
        started = time.perf_counter()
        for part in parts:
            store.metrics.append(number, part)
        return (time.perf_counter() - started) / len(parts) * 1000

    return milliseconds


def timed(call: Callable[[], object]) -> Callable[[], float]:
    """Milliseconds per call."""

    def milliseconds() -> float:
        started = time.perf_counter()
        call()
        return (time.perf_counter() - started) * 1000

    return milliseconds


def main() -> None:
    """Measure a run of a million points beside a short one."""
    with tempfile.TemporaryDirectory() as scratch:
        store = Store.open(Workspace.at(Path(scratch)))
        long_run, short_run = filled(store, "long", MILLION), filled(store, "short", 1000)
        milliseconds = take_turns(
            {
                "append at step 1,000": appending(store, short_run, 1001),
                "append at step 1,000,000": appending(store, long_run, MILLION + 1),
                "read the last 1,000 of a million": timed(
                    lambda: store.metrics.read(long_run, "loss", after=MILLION - 1000)
                ),
                "read and thin a million": timed(lambda: thin(store.metrics.read(long_run, "loss"))),
            },
            repetitions=9,
        )
        rows: list[Figure] = [figure(name, "ms", values) for name, values in milliseconds.items()]
        late = ratio(milliseconds, "append at step 1,000,000", "append at step 1,000")
        rows.append(figure("late / early append", "ratio", late, "about 1"))
        store.close()
        size = sum(file.stat().st_size for file in Path(scratch).glob("lab.db*")) / 1e6
        rows.append(figure("size of a million points", "MB", [size], "under 100"))
    report("store", rows, batch=BATCH)
