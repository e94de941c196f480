import pytest
import torch
from torch import nn

from cnnlab.errors import ConfigError
from cnnlab.training.config import TrainingConfig
from cnnlab.training.optimiser_state import load_optimiser_state, optimiser_tensors
from cnnlab.training.optimisers import gradient_norm, make_optimiser
from cnnlab.training.settings import OPTIMISERS


def _network() -> nn.Module:
    torch.manual_seed(0)
    layers = (
        nn.Conv2d(3, 8, 3, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Conv2d(8, 6, 1),
        nn.Flatten(),
        nn.Linear(96, 2),
    )
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)


def _train(network: nn.Module, optimiser: torch.optim.Optimizer, steps: int = 4) -> list[torch.Tensor]:
    images = torch.rand(4, 3, 6, 6, generator=torch.Generator().manual_seed(1))
    for _ in range(steps):
        optimiser.zero_grad()
        network(images.contiguous(memory_format=torch.channels_last)).square().sum().backward()
        optimiser.step()
    return [parameter.detach().clone() for parameter in network.parameters()]


@pytest.mark.parametrize("name", ["adam", "adamw", "sgd"])
def test_fused_and_plain_steps_agree_in_channels_last(name: str):
    config = TrainingConfig(optimiser=name, learning_rate=0.01, weight_decay=0.1)
    fused, plain = (_train(net := _network(), make_optimiser(net, config, fused=fast)) for fast in (True, False))
    for actual, expected in zip(fused, plain, strict=True):
        torch.testing.assert_close(actual, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_a_state_loaded_into_another_optimiser_continues_bit_for_bit(name: str):
    config = TrainingConfig(optimiser=name, learning_rate=0.01)
    whole = _train(net := _network(), make_optimiser(net, config), steps=6)
    first = make_optimiser(before := _network(), config)
    _train(before, first, steps=3)
    second = make_optimiser(after := _network(), config)
    after.load_state_dict(before.state_dict())
    load_optimiser_state(second, {name: value.contiguous() for name, value in optimiser_tensors(first).items()})
    for actual, expected in zip(_train(after, second, steps=3), whole, strict=True):
        assert torch.equal(actual, expected)


def test_biases_and_scales_are_not_decayed():
    groups = make_optimiser(_network(), TrainingConfig(optimiser="adamw", weight_decay=0.1)).param_groups
    assert [(group["weight_decay"], {p.ndim > 1 for p in group["params"]}) for group in groups] == [
        (0.1, {True}),
        (0.0, {False}),
    ]


def test_the_norm_is_measured_before_clipping():
    parameter = nn.Parameter(torch.zeros(2))
    parameter.grad = torch.tensor([3.0, 4.0])
    assert gradient_norm([parameter], 1.0).item() == pytest.approx(5.0)
    assert parameter.grad.norm().item() == pytest.approx(1.0, abs=1e-4)
    assert gradient_norm([parameter], None).item() == pytest.approx(1.0, abs=1e-4)


def test_having_nothing_to_train_is_an_error():
    network = _network()
    network.requires_grad_(False)
    with pytest.raises(ConfigError, match="all weights are frozen"):
        make_optimiser(network, TrainingConfig())
