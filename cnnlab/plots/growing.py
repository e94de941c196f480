"""Thins and smooths a growing series incrementally, for figures that are updated live.

Gives the same results as `plots.series` does for the whole series, at a cost that depends only on the new points.
"""

from typing import Final

import numpy as np

from cnnlab.plots.series import Thinned, changed_from, extremes, smooth, thin
from cnnlab.store.metric_rows import Points, Steps, Values

THINNED_POINTS: Final = 1_000
"""Per line: a figure is rarely wider in pixels. As many again show the part that the user zooms into."""
SMOOTHED_ANEW: Final = 2_000
"""Up to this many points, the whole series is smoothed again; beyond, smoothing continues where it stopped."""
NO_POINTS: Final = Points(np.empty(0, np.int64), np.empty(0, np.float64))


class GrowingLine:
    """All points of a series, and the thinned ones to render."""

    def __init__(self, limit: int = THINNED_POINTS) -> None:
        self._limit = limit
        self._steps: Steps = np.empty(1024, np.int64)
        self._values: Values = np.empty(1024, np.float64)
        self._count = 0
        self._bucket = 1
        self._settled = NO_POINTS  # thinned points that no longer change
        self._open_from = 0  # index of the first point that is not settled
        self._window: tuple[tuple[int, int, int], Thinned] | None = None

    @property
    def points(self) -> Points:
        """Every point."""
        return Points(self._steps[: self._count], self._values[: self._count])

    @property
    def last_step(self) -> int | None:
        """The newest step, None without points."""
        return int(self._steps[self._count - 1]) if self._count else None

    def extend(self, points: Points) -> None:
        """Append points; steps must increase."""
        needed = self._count + len(points.steps)
        if needed > len(self._steps):
            self._steps = np.resize(self._steps, 2 * needed)
            self._values = np.resize(self._values, 2 * needed)
        self._steps[self._count : needed] = points.steps
        self._values[self._count : needed] = points.values
        self._count = needed

    def thinned(self) -> Points:
        """At most `limit` points over the whole series."""
        if self._count <= self._limit:
            return self.points
        drawn = self._joined() if self._bucket > 1 else None
        if drawn is None or len(drawn.steps) > self._limit:
            thinned = thin(self.points, limit=self._limit)
            self._bucket = thinned.bucket
            drawn = Points(thinned.steps, thinned.values)
        self._settle(drawn)
        return drawn

    def around(self, low: int, high: int) -> Points:
        """Like `drawn`, with up to `limit` more points between two steps, where the figure is zoomed in."""
        drawn = self.thinned()
        if self._count <= self._limit:
            return drawn
        first, last = np.searchsorted(self.points.steps, [low, high + 1])
        if last - first < 2:
            return drawn
        key = (int(first), int(last), self._count if last == self._count else 0)
        if self._window is None or self._window[0] != key:
            self._window = key, thin(self.points, limit=self._limit, low=low, high=high)
        fine = self._window[1]
        before, after = np.searchsorted(drawn.steps, [fine.steps[0], fine.steps[-1] + 1])
        parts = (drawn.steps[:before], fine.steps, drawn.steps[after:])
        values = (drawn.values[:before], fine.values, drawn.values[after:])
        return Points(np.concatenate(parts), np.concatenate(values))

    def _joined(self) -> Points:
        """The settled points, the extremes of the open buckets, and the newest point."""
        tail = Points(self._steps[self._open_from : self._count], self._values[self._open_from : self._count])
        chosen = extremes(tail, self._bucket)
        steps = [self._settled.steps, chosen.steps]
        values = [self._settled.values, chosen.values]
        if chosen.steps[-1] != tail.steps[-1]:
            steps.append(tail.steps[-1:])
            values.append(tail.values[-1:])
        return Points(np.concatenate(steps), np.concatenate(values))

    def _settle(self, drawn: Points) -> None:
        border = changed_from(int(drawn.steps[-1]), self._bucket)
        settled = int(np.searchsorted(drawn.steps, border))
        self._settled = Points(drawn.steps[:settled], drawn.values[:settled])
        self._open_from = int(np.searchsorted(self.points.steps, border))


class GrowingSmooth:
    """The smoothed line of a growing series; `time_constant` in steps, as in `series.smooth`."""

    def __init__(self, time_constant: float, limit: int = THINNED_POINTS) -> None:
        self._time_constant = time_constant
        self._limit = limit
        self._total = self._weight = 0.0
        self.line = GrowingLine(limit)

    def follow(self, points: Points) -> None:
        """Extend the line to the end of `points`, whose earlier points are unchanged."""
        done = len(self.line.points.steps)
        new = Points(points.steps[done:], points.values[done:])
        if not len(new.steps):
            return
        if done < SMOOTHED_ANEW or len(new.steps) > SMOOTHED_ANEW:
            self.line = GrowingLine(self._limit)
            smoothed = smooth(points, self._time_constant)
            self.line.extend(Points(points.steps, smoothed))
            self._carry(points, smoothed)
        else:
            self.line.extend(self._continued(int(points.steps[done - 1]), new))

    def _carry(self, points: Points, smoothed: Values) -> None:
        """Store the sums of `series.smooth` at the last point, so that smoothing can continue from there."""
        times = points.steps / self._time_constant
        gaps = np.diff(times, prepend=2 * times[0] - times[1] if len(times) > 1 else times[0] - 1.0)
        weights = np.where(np.isfinite(points.values), -np.expm1(-gaps), 0.0)
        self._weight = float(weights @ np.exp(times - times[-1]))
        self._total = float(smoothed[-1]) * self._weight if self._weight > 0 else 0.0

    def _continued(self, last_step: int, new: Points) -> Points:
        gaps = np.diff(new.steps, prepend=last_step) / self._time_constant
        decays, weights = np.exp(-gaps), -np.expm1(-gaps)
        smoothed = np.empty_like(new.values)
        for index, value in enumerate(new.values.tolist()):
            self._total *= decays[index]
            self._weight *= decays[index]
            if np.isfinite(value):
                self._total += weights[index] * value
                self._weight += weights[index]
            smoothed[index] = self._total / self._weight if self._weight > 0 else np.nan
        return Points(new.steps, smoothed)
