"""Estimates what a run will cost by timing one step of the real network on random pictures.

Runs in a process that may import torch (the helper), with that process's number of threads. The figures are for
planning: time is proportional to the pictures in a batch, apart from the optimiser's share; memory covers the weights
and what the backward pass needs, without the 300 MB that torch itself takes.

On a busy machine one short step can take many times as long as on an idle one, and suffers more than a whole epoch
would. So the time on an idle machine is derived from processor time, and the current slowdown is reported separately.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from cnnlab.models.build import build_model
from cnnlab.training.config import RunConfig
from cnnlab.training.machine_load import LoadWatch
from cnnlab.training.objective import Objective, heads
from cnnlab.training.optimisers import make_optimiser

MEASURED_PICTURES = 4  # enough for batch normalisation and a stable figure, few enough for a page to wait for
REPETITIONS = 7
REPETITION_SECONDS = 1.0
SHORTEST_SECONDS = 1e-6  # a coarse processor clock may measure nothing at all
MAX_SLOWDOWN = 8.0
"""Cap: short measured steps suffer more from other work than a whole run, and no run was seen slowed down more."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Cost of a configuration on this machine's processor: seconds, bytes, trainable parameters.

    Seconds assume an otherwise idle machine; under the load during the measurement, a step took `slowdown` times as
    long. `is_quiet`: there was hardly any other load.
    """

    seconds_per_picture: float
    seconds_per_update: float
    activation_bytes_per_picture: int
    weight_bytes: int
    parameters: int
    slowdown: float = 1.0
    is_quiet: bool = True

    def epoch_seconds(self, *, train: int, val: int, batch_size: int, accumulate: int = 1) -> float:
        """Seconds for one epoch; validation needs only the forward pass, a third of a step."""
        updates = -(-train // (batch_size * accumulate))
        return train * self.seconds_per_picture + val * self.seconds_per_picture / 3 + updates * self.seconds_per_update

    def memory_bytes(self, batch_size: int) -> int:
        """Bytes for weights, gradients, the optimiser's averages, the best weights, and one batch's activations."""
        return self.weight_bytes + batch_size * self.activation_bytes_per_picture


def estimate(config: RunConfig, *, num_classes: int) -> Estimate:
    """Time one step of a configuration: takes a second for a small network, several for the article's ResNet."""
    module = build_model(
        config.architecture.family,
        preset=config.architecture.preset,
        num_classes=num_classes,
        image_size=config.pipeline.image_size,
        options=config.architecture.options,
        seed=0,
    )
    if config.compute.memory_layout == "channels_last":
        module = module.to(memory_format=torch.channels_last)
    optimiser = make_optimiser(module, config.training)
    count = max(2, min(MEASURED_PICTURES, config.training.batch_size))
    images = torch.rand(count, 3, config.pipeline.image_size, config.pipeline.image_size)  # (N, 3, S, S)
    labels = torch.arange(count) % num_classes
    kept = _forward_and_backward(module, images, labels)  # the first step also warms up
    optimiser.step()
    load = LoadWatch()
    timings = _repeat(lambda: _forward_and_backward(module, images, labels), optimiser.step)
    is_quiet = load.is_quiet()
    in_step, in_update = (alone(times, threads=torch.get_num_threads(), is_quiet=is_quiet) for times in timings)
    return Estimate(
        seconds_per_picture=in_step / count,
        seconds_per_update=in_update,
        slowdown=min(MAX_SLOWDOWN, max(1.0, sum(map(mean_wall, timings)) / (in_step + in_update))),
        is_quiet=is_quiet,
        activation_bytes_per_picture=kept // count,
        weight_bytes=_weight_bytes(module, optimiser),
        parameters=sum(parameter.numel() for parameter in module.parameters()),
    )


class Timed(NamedTuple):
    """One repetition: elapsed seconds, and processor seconds of all threads together."""

    wall: float
    processor: float


def alone(times: Sequence[Timed], *, threads: int, is_quiet: bool) -> float:
    """Seconds on an otherwise idle machine: the shortest elapsed time, since other work can only add to it.

    On a busy machine even the shortest is too long; processor time divided by the threads is not.
    """
    shortest = min(timed.wall for timed in times)
    if is_quiet:
        return shortest
    return min(shortest, max(sum(timed.processor for timed in times) / (threads * len(times)), SHORTEST_SECONDS))


def mean_wall(times: Sequence[Timed]) -> float:
    """Mean elapsed seconds."""
    return sum(timed.wall for timed in times) / len(times)


def _repeat(step: Callable[[], object], update: Callable[[], object]) -> tuple[list[Timed], list[Timed]]:
    """Time several repetitions of each."""
    begun = time.perf_counter()
    steps: list[Timed] = []
    updates: list[Timed] = []
    while not steps or (len(steps) < REPETITIONS and time.perf_counter() - begun < REPETITION_SECONDS):
        steps.append(_timed(step))
        updates.append(_timed(update))
    return steps, updates


def _timed(act: Callable[[], object]) -> Timed:
    wall, processor = time.perf_counter(), time.process_time()
    act()
    return Timed(time.perf_counter() - wall, time.process_time() - processor)


def _forward_and_backward(module: nn.Module, images: Tensor, labels: Tensor) -> int:
    """Bytes that the forward pass keeps for the backward pass, without the weights."""
    own = {parameter.untyped_storage().data_ptr() for parameter in module.parameters()}
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        logits, auxiliary = heads(module(images))
    losses = Objective(auxiliary_weight=0.3)(logits, auxiliary, labels)
    losses.objective.backward()  # type: ignore[no-untyped-call]
    return sum(kept.values())


def _weight_bytes(module: nn.Module, optimiser: torch.optim.Optimizer) -> int:
    weights = sum(tensor.nbytes for tensor in module.state_dict().values())
    gradients = sum(parameter.grad.nbytes for parameter in module.parameters() if parameter.grad is not None)
    averages = sum(
        value.nbytes for state in optimiser.state.values() for value in state.values() if isinstance(value, Tensor)
    )
    return int(2 * weights + gradients + averages)
