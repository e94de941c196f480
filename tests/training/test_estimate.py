import pytest

from cnnlab.training.estimate import Estimate, estimate


def test_a_small_network_is_measured(lab):
    found = estimate(lab.config("googlenet", auxiliary=True), num_classes=3)
    assert found.seconds_per_picture > 0 and found.seconds_per_update > 0
    assert found.weight_bytes > 5 * 4 * found.parameters * 0.9  # weights, best weights, gradients, two averages
    assert found.activation_bytes_per_picture > 3 * 32 * 32 * 4  # at least the picture itself


def test_a_large_network_costs_more_memory(lab):
    small, large = (estimate(lab.config(base_width=width), num_classes=2) for width in (4, 16))
    assert large.memory_bytes(8) > 2 * small.memory_bytes(8)
    assert large.memory_bytes(16) > large.memory_bytes(8)


def test_an_epoch_is_made_of_pictures_and_updates():
    cost = Estimate(
        seconds_per_picture=0.3,
        seconds_per_update=2.0,
        activation_bytes_per_picture=0,
        weight_bytes=0,
        parameters=0,
    )
    assert cost.epoch_seconds(train=10, val=10, batch_size=4) == pytest.approx(3 + 1 + 3 * 2)
    assert cost.epoch_seconds(train=10, val=0, batch_size=4, accumulate=2) == pytest.approx(3 + 2 * 2)
