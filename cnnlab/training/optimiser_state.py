"""An optimiser's state as named tensors and back, without pickle; knows the shape of torch's optimisers only.

Learning rates and the like are not kept: they follow from the configuration and the step.
"""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.optim import Optimizer


def optimiser_tensors(optimiser: Optimizer) -> dict[str, Tensor]:
    """`{"<parameter's place>.<name>": tensor}`, for instance `0.exp_avg`."""
    return {
        f"{place}.{name}": value
        for place, parameter in enumerate(_parameters(optimiser))
        for name, value in optimiser.state.get(parameter, {}).items()
        if isinstance(value, Tensor)
    }


def load_optimiser_state(optimiser: Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Give an optimiser over the same parameters the state that `optimiser_tensors` took from another."""
    parameters = _parameters(optimiser)
    optimiser.state.clear()
    for key, saved in tensors.items():
        place, _, name = key.partition(".")
        parameter = parameters[int(place)]
        if saved.shape == parameter.shape:
            optimiser.state[parameter][name] = _like(parameter, saved)
        else:  # the number of steps so far: fused optimisers want it beside the parameter, the others on the CPU
            device = parameter.device if optimiser.defaults.get("fused") else "cpu"
            optimiser.state[parameter][name] = saved.to(device, copy=True)


def _parameters(optimiser: Optimizer) -> list[Tensor]:
    return [parameter for group in optimiser.param_groups for parameter in group["params"]]


def _like(parameter: Tensor, saved: Tensor) -> Tensor:
    """The values in the parameter's own memory layout: fused steps walk through both in the order of memory."""
    return torch.empty_like(parameter, dtype=saved.dtype, requires_grad=False).copy_(saved)
