import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlab.training.config import TrainingConfig
from cnnlab.training.schedules import Schedule
from cnnlab.training.settings import SCHEDULES


def _schedule(schedule: str, *, epochs: int = 10, steps: int = 4, **settings: float) -> Schedule:
    return Schedule(TrainingConfig(schedule=schedule, epochs=epochs, learning_rate=0.5, **settings), steps)


@given(
    schedule=st.sampled_from(SCHEDULES), epochs=st.integers(1, 50), steps=st.integers(1, 20), warmup=st.floats(0.0, 1.0)
)
def test_a_rate_is_above_zero_and_at_most_the_configured_one(schedule: str, epochs: int, steps: int, warmup: float):
    made = _schedule(schedule, epochs=epochs, steps=steps, warmup_epochs=warmup * epochs, step_factor=0.9)
    rates = [made.rate(step) for step in range(made.total_steps)]
    assert all(0 < rate <= 0.5 for rate in rates)


def test_constant_does_not_change():
    made = _schedule("constant")
    assert {made.rate(step) for step in range(made.total_steps)} == {0.5}


def test_step_is_reduced_at_each_interval():
    made = _schedule("step", step_epochs=3, step_factor=0.1)
    assert [made.rate(epoch * 4) for epoch in (0, 2, 3, 9)] == pytest.approx([0.5, 0.5, 0.05, 0.0005])


def test_cosine_falls_from_the_warm_up_to_the_end():
    made = _schedule("cosine", warmup_epochs=2.0)
    rates = [made.rate(step) for step in range(made.total_steps)]
    assert rates[:9] == sorted(rates[:9]) and rates[8:] == sorted(rates[8:], reverse=True)
    assert rates[8] == 0.5 and rates[-1] < 0.01


def test_one_cycle_rises_for_three_tenths_and_ends_near_zero():
    made = _schedule("one_cycle", epochs=100, steps=1)
    rates = [made.rate(step) for step in range(100)]
    assert rates.index(max(rates)) in (29, 30)
    assert rates[0] == pytest.approx(0.02) and rates[-1] == pytest.approx(0.5e-4)
