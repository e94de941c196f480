"""What a run will cost, from one measured step of the real network on made-up pictures; knows no data set.

Runs where torch may be (the helper), in the thread count of that process. The figures are for planning: time grows with
the pictures of a batch, except for the optimiser's part, and memory is that of weights and of what the backward pass
needs, without torch's own 300 MB.

A step measured beside other work takes many times as long as alone, and longer than a whole epoch will show. So what it
takes alone is told by the processor time that it had, and how much slower it is now is told beside it.
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

MEASURED_PICTURES = 4  # enough for batch normalisation and for a stable figure, little enough for a page
REPETITIONS = 7
REPETITION_SECONDS = 1.0
SHORTEST_SECONDS = 1e-6  # where the clock of the processor is coarse, it may tell nothing
MOST_SLOWDOWN = 8.0
"""Steps as short as the measured ones suffer more from other work than a run does: no run was slowed down more."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Cost of a configuration on this machine's processor. Seconds, bytes, floating-point numbers to learn.

    The seconds are those with the processor to itself; beside what else the machine did while it was measured, a step
    took `slowdown` times as long. `is_quiet`: there was hardly anything else.
    """

    seconds_per_picture: float
    seconds_per_update: float
    activation_bytes_per_picture: int
    weight_bytes: int
    parameters: int
    slowdown: float = 1.0
    is_quiet: bool = True

    def epoch_seconds(self, *, train: int, val: int, batch_size: int, accumulate: int = 1) -> float:
        """One epoch with so many pictures; validation needs the forward pass only, a third of a step."""
        updates = -(-train // (batch_size * accumulate))
        return train * self.seconds_per_picture + val * self.seconds_per_picture / 3 + updates * self.seconds_per_update

    def memory_bytes(self, batch_size: int) -> int:
        """Weights, gradients, the optimiser's averages, the best weights, and a batch on its way back."""
        return self.weight_bytes + batch_size * self.activation_bytes_per_picture


def estimate(config: RunConfig, *, num_classes: int) -> Estimate:
    """Measure one step of a configuration: a second for a small network, some seconds for the article's ResNet."""
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
    found = _repeat(lambda: _forward_and_backward(module, images, labels), optimiser.step)
    is_quiet = load.is_quiet()
    in_step, in_update = (alone(times, threads=torch.get_num_threads(), is_quiet=is_quiet) for times in found)
    return Estimate(
        seconds_per_picture=in_step / count,
        seconds_per_update=in_update,
        slowdown=min(MOST_SLOWDOWN, max(1.0, sum(map(mean_wall, found)) / (in_step + in_update))),
        is_quiet=is_quiet,
        activation_bytes_per_picture=kept // count,
        weight_bytes=_weight_bytes(module, optimiser),
        parameters=sum(parameter.numel() for parameter in module.parameters()),
    )


class Timed(NamedTuple):
    """One repetition: seconds on the clock, and those of the processor, all threads together."""

    wall: float
    processor: float


def alone(times: Sequence[Timed], *, threads: int, is_quiet: bool) -> float:
    """What it takes with the processor to itself: the least on the clock, since other work can only add to it.

    Beside other work the least has something added, too; processor time does not, and it is shared by the threads.
    """
    least = min(one.wall for one in times)
    if is_quiet:
        return least
    return min(least, max(sum(one.processor for one in times) / (threads * len(times)), SHORTEST_SECONDS))


def mean_wall(times: Sequence[Timed]) -> float:
    """Seconds on the clock, on average."""
    return sum(one.wall for one in times) / len(times)


def _repeat(step: Callable[[], object], update: Callable[[], object]) -> tuple[list[Timed], list[Timed]]:
    """Times of some repetitions of each."""
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
    """Bytes that the forward pass keeps for the backward pass, weights left out."""
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
