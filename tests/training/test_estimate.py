import pytest

from cnnlab.training.estimate import Estimate, Timed, alone, estimate


def test_a_small_network_is_measured(lab):
    cost = estimate(lab.config("googlenet", auxiliary=True), num_classes=3)
    assert cost.seconds_per_picture > 0 and cost.seconds_per_update > 0
    assert cost.weight_bytes > 5 * 4 * cost.parameters * 0.9  # weights, best weights, gradients, two averages
    assert cost.activation_bytes_per_picture > 3 * 32 * 32 * 4  # at least the picture itself


def test_a_large_network_costs_more_memory(lab):
    small, large = (estimate(lab.config(base_width=width), num_classes=2) for width in (4, 16))
    assert large.memory_bytes(8) > 2 * small.memory_bytes(8)
    assert large.memory_bytes(16) > large.memory_bytes(8)


def test_the_time_of_an_epoch_is_that_of_its_pictures_and_updates():
    cost = Estimate(
        seconds_per_picture=0.3,
        seconds_per_update=2.0,
        activation_bytes_per_picture=0,
        weight_bytes=0,
        parameters=0,
    )
    assert cost.epoch_seconds(train=10, val=10, batch_size=4) == pytest.approx(3 + 1 + 3 * 2)
    assert cost.epoch_seconds(train=10, val=0, batch_size=4, accumulate=2) == pytest.approx(3 + 2 * 2)


def test_on_a_busy_machine_the_idle_time_comes_from_processor_time():
    starved = [Timed(wall=1.0, processor=0.2), Timed(wall=3.0, processor=0.2)]  # a fifth of a core at best
    assert alone(starved, threads=2, is_quiet=False) == pytest.approx(0.1)
    assert alone(starved, threads=2, is_quiet=True) == 1.0


def test_the_estimate_reports_the_slowdown_by_other_work(lab, monkeypatch):
    monkeypatch.setattr("cnnlab.training.estimate.LoadWatch.is_quiet", lambda _: False)
    starved = [Timed(wall=0.9, processor=0.3)]
    monkeypatch.setattr("cnnlab.training.estimate._repeat", lambda *_: (starved, starved))
    monkeypatch.setattr("torch.get_num_threads", lambda: 1)
    cost = estimate(lab.config("vgg"), num_classes=2)
    assert (cost.slowdown, cost.is_quiet) == (pytest.approx(3.0), False)
