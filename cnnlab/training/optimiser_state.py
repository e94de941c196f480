"""Converts an optimiser's state to named tensors and back, without pickle.

Learning rates and the like are not stored: they follow from the configuration and the step.
"""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.optim import Optimizer


def optimiser_tensors(optimiser: Optimizer) -> dict[str, Tensor]:
    """`{"<parameter index>.<name>": tensor}`, for example `0.exp_avg`."""
    return {
        f"{index}.{name}": value
        for index, parameter in enumerate(_parameters(optimiser))
        for name, value in optimiser.state.get(parameter, {}).items()
        if isinstance(value, Tensor)
    }


def load_optimiser_state(optimiser: Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Load the tensors of `optimiser_tensors` into an optimiser over the same parameters."""
    parameters = _parameters(optimiser)
    optimiser.state.clear()
    for key, saved in tensors.items():
        index, _, name = key.partition(".")
        parameter = parameters[int(index)]
        if saved.shape == parameter.shape:
            optimiser.state[parameter][name] = _like(parameter, saved)
        else:  # the step count: fused optimisers need it on the parameter's device, the others on the CPU
            device = parameter.device if optimiser.defaults.get("fused") else "cpu"
            optimiser.state[parameter][name] = saved.to(device, copy=True)


def _parameters(optimiser: Optimizer) -> list[Tensor]:
    return [parameter for group in optimiser.param_groups for parameter in group["params"]]


def _like(parameter: Tensor, saved: Tensor) -> Tensor:
    """The values in the parameter's own memory layout: fused steps traverse both in memory order."""
    return torch.empty_like(parameter, dtype=saved.dtype, requires_grad=False).copy_(saved)
