"""Optimisers by name, in the fastest form that torch offers.

Adam, AdamW and SGD have fused steps, also on a CPU; RMSprop has none.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer, RMSprop

from cnnlab.errors import ConfigError
from cnnlab.training.config import TrainingConfig


def make_optimiser(model: nn.Module, config: TrainingConfig, *, fused: bool = True) -> Optimizer:
    """An optimiser over the trainable parameters.

    Weight decay applies only to weights with two or more dimensions: pulling biases and normalisation scales towards
    zero regularises nothing (He et al., 2018, https://arxiv.org/abs/1812.01187).
    """
    groups = parameter_groups(model, config.weight_decay)
    rate = config.learning_rate
    if config.optimiser == "adam":
        return Adam(groups, lr=rate, fused=fused)
    if config.optimiser == "adamw":
        return AdamW(groups, lr=rate, fused=fused)
    if config.optimiser == "sgd":
        return SGD(groups, lr=rate, momentum=config.momentum, fused=fused)
    return RMSprop(groups, lr=rate, momentum=config.momentum)


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict[str, object]]:
    """The parameter groups: one if there is no weight decay, otherwise one with and one without it."""
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not parameters:
        raise ConfigError(
            "There is nothing to train because all weights are frozen; set `architecture.freeze` to false."
        )
    if not weight_decay:
        return [{"params": parameters, "weight_decay": 0.0}]
    groups = [
        {"params": [parameter for parameter in parameters if parameter.ndim > 1], "weight_decay": weight_decay},
        {"params": [parameter for parameter in parameters if parameter.ndim <= 1], "weight_decay": 0.0},
    ]
    return [group for group in groups if group["params"]]


def set_learning_rate(optimiser: Optimizer, rate: float) -> None:
    """Set the same learning rate for all groups."""
    for group in optimiser.param_groups:
        group["lr"] = rate


def gradient_norm(parameters: Iterable[Tensor], clip_norm: float | None) -> Tensor:
    """Euclidean norm of all gradients together, a scalar on their device; then clips them to `clip_norm`."""
    parameters = list(parameters)
    norm = nn.utils.get_total_norm([parameter.grad for parameter in parameters if parameter.grad is not None])
    if clip_norm is not None:
        nn.utils.clip_grads_with_norm_(parameters, clip_norm, norm)
    return norm if isinstance(norm, Tensor) else torch.tensor(float(norm))
