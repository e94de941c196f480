"""Processes that draw batches ahead of the loop, faster than torch's DataLoader; knows indices and bytes, not labels.

With the same draws DataLoader passes 0.8 to 0.9 of the pictures a second (`python -m benchmarks loaders`: it copies
batches through shared memory and files them by worker), and its workers outlive a killed parent for some seconds.
Loader k makes batches k, k + n, k + 2n, ...: so results need no sorting. Each has one thread, because draws seed a
generator that belongs to the whole process. A loader ends when the pipe to its parent closes, however the parent died.
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
from cnnlab.data.records import MeanStd
from cnnlab.data.cache import WorkingSet
from cnnlab.data.drawing import draw_batch
from cnnlab.data.pipeline import Pipeline
from cnnlab.data.records import Picture
from cnnlab.errors import CnnLabError, RunError

_AHEAD: Final = 2  # batches asked of each loader before the first is taken
_GRACE_SECONDS: Final = 5.0


class _Recipe(NamedTuple):
    """What a loader is told once: plain values, from which it builds what cannot be pickled."""

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
    """Goes before the bytes of a batch, or alone if there is an error instead."""

    ticket: int
    shape: tuple[int, ...]
    error: CnnLabError | None


class LoaderPool:
    """`count` loader processes, started at the first draw and again after `close`."""

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

    def draw(self, epoch: int, batches: Sequence[tuple[int, ...]]) -> Iterator[torch.Tensor]:
        """uint8 (n, 3, size, size) for each batch, in order.

        Raises:
            CnnLabError: what went wrong in a loader.
            RunError: a loader died.
        """
        self._start()
        self._ticket += 1  # answers to a draw that was left before its end are thrown away by their ticket
        ticket = self._ticket
        orders = [_Order(ticket, epoch, indices) for indices in batches]
        for number in range(min(_AHEAD * self._count, len(orders))):
            self._ask(number, orders)
        for number in range(len(orders)):
            images = self._take(number, ticket)
            self._ask(number + _AHEAD * self._count, orders)
            yield images

    def close(self) -> None:
        """End the processes; those that do not go by themselves are killed."""
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
            theirs.close()  # the loader's death must be seen as the end of the pipe
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
    """The life of a loader: draw what is asked, until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent decides what it means
    threading.Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    augmentation = Augmentation(recipe.pipeline, recipe.mean_std)
    working_set = WorkingSet(recipe.pictures, augmentation, recipe.folder, limit_bytes=recipe.limit_bytes)
    with suppress(EOFError, OSError):
        while True:
            _serve(pipe, pipe.recv(), working_set, recipe.seed)
    os._exit(0)  # the parent waits for it, and the interpreter takes seconds to take libraries down


def _serve(pipe: Connection, order: _Order, working_set: WorkingSet, seed: int) -> None:
    try:
        images = draw_batch(working_set, working_set.augmentation, order.indices, seed=seed, epoch=order.epoch)
    except CnnLabError as error:
        pipe.send(_Answer(order.ticket, (0,), error))
        return
    pipe.send(_Answer(order.ticket, tuple(images.shape), None))
    pipe.send_bytes(_bytes_of(images))


def _bytes_of(images: torch.Tensor) -> memoryview:
    """The tensor's memory, flat: pipes take the length of the first dimension for the number of bytes."""
    return images.view(-1).numpy().data


def _end_with_parent() -> None:
    """Leave at once when the parent is gone, even from within a decoder that takes long."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
