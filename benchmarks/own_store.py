"""A store in a workspace of its own, of which nothing is left afterwards: no file, no worker, no run."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cnnlab.data.samples import write_samples
from cnnlab.runs.datasets import register_folder
from cnnlab.runs.lifecycle import stop_all
from cnnlab.runs.store import Store
from cnnlab.workspace import Workspace

PATIENCE_SECONDS = 10.0


@contextmanager
def own_store() -> Iterator[Store]:
    """An empty store; the workers that took its runs are ended with it."""
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
    """Register the bundled drawings; gives their folder."""
    folder = write_samples("drawings", store.workspace.datasets / "drawings", per_class=per_class, seed=0).folder
    register_folder(store, folder)
    return folder
