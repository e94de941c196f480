import itertools

import numpy as np
import pytest

from cnnlab.plots.growing import GrowingLine, GrowingSmooth
from cnnlab.plots.series import smooth
from cnnlab.store.metric_rows import Points


def noise(count, seed=0):
    random = np.random.default_rng(seed)
    return Points(np.arange(1, count + 1), random.standard_normal(count).cumsum())


def parts(points, sizes):
    borders = np.cumsum([0, *sizes])
    return [Points(points.steps[a:b], points.values[a:b]) for a, b in itertools.pairwise(borders)]


@pytest.mark.parametrize("seed", range(5))
def test_thinning_keeps_first_last_lowest_and_highest_at_every_length(seed):
    sizes = np.random.default_rng(seed).integers(1, 900, 60)
    whole, line = noise(int(sizes.sum()), seed), GrowingLine(limit=300)
    for part in parts(whole, sizes):
        line.extend(part)
        thinned, values = line.thinned(), line.points.values
        assert len(thinned.steps) <= 300
        assert thinned.steps[0] == 1 and thinned.steps[-1] == line.last_step
        assert thinned.values.min() == values.min() and thinned.values.max() == values.max()
        assert (np.diff(thinned.steps) > 0).all()
        assert (values[thinned.steps - 1] == thinned.values).all()


def test_thinned_points_do_not_move_while_the_series_grows():
    whole, line = noise(20_000), GrowingLine(limit=300)
    coarser, before = 0, None
    for part in parts(whole, [50] * 400):
        line.extend(part)
        shown = set(line.thinned().steps.tolist())
        if before is not None:
            gone = before - shown
            coarser += len(gone) > 3  # the open bucket may change its extremes, the newest point always goes
        before = shown
    assert coarser <= 8


def test_a_point_that_is_not_a_number_is_kept():
    line = GrowingLine(limit=300)
    whole = noise(5_000)
    whole.values[4_321] = np.nan
    for part in parts(whole, [500] * 10):
        line.extend(part)
        line.thinned()
    assert np.isnan(line.thinned().values).sum() == 1


def test_zooming_in_shows_every_point():
    line = GrowingLine(limit=300)
    line.extend(noise(100_000))
    coarse, fine = line.thinned(), line.around(50_000, 50_200)
    inside = (fine.steps >= 50_000) & (fine.steps <= 50_200)
    assert inside.sum() == 201
    outside = coarse.steps[(coarse.steps < 50_000) | (coarse.steps > 50_200)]
    assert set(fine.steps[~inside].tolist()) == set(outside.tolist())
    assert line.around(200_000, 300_000).steps.tolist() == coarse.steps.tolist()


@pytest.mark.parametrize("sizes", [[3_000, 1, 1, 500, 1_499], [1, 1, 1, 2_500, 3_497], [10] * 600])
def test_smoothing_in_parts_equals_smoothing_the_whole(sizes):
    whole = noise(sum(sizes))
    whole.values[700:705] = np.nan
    line = GrowingSmooth(50.0, limit=10_000)
    for part in parts(whole, sizes):
        done = len(line.line.points.steps) + len(part.steps)
        line.follow(Points(whole.steps[:done], whole.values[:done]))
    np.testing.assert_allclose(line.line.points.values, smooth(whole, 50.0), rtol=1e-9, atol=1e-9)
