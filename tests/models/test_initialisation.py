import math

import pytest
import torch

from cnnlab.models.blocks import Network
from cnnlab.models.build import build_model
from cnnlab.models.registry import family_names, get_family, resolve_options

NARROW = {"base_width": 8}


def by_role(model: torch.nn.Module) -> dict[tuple[str, str], torch.Tensor]:
    """Weights by (role of the layer, name of the tensor)."""
    assert isinstance(model, Network)
    weights = {}
    for name, tensor in model.named_parameters():
        layer, _, part = name.rpartition(".")
        key = (model.role(layer), part)
        assert key not in weights, f"two layers have the role {key}"
        weights[key] = tensor.detach()
    return weights


def other_values(family: str) -> list[tuple[str, object]]:
    """Every option of a family with each of its other values; one for width and dropout."""
    usual = resolve_options(family, "small")
    others: list[tuple[str, object]] = []
    for spec in get_family(family).options:
        if spec.type == "switch":
            others.append((spec.name, not usual[spec.name]))
        elif spec.type == "choice":
            others += [(spec.name, choice) for choice in spec.choices if choice != usual[spec.name]]
        elif spec.name != "base_width":
            others.append((spec.name, spec.high))
    return others


# these change the initial weights on purpose
STARTS = ("initialisation", "activation", "zero_init_residual")
CASES = [
    (family, option, value)
    for family in family_names()
    for option, value in other_values(family)
    if option not in STARTS
]


@pytest.mark.parametrize(("family", "option", "value"), CASES)
def test_networks_that_differ_by_one_option_have_the_same_initial_weights_in_shared_layers(family, option, value):
    first = by_role(build_model(family, options=NARROW, seed=4))
    other = by_role(build_model(family, options={**NARROW, option: value}, seed=4))
    shared = [key for key in first.keys() & other.keys() if first[key].shape == other[key].shape]
    assert all(torch.equal(first[key], other[key]) for key in shared)
    weights = [key for key in shared if first[key].dim() > 1]
    assert len(weights) >= 3, "hardly any layer has the same role in both"


@pytest.mark.parametrize("family", family_names())
@pytest.mark.parametrize("initialisation", ["kaiming", "torch"])
def test_batch_normalisation_changes_no_initial_weight_of_any_convolution(family, initialisation):
    options = {**NARROW, "initialisation": initialisation}
    first, other = (
        by_role(build_model(family, options={**options, "batch_norm": switched}, seed=0)) for switched in (True, False)
    )
    kernels = [key for key, tensor in other.items() if tensor.dim() == 4]
    assert kernels
    assert all(torch.equal(first[key], other[key]) for key in kernels)


def test_a_1x1_convolution_after_a_stage_does_not_change_its_3x3_convolutions():
    plain, longer = (
        by_role(build_model("vgg", options={**NARROW, "depth": 16, "one_by_one": switched}, seed=0))
        for switched in (False, True)
    )
    key = ("stage 5, convolution 3 of 3x3", "weight")
    assert torch.equal(plain[key], longer[key])
    assert ("stage 5, convolution 1 of 1x1", "weight") in longer.keys() - plain.keys()


@pytest.mark.parametrize("family", family_names())
def test_equal_seeds_give_equal_weights_and_do_not_change_the_generator(family):
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, same, other = (build_model(family, seed=seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(first[name], same[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


def test_without_a_seed_the_weights_come_from_torchs_generator():
    models = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        models += [build_model("vgg").features[0].weight, build_model("vgg").features[0].weight]
    first, second, again, _, other, _ = models
    assert torch.equal(first, again)
    assert not torch.equal(first, second)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("family", family_names())
def test_layers_of_equal_shape_have_different_initial_weights(family):
    kernels = [tensor for (_, part), tensor in by_role(build_model(family, seed=0)).items() if part == "weight"]
    kernels = [kernel for kernel in kernels if kernel.dim() == 4]
    assert not any(
        kernel.shape == other.shape and torch.equal(kernel, other)
        for index, kernel in enumerate(kernels)
        for other in kernels[:index]
    )


def test_the_article_keeps_torchs_own_initialisation():
    layer = build_model("vgg", preset="article", seed=3).features[2]
    bound = 1 / math.sqrt(
        16 * 3 * 3
    )  # torch: uniform up to one over the square root of the number of inputs, for the bias too
    for tensor in (layer.weight, layer.bias):
        assert tensor.abs().max() <= bound
    assert layer.weight.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.05)
    assert layer.bias.abs().max() > bound / 2
