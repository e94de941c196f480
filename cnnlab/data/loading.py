"""Batches of uint8 pictures with their labels, in an order that depends on (seed, epoch).

An epoch can start at any batch, because a sample depends only on its key. With loader processes the batches are the
same, bit for bit, and arrive in the same order.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Self

import torch

from cnnlab.data.augmentation import Augmentation
from cnnlab.data.batching import evaluation_batch, sample_batch
from cnnlab.data.cache import WorkingSet
from cnnlab.data.loader_pool import LoaderPool
from cnnlab.data.ordering import batch_sizes, epoch_order, portions


class Batch(NamedTuple):
    """uint8 images (n, 3, size, size), int64 labels (n,), and the indices of the pictures in their working set."""

    images: torch.Tensor
    labels: torch.Tensor
    indices: tuple[int, ...]


class TrainBatches:
    """Shuffled and augmented batches, epoch by epoch.

    `labels` are class numbers, one per picture of the working set. `loaders` is the number of processes that prepare
    batches ahead; with 0 the training process prepares them itself, which is faster on a few cores without a GPU.
    """

    def __init__(
        self,
        working_set: WorkingSet,
        labels: Sequence[int],
        augmentation: Augmentation,
        *,
        batch_size: int,
        seed: int,
        loaders: int = 0,
        pin_memory: bool = False,
    ) -> None:
        self._working_set = working_set
        self._labels = torch.tensor(labels, dtype=torch.int64)
        self._augmentation = augmentation
        self._batch_size = batch_size
        self._seed = seed
        self._pin_memory = pin_memory
        self._pool = LoaderPool(working_set, augmentation, seed=seed, count=loaders) if loaders > 0 else None

    def __len__(self) -> int:
        """Number of batches in an epoch."""
        return len(batch_sizes(len(self._working_set), self._batch_size))

    def epoch(self, epoch: int, start_batch: int = 0) -> Iterator[Batch]:
        """The batches of `epoch` (counted from 1), starting at `start_batch` (counted from 0).

        Raises:
            DataError: a picture's file is missing or has changed.
            RunError: a loader process died.
        """
        order = epoch_order(len(self._working_set), self._seed, epoch)
        batches = portions(order, self._batch_size)[start_batch:]
        for indices, images in zip(batches, self._sampled(epoch, batches), strict=True):
            yield _batch(images, self._labels, indices, pin_memory=self._pin_memory)

    def close(self) -> None:
        """End the loader processes, if there are any."""
        if self._pool is not None:
            self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _sampled(self, epoch: int, batches: Sequence[tuple[int, ...]]) -> Iterator[torch.Tensor]:
        if self._pool is not None:
            yield from self._pool.batches(epoch, batches)
            return
        for indices in batches:
            yield sample_batch(self._working_set, self._augmentation, indices, seed=self._seed, epoch=epoch)


class EvalBatches:
    """All pictures in their own order, without random steps."""

    def __init__(
        self,
        working_set: WorkingSet,
        labels: Sequence[int],
        augmentation: Augmentation,
        *,
        batch_size: int,
        pin_memory: bool = False,
    ) -> None:
        self._working_set = working_set
        self._labels = torch.tensor(labels, dtype=torch.int64)
        self._augmentation = augmentation
        self._batch_size = batch_size
        self._pin_memory = pin_memory

    def __len__(self) -> int:
        """Number of batches."""
        return len(batch_sizes(len(self._working_set), self._batch_size))

    def __iter__(self) -> Iterator[Batch]:
        for indices in portions(range(len(self._working_set)), self._batch_size):
            images = evaluation_batch(self._working_set, self._augmentation, indices)
            yield _batch(images, self._labels, indices, pin_memory=self._pin_memory)


def _batch(images: torch.Tensor, labels: torch.Tensor, indices: tuple[int, ...], *, pin_memory: bool) -> Batch:
    targets = labels[list(indices)]
    if pin_memory:  # only from pinned memory can a copy to the GPU overlap with its work
        images, targets = images.pin_memory(), targets.pin_memory()
    return Batch(images, targets, indices)
