"""Runs a training loop in a process of its own, as in real use."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

import torch

SECONDS = 4.0
"""Length of one measurement."""
PATIENCE_SECONDS = 600.0

MakeSteps = Callable[[], Iterator[int]]


class LoopApart:
    """A loop in its own process, as a context manager. `make_steps` returns an endless iterator of pictures per step.

    `make_steps` is called in the process, so it must be importable (a function of a module, or a partial of one).
    Between measurements the loop is paused.
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
        """The loop's pace from now on, measured over `SECONDS`."""
        self._orders.send(SECONDS)
        if not self._orders.poll(PATIENCE_SECONDS):
            raise TimeoutError("The loop did not answer.")
        return float(self._orders.recv())


def _serve(orders: Connection, make_steps: MakeSteps, threads: int, start_method: str) -> None:
    multiprocessing.set_start_method(start_method, force=True)  # for its loaders; this process itself was spawned
    torch.set_num_threads(threads)
    steps = make_steps()
    while (seconds := orders.recv()) is not None:
        orders.send(pace(steps, seconds))
    steps.close()  # type: ignore[attr-defined]


def pace(steps: Iterator[int], seconds: float = SECONDS) -> float:
    """Images per second, continuing the steps where they stopped."""
    next(steps)  # wakes the loaders and fills caches
    started, images = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        images += next(steps)
    return images / (time.perf_counter() - started)
