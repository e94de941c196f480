"""Properties of thinning and smoothing."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnlab.plots.series import MAX_POINTS, smooth, thin, to_csv
from cnnlab.store.metric_rows import Points


def make_points(steps, seed=0):
    steps = np.asarray(steps, np.int64)
    return Points(steps, np.random.default_rng(seed).normal(size=len(steps)).cumsum())


@st.composite
def series(draw):
    """Steps with or without gaps, starting anywhere."""
    count = draw(st.integers(1, 30_000))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    gaps = generator.integers(1, draw(st.sampled_from((2, 5, 400))), size=count)
    values = generator.normal(size=count).round(draw(st.sampled_from((1, 15))))  # with and without ties
    return Points(draw(st.integers(0, 10_000)) + gaps.cumsum(), values)


def pairs(points):
    return set(zip(points.steps.tolist(), points.values.tolist(), strict=True))


@settings(max_examples=60, deadline=None)
@given(points=series(), limit=st.integers(20, MAX_POINTS), chosen=st.integers(0, 2**31))
def test_thinning_keeps_minimum_maximum_first_last_and_best_within_its_limit(points, limit, chosen):
    best = int(points.steps[chosen % len(points.steps)])
    thinned = thin(points, limit=limit, keep=(best,))
    assert len(thinned.steps) <= limit
    assert pairs(thinned) <= pairs(points)
    assert np.all(np.diff(thinned.steps) > 0)
    assert {points.values.min(), points.values.max()} <= set(thinned.values.tolist())
    assert {int(points.steps[0]), int(points.steps[-1]), best} <= set(thinned.steps.tolist())
    assert thinned.total == len(points.steps)


@settings(max_examples=60, deadline=None)
@given(points=series(), shown=st.integers(1, 30_000), limit=st.integers(20, 300))
def test_no_point_moves_while_the_run_grows(points, shown, limit):
    before = thin(Points(points.steps[:shown], points.values[:shown]), limit=limit)
    after = thin(points, limit=limit)
    last_bucket = int(before.steps[-1]) // after.bucket
    settled = {(step, value) for step, value in pairs(after) if step // after.bucket < last_bucket}
    # a coarser selection is a subset of the finer one: points disappear, but none moves or appears
    assert settled <= pairs(before)


def test_zooming_in_gives_more_points_until_all_are_included():
    points = make_points(range(100_000))
    whole, part = thin(points), thin(points, low=50_000, high=58_000)
    assert whole.bucket > part.bucket > 1
    closest = thin(points, low=50_000, high=51_000)
    assert closest.steps.tolist() == list(range(50_000, 51_001))


def test_a_million_points_are_thinned_to_the_limit():
    thinned = thin(make_points(range(1_000_000)))
    assert 500 < len(thinned.steps) <= MAX_POINTS


def test_non_finite_points_are_kept_and_do_not_hide_the_others():
    points = make_points(range(10_000))
    points.values[[5_000, 5_001]] = [np.nan, np.inf]
    thinned = thin(points)
    finite = points.values[np.isfinite(points.values)]
    assert {5_000} <= set(thinned.steps.tolist())
    assert {finite.min(), finite.max()} <= set(thinned.values.tolist())


def test_a_limit_that_is_too_small_is_rejected():
    with pytest.raises(ValueError, match="must be at least"):
        thin(make_points(range(100)), limit=5)


def test_smoothing_starts_at_the_first_value_and_keeps_a_constant():
    points = Points(np.arange(1_000), np.full(1_000, 3.5))
    assert np.allclose(smooth(points, 50.0), 3.5)
    assert smooth(make_points(range(10)), 4.0)[0] == pytest.approx(make_points(range(10)).values[0])


@settings(max_examples=20, deadline=None)
@given(density=st.sampled_from((2, 4, 8)), time_constant=st.floats(200, 5_000))
def test_smoothing_does_not_depend_on_how_densely_a_series_is_recorded(density, time_constant):
    steps = np.arange(0, 40_000)
    values = np.sin(steps / 3_000) + 2
    dense = smooth(Points(steps, values), time_constant)[::density]
    sparse = smooth(Points(steps[::density], values[::density]), time_constant)
    assert np.abs(dense - sparse)[100:].max() < 0.02


def test_smoothing_equals_the_plain_recursion():
    points = make_points(np.cumsum(np.random.default_rng(1).integers(1, 90, size=3_000)))
    gaps = np.diff(points.steps, prepend=points.steps[0] - (points.steps[1] - points.steps[0]))
    total = weight = 0.0
    expected = []
    for gap, value in zip(gaps / 70.0, points.values, strict=True):
        total = total * np.exp(-gap) + value * -np.expm1(-gap)
        weight = weight * np.exp(-gap) - np.expm1(-gap)
        expected.append(total / weight)
    assert np.allclose(smooth(points, 70.0), expected, rtol=1e-9)


def test_csv_has_every_point_in_full_and_empty_cells_for_missing_ones():
    loss, rate = make_points([1, 2, 3]), make_points([2, 4], seed=1)
    rows = list(csv.DictReader(io.StringIO(to_csv({"loss": loss, "rate": rate}))))
    assert [int(row["step"]) for row in rows] == [1, 2, 3, 4]
    assert [float(row["loss"]) for row in rows[:3]] == loss.values.tolist()
    assert rows[0]["rate"] == "" and float(rows[3]["rate"]) == rate.values[1]
