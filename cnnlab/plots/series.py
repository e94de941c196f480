"""Thins and smooths a series for figures, keeping its extremes, and writes series as CSV.

Thinning divides the steps into buckets whose size is a power of two, aligned to step 0, and keeps each bucket's lowest
and highest point. So no rendered point moves while the run grows, and a coarser selection is a subset of a finer one.
"""

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from cnnlab.store.metric_rows import Points, Steps, Values

MAX_POINTS: Final = 2_000
SAFE_EXPONENT: Final = 30.0  # e**30 keeps 13 of the 16 digits of a sum of its neighbours' size


@dataclass(frozen=True)
class Thinned:
    """A thinned series: each bucket of `bucket` steps gave a pair of points, out of `total` points overall."""

    steps: Steps
    values: Values
    bucket: int
    total: int


def changed_from(step: int, bucket: int) -> int:
    """First step whose selection may change when the series continues after `step`."""
    return step // bucket * bucket


def thin(
    points: Points,
    *,
    limit: int = MAX_POINTS,
    keep: Collection[int] = (),
    low: int | None = None,
    high: int | None = None,
) -> Thinned:
    """At most `limit` points of the series in [low, high]: lowest and highest of each bucket, first, last, `keep`.

    `keep` are steps that are never left out, such as that of the best epoch. The first point of each bucket that is not
    finite is kept too, so that a divergence is visible.
    """
    first = 0 if low is None else int(np.searchsorted(points.steps, low, side="left"))
    last = len(points.steps) if high is None else int(np.searchsorted(points.steps, high, side="right"))
    steps, values = points.steps[first:last], points.values[first:last]
    if len(steps) <= limit:
        return Thinned(steps, values, 1, len(steps))
    always = np.flatnonzero(np.isin(steps, np.fromiter(keep, np.int64))) if keep else np.empty(0, np.int64)
    if limit < 8 + len(always):
        raise ValueError(f"`limit` must be at least {8 + len(always)} points (got {limit}).")
    points_per_bucket = 2 if np.isfinite(values).all() else 3
    bucket = _bucket(steps, (limit - 2 - len(always)) // points_per_bucket)
    chosen = np.union1d(_extremes(steps // bucket, values), always)
    chosen = np.union1d(chosen, [0, len(steps) - 1])
    return Thinned(steps[chosen], values[chosen], bucket, len(steps))


def extremes(points: Points, bucket: int) -> Points:
    """The points that `thin` keeps of each bucket: the first lowest, the first highest and the first non-finite one."""
    if len(points.steps) == 0:
        return points
    chosen = np.unique(_extremes(points.steps // bucket, points.values))
    return Points(points.steps[chosen], points.values[chosen])


def _bucket(steps: Steps, most: int) -> int:
    """The smallest bucket size, a power of two, for which the steps fill at most `most` buckets."""
    bucket = 2
    while int(np.count_nonzero(np.diff(steps // bucket))) + 1 > most:
        bucket *= 2
    return bucket


def _extremes(buckets: Steps, values: Values) -> npt.NDArray[np.int64]:
    """Indices of the first lowest, the first highest and the first non-finite point of each bucket."""
    starts = np.flatnonzero(np.diff(buckets, prepend=buckets[0] - 1))
    sizes = np.diff(starts, append=len(values))
    is_finite = np.isfinite(values)
    lowest = np.repeat(np.minimum.reduceat(np.where(is_finite, values, np.inf), starts), sizes)
    highest = np.repeat(np.maximum.reduceat(np.where(is_finite, values, -np.inf), starts), sizes)
    picked = (np.flatnonzero(mask) for mask in (values == lowest, values == highest, ~is_finite))
    return np.concatenate([indices[_first_of_each(buckets[indices])] for indices in picked])


def _first_of_each(sorted_keys: Steps) -> npt.NDArray[np.bool_]:
    is_first = np.ones(len(sorted_keys), bool)
    is_first[1:] = sorted_keys[1:] != sorted_keys[:-1]
    return is_first


def smooth(points: Points, time_constant: float) -> Values:
    """Debiased exponential moving average; `time_constant` is in steps.

    A point's weight depends on the number of steps since the previous one, and the average starts at the first value.
    So the result depends neither on how densely the series is recorded nor on a start at zero. Points that are not
    finite have no weight.
    """
    if time_constant <= 0 or len(points.steps) == 0:
        return points.values.copy()
    times = points.steps / time_constant
    gaps = np.diff(times, prepend=times[0] - (times[1] - times[0] if len(times) > 1 else 1.0))
    is_finite = np.isfinite(points.values)
    weights = np.where(is_finite, -np.expm1(-gaps), 0.0)
    weighted = weights * np.where(is_finite, points.values, 0.0)
    total, weight = _decayed_sums(times, weighted), _decayed_sums(times, weights)
    return np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0)


def _decayed_sums(times: Values, terms: Values) -> Values:
    """Sum over j <= i of terms[j] * exp(times[j] - times[i]), in blocks short enough for the exponential."""
    result = np.empty_like(terms)
    carried, carried_at = 0.0, times[0]
    for block in _blocks(times):
        since = times[block] - times[block.start]
        carried *= np.exp(carried_at - times[block.start])
        result[block] = (carried + np.cumsum(terms[block] * np.exp(since))) * np.exp(-since)
        carried, carried_at = result[block.stop - 1], times[block.stop - 1]
    return result


def _blocks(times: Values) -> Iterator[slice]:
    start = 0
    while start < len(times):
        stop = max(start + 1, int(np.searchsorted(times, times[start] + SAFE_EXPONENT, side="right")))
        yield slice(start, stop)
        start = stop


def to_csv(series: Mapping[str, Points]) -> str:
    """Every point of every series, one row per step, with empty cells for missing points; floats in full precision."""
    names = sorted(series)
    every_step = sorted(set().union(*(points.steps.tolist() for points in series.values()))) if series else []
    cells = {
        name: dict(zip(points.steps.tolist(), points.values.tolist(), strict=True)) for name, points in series.items()
    }
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["step", *names])
    writer.writerows([step, *(cells[name].get(step, "") for name in names)] for step in every_step)
    return text.getvalue()
