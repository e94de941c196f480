"""Combinations of options that cover every pair of values: each trains a step or is rejected before it is built."""

import random
from collections.abc import Mapping, Sequence
from itertools import combinations, product
from typing import Any

import pytest
import torch

from cnnlab.errors import ConfigError
from cnnlab.models import vgg
from cnnlab.models.build import build_model
from cnnlab.models.registry import check_architecture, family_names, get_family, resolve_options, smallest_input

WIDTHS = {"vgg": (4, 6), "googlenet": (8, 12), "resnet": (4, 6)}


def pairwise_rows(values: Mapping[str, Sequence[Any]], seed: int = 0) -> list[dict[str, Any]]:
    """Greedy: each row is the best of several candidates built around a pair that is still missing."""
    rng = random.Random(seed)
    missing = {
        ((one, a), (other, b))
        for one, other in combinations(sorted(values), 2)
        for a, b in product(values[one], values[other])
    }
    rows: list[dict[str, Any]] = []
    while missing:
        start = min(missing, key=str)
        candidates = [_grown_around(start, values, rng) for _ in range(40)]
        best = max(candidates, key=lambda row: len(_pairs(row) & missing))
        missing -= _pairs(best)
        rows.append(best)
    return rows


def _grown_around(pair: tuple, values: Mapping[str, Sequence[Any]], rng: random.Random) -> dict[str, Any]:
    return {name: rng.choice(list(choices)) for name, choices in values.items()} | dict(pair)


def _pairs(row: Mapping[str, Any]) -> set:
    return set(combinations(sorted(row.items(), key=lambda item: item[0]), 2))


def values_of(family: str) -> dict[str, tuple]:
    """A few values of each option: all of a switch or choice, both ends of a number, two small widths."""
    values: dict[str, tuple] = {}
    for option in get_family(family).options:
        if option.name == "base_width":
            values[option.name] = WIDTHS[family]
        elif option.type == "switch":
            values[option.name] = (False, True)
        elif option.type == "choice":
            values[option.name] = option.choices
        else:
            values[option.name] = (option.low, option.high)
    return values


def take_a_step(family: str, options: dict, size: int, classes: int) -> None:
    model = build_model(family, options=options, image_size=size, num_classes=classes, seed=0)
    output = model(torch.randn(2, 3, size, size))
    logits = output if isinstance(output, torch.Tensor) else output[0]
    assert isinstance(output, tuple) == bool(options.get("auxiliary"))
    assert logits.shape == (2, classes)
    others = () if isinstance(output, torch.Tensor) else output[1]
    target = torch.tensor([0, classes - 1])
    sum(torch.nn.functional.cross_entropy(each, target) for each in (logits, *others)).backward()
    missing = [name for name, parameter in model.named_parameters() if parameter.grad is None]
    assert not missing
    torch.optim.SGD(model.parameters(), lr=0.01).step()
    assert model.eval()(torch.randn(1, 3, size, size)).shape == (1, classes)


@pytest.mark.slow
@pytest.mark.parametrize("family", family_names())
def test_every_pair_of_options_trains_a_step_or_is_rejected_before_it_is_built(family, monkeypatch):
    # the same layers without their 23 million weights each; test_contract.py has the real ones
    monkeypatch.setitem(vgg.HIDDEN, "published", (64, 64))
    rows = pairwise_rows(values_of(family))
    refused = 0
    for number, row in enumerate(rows):
        options = resolve_options(family, "small", row)
        size = smallest_input(family, options)
        try:
            check_architecture(family, options, image_size=size, num_classes=2 + number % 3, batch_size=2)
        except ConfigError as error:
            refused += 1
            assert any(f"`{name}`" in str(error) for name in row)
            with pytest.raises(ConfigError):
                build_model(family, options=options, image_size=size)
        else:
            take_a_step(family, options, size, 2 + number % 3)
    assert refused < len(rows) / 2


@pytest.mark.parametrize("family", family_names())
@pytest.mark.parametrize("preset", ["small", "article"])
def test_presets_train_a_step_at_their_smallest_size_and_at_odd_sizes(family, preset):
    narrow = {"base_width": 8} if preset == "article" else {}
    options = resolve_options(family, preset, narrow)
    for size in (smallest_input(family, options), 45):
        take_a_step(family, options, size, 3)
