"""What a run will cost, from one measured step of the real network on made-up pictures; knows no data set.

Runs where torch may be (the helper), in the thread count of that process. The figures are for planning: time grows with
the pictures of a batch, except for the optimiser's part, and memory is that of weights and of what the backward pass
needs, without torch's own 300 MB.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from cnnlab.models.build import build_model
from cnnlab.training.config import RunConfig
from cnnlab.training.objective import Objective, heads
from cnnlab.training.optimisers import make_optimiser

MEASURED_PICTURES = 4  # enough for batch normalisation and for a stable figure, little enough for a page
REPETITIONS = 7
REPETITION_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Cost of a configuration on this machine's processor. Seconds, bytes, floating-point numbers to learn."""

    seconds_per_picture: float
    seconds_per_update: float
    activation_bytes_per_picture: int
    weight_bytes: int
    parameters: int

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
    in_step, in_update = _least_seconds(lambda: _forward_and_backward(module, images, labels), optimiser.step)
    return Estimate(
        seconds_per_picture=in_step / count,
        seconds_per_update=in_update,
        activation_bytes_per_picture=kept // count,
        weight_bytes=_weight_bytes(module, optimiser),
        parameters=sum(parameter.numel() for parameter in module.parameters()),
    )


def _least_seconds(step: Callable[[], object], update: Callable[[], object]) -> tuple[float, float]:
    """Of some repetitions the least time of each: other work on the machine can only add to it."""
    begun = time.perf_counter()
    found: list[tuple[float, float]] = []
    while not found or (len(found) < REPETITIONS and time.perf_counter() - begun < REPETITION_SECONDS):
        started = time.perf_counter()
        step()
        stepped = time.perf_counter()
        update()
        found.append((stepped - started, time.perf_counter() - stepped))
    return min(one for one, _ in found), min(one for _, one in found)


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
