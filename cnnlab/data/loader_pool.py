"""Loader processes that prepare batches ahead of the training loop, faster than torch's DataLoader.

For the same samples, DataLoader delivers 0.8 to 0.9 times as many pictures per second (`python -m benchmarks loaders`:
it copies batches through shared memory and sorts them by worker), and its workers outlive a killed parent by some
seconds. Loader k of n makes batches k, k + n, k + 2n, ..., so that results need no sorting. Each has one thread,
because sampling seeds a generator that the whole process shares. A loader ends when the pipe to its parent closes,
however the parent died.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Final, NamedTuple

import torch

from cnnlab.data.augmentation import Augmentation
from cnnlab.data.batching import sample_batch
from cnnlab.data.cache import WorkingSet
from cnnlab.data.pipeline import Pipeline
from cnnlab.data.records import MeanStd, Picture
from cnnlab.errors import CnnLabError, RunError

_AHEAD: Final = 2  # batches requested from each loader before the first is taken
_GRACE_SECONDS: Final = 5.0


class _Recipe(NamedTuple):
    """Sent to a loader once: plain values, from which it builds the objects that cannot be pickled."""

    pictures: tuple[Picture, ...]
    pipeline: Pipeline
    mean_std: MeanStd | None
    folder: Path
    limit_bytes: int
    seed: int


class _Order(NamedTuple):
    ticket: int
    epoch: int
    indices: tuple[int, ...]


class _Answer(NamedTuple):
    """Sent before the bytes of a batch, or alone if there was an error instead."""

    ticket: int
    shape: tuple[int, ...]
    error: CnnLabError | None


class LoaderPool:
    """`count` loader processes, started by the first `draw`, also after `close`."""

    def __init__(self, working_set: WorkingSet, augmentation: Augmentation, *, seed: int, count: int) -> None:
        self._count = count
        self._ticket = 0
        self._processes: list[SpawnProcess] = []
        self._pipes: list[Connection] = []
        self._recipe = _Recipe(
            working_set.pictures,
            augmentation.pipeline,
            augmentation.mean_std,
            working_set.folder,
            working_set.limit_bytes,
            seed,
        )

    def batches(self, epoch: int, batches: Sequence[tuple[int, ...]]) -> Iterator[torch.Tensor]:
        """uint8 (n, 3, size, size) for each batch, in order.

        Raises:
            CnnLabError: an error in a loader, raised again here.
            RunError: a loader died.
        """
        self._start()
        self._ticket += 1  # answers to an earlier, abandoned request are recognised by their ticket and dropped
        ticket = self._ticket
        orders = [_Order(ticket, epoch, indices) for indices in batches]
        for number in range(min(_AHEAD * self._count, len(orders))):
            self._ask(number, orders)
        for number in range(len(orders)):
            images = self._take(number, ticket)
            self._ask(number + _AHEAD * self._count, orders)
            yield images

    def close(self) -> None:
        """End the processes; those that do not exit by themselves are killed."""
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            process.join(_GRACE_SECONDS)
            if process.is_alive():
                process.kill()
                process.join()
            process.close()
        self._pipes, self._processes = [], []

    def _start(self) -> None:
        if self._processes:
            return
        context = multiprocessing.get_context("spawn")
        for number in range(self._count):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=run_loader, args=(theirs, self._recipe), daemon=True, name=f"cnnlab-loader-{number}"
            )
            process.start()
            theirs.close()  # so that the pipe closes when the loader dies
            self._pipes.append(ours)
            self._processes.append(process)

    def _ask(self, number: int, orders: Sequence[_Order]) -> None:
        if number < len(orders):
            try:
                self._pipes[number % self._count].send(orders[number])
            except OSError as error:
                raise self._death(number % self._count) from error

    def _take(self, number: int, ticket: int) -> torch.Tensor:
        pipe = self._pipes[number % self._count]
        try:
            while True:
                answer: _Answer = pipe.recv()
                images = torch.empty(answer.shape, dtype=torch.uint8)
                if answer.error is None:
                    pipe.recv_bytes_into(_bytes_of(images))
                if answer.ticket == ticket:
                    break
        except (EOFError, OSError) as error:
            raise self._death(number % self._count) from error
        if answer.error is not None:
            raise answer.error
        return images

    def _death(self, number: int) -> RunError:
        process = self._processes[number]
        process.join(_GRACE_SECONDS)
        return RunError(
            f"Loader process {number} died (exit status {process.exitcode}); "
            "resume the run, with fewer loaders if memory is short."
        )


def run_loader(pipe: Connection, recipe: _Recipe) -> None:
    """Main function of a loader: prepare the requested batches until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides what to do
    threading.Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    augmentation = Augmentation(recipe.pipeline, recipe.mean_std)
    working_set = WorkingSet(recipe.pictures, augmentation, recipe.folder, limit_bytes=recipe.limit_bytes)
    with suppress(EOFError, OSError):
        while True:
            _serve(pipe, pipe.recv(), working_set, recipe.seed)
    os._exit(0)  # the parent is waiting, and the interpreter would take seconds to unload the libraries


def _serve(pipe: Connection, order: _Order, working_set: WorkingSet, seed: int) -> None:
    try:
        images = sample_batch(working_set, working_set.augmentation, order.indices, seed=seed, epoch=order.epoch)
    except CnnLabError as error:
        pipe.send(_Answer(order.ticket, (0,), error))
        return
    pipe.send(_Answer(order.ticket, tuple(images.shape), None))
    pipe.send_bytes(_bytes_of(images))


def _bytes_of(images: torch.Tensor) -> memoryview:
    """The tensor's memory, flattened, because pipes take the length of the first dimension as the number of bytes."""
    return images.view(-1).numpy().data


def _end_with_parent() -> None:
    """Exit as soon as the parent is gone, even in the middle of a slow decoder."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
