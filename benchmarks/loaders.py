"""The lab's loader processes against torch's DataLoader with the same samples: `python -m benchmarks loaders`.

Two processes each, batches of 8, working pictures in the cache, no training at the same time; the batches are equal.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from benchmarks.measuring import figure, ratio, report, take_turns
from cnnlab.data.augmentation import Augmentation
from cnnlab.data.batching import sample_batch
from cnnlab.data.cache import WorkingSet
from cnnlab.data.loader_pool import LoaderPool
from cnnlab.data.ordering import epoch_order, portions
from cnnlab.data.pipeline import Pipeline
from cnnlab.data.records import Picture
from cnnlab.data.samples import write_samples
from cnnlab.data.scan import scan_folder
from cnnlab.training.recipes import make_config

PROCESSES = 2
BATCH_SIZE = 8
PER_CLASS = 120
SIZES = (96, 224)
REPETITIONS = 7
SEED = 0

Order = tuple[int, tuple[int, ...]]


class BatchDraws(Dataset[torch.Tensor]):
    """Batches by (epoch, indices); each worker uses a working set of its own."""

    def __init__(self, pictures: tuple[Picture, ...], pipeline: Pipeline, folder: Path) -> None:
        self._pictures, self._pipeline, self._folder = pictures, pipeline, folder
        self._working_set: WorkingSet | None = None

    def __getitem__(self, order: Order) -> torch.Tensor:
        """uint8 (n, 3, size, size)."""
        if self._working_set is None:
            self._working_set = WorkingSet(self._pictures, Augmentation(self._pipeline), self._folder)
        return sample_batch(self._working_set, self._working_set.augmentation, order[1], seed=SEED, epoch=order[0])


class Orders(Sampler[Order]):
    """The batches of the next epoch, on each pass."""

    def __init__(self, pictures: int) -> None:
        self._pictures, self._epoch = pictures, 0

    def __iter__(self) -> Iterator[Order]:
        self._epoch += 1
        for indices in portions(epoch_order(self._pictures, SEED, self._epoch), BATCH_SIZE):
            yield self._epoch, indices


def use_one_thread(_: int) -> None:
    """Use one thread in a DataLoader worker, like the lab's loaders."""
    torch.set_num_threads(1)


def rates(working_set: WorkingSet, pool: LoaderPool, loader: DataLoader[torch.Tensor]) -> dict[str, list[float]]:
    """Pictures per second of both, in turns; the first turn, which starts the processes, does not count."""
    pictures = len(working_set)
    own_orders = Orders(pictures)

    def pace(batches: Callable[[], Iterator[torch.Tensor]]) -> float:
        started = time.perf_counter()
        seen = sum(len(batch) for batch in batches())
        assert seen == pictures
        return seen / (time.perf_counter() - started)

    def pooled() -> Iterator[torch.Tensor]:
        orders = list(own_orders)
        return pool.batches(orders[0][0], [indices for _, indices in orders])

    return take_turns({"lab": partial(pace, pooled), "DataLoader": partial(pace, lambda: iter(loader))}, REPETITIONS)


def main() -> None:
    """Measure both loaders at both sizes."""
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = write_samples("drawings", Path(scratch) / "drawings", per_class=PER_CLASS, seed=SEED).folder
        pictures = scan_folder(folder).pictures
        for size in SIZES:
            pipeline = make_config(data=folder, family="resnet", settings={"pipeline.image_size": size}).pipeline
            working_set = WorkingSet(pictures, Augmentation(pipeline), Path(scratch) / "cache")
            working_set.prepare()
            pool = LoaderPool(working_set, working_set.augmentation, seed=SEED, count=PROCESSES)
            loader = DataLoader(
                BatchDraws(pictures, pipeline, working_set.folder),
                batch_size=None,
                sampler=Orders(len(pictures)),
                num_workers=PROCESSES,
                multiprocessing_context="spawn",
                persistent_workers=True,
                worker_init_fn=use_one_thread,
            )
            paces = rates(working_set, pool, loader)
            pool.close()
            rows += [figure(f"{name} at {size} px", "images/s", values) for name, values in paces.items()]
            rows.append(figure(f"lab / DataLoader at {size} px", "ratio", ratio(paces, "lab", "DataLoader"), "over 1"))
    report("loaders", rows, processes=PROCESSES, batch_size=BATCH_SIZE)
