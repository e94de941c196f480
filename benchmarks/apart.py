"""Runs a training loop in a process of its own, as its user has it; knows nothing of what it trains."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

import torch

SECONDS = 4.0
"""Of one measurement."""
PATIENCE_SECONDS = 600.0

MakeSteps = Callable[[], Iterator[int]]


class LoopApart:
    """Use as a context. `make_steps`, called in the process, gives an endless loop that tells of each step's pictures.

    It must be importable (a function of a module, or a partial of one). Between measurements the loop stands still.
    """

    def __init__(self, make_steps: MakeSteps) -> None:
        spawning = multiprocessing.get_context("spawn")
        self._orders, orders = spawning.Pipe()
        self._process = spawning.Process(
            target=_serve, args=(orders, make_steps, torch.get_num_threads(), multiprocessing.get_start_method())
        )

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._orders.send(None)
        self._process.join(PATIENCE_SECONDS)

    def images_per_second(self) -> float:
        """Its pace from now on, over `SECONDS`."""
        self._orders.send(SECONDS)
        if not self._orders.poll(PATIENCE_SECONDS):
            raise TimeoutError("The loop did not answer.")
        return float(self._orders.recv())


def _serve(orders: Connection, make_steps: MakeSteps, threads: int, start_method: str) -> None:
    multiprocessing.set_start_method(start_method, force=True)  # for its own loaders; this process was spawned
    torch.set_num_threads(threads)
    steps = make_steps()
    while (seconds := orders.recv()) is not None:
        orders.send(pace(steps, seconds))
    steps.close()  # type: ignore[attr-defined]


def pace(steps: Iterator[int], seconds: float = SECONDS) -> float:
    """Images a second, taking the steps up where they were left."""
    next(steps)  # wakes loaders, fills caches
    started, images = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        images += next(steps)
    return images / (time.perf_counter() - started)
