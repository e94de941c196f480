import pytest

from cnnlab.training.estimate import Estimate, Timed, alone, estimate


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


def test_beside_other_work_the_time_alone_is_told_by_the_processor_and_not_by_the_clock():
    starved = [Timed(wall=1.0, processor=0.2), Timed(wall=3.0, processor=0.2)]  # a fifth of it at best
    assert alone(starved, threads=2, is_quiet=False) == pytest.approx(0.1)
    assert alone(starved, threads=2, is_quiet=True) == 1.0


def test_the_estimate_says_how_much_slower_a_step_is_than_alone(lab, monkeypatch):
    monkeypatch.setattr("cnnlab.training.estimate.LoadWatch.is_quiet", lambda _: False)
    starved = [Timed(wall=0.9, processor=0.3)]
    monkeypatch.setattr("cnnlab.training.estimate._repeat", lambda *_: (starved, starved))
    monkeypatch.setattr("torch.get_num_threads", lambda: 1)
    found = estimate(lab.config("vgg"), num_classes=2)
    assert (found.slowdown, found.is_quiet) == (pytest.approx(3.0), False)
