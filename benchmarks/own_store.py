"""A store in a temporary workspace that leaves no file, worker or run behind, and functions that fill it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from cnnlab.data.samples import write_samples
from cnnlab.runs.lifecycle import stop_all
from cnnlab.store.datasets import register_folder
from cnnlab.store.metric_rows import Points, Steps
from cnnlab.store.store import Store
from cnnlab.workspace import Workspace

PATIENCE_SECONDS = 10.0


@contextmanager
def own_store() -> Iterator[Store]:
    """An empty store; its workers end with it."""
    with tempfile.TemporaryDirectory() as scratch:
        store = Store.open(Workspace.at(Path(scratch) / "home"))
        try:
            yield store
        finally:
            stop_all(store)
            for worker in store.workers.living():
                worker.process.end(patience_seconds=PATIENCE_SECONDS)
            store.close()


def add_drawings(store: Store, per_class: int) -> Path:
    """Register the bundled drawings; returns their folder."""
    folder = write_samples("drawings", store.workspace.datasets / "drawings", per_class=per_class, seed=0).folder
    register_folder(store, folder)
    return folder


def write_points(store: Store, number: int, steps: Steps, *, decay: float) -> None:
    """Write the series of a run at these steps, like its process; the loss falls by a factor e in `decay` steps."""
    noise = np.random.default_rng([number, int(steps[0])]).normal(scale=0.2, size=len(steps))
    loss = (0.7 * np.exp(-steps / decay) + 0.1) * np.exp(noise)
    series = {"loss": loss, "accuracy": np.clip(1 - loss / 1.4, 0, 1), "elapsed": 0.05 * steps}
    points = {name: Points(steps, np.asarray(values, np.float64)) for name, values in series.items()}
    store.metrics.append(number, points)
