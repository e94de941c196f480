"""Reads the points of live figures from the store, only those new since the last time.

One `CurveReader` serves all sessions of a page server; it caches what the store has of each run.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from cnnlab.plots.curves import MEASURES, Floats, Measure, RunCurves, XAxis
from cnnlab.plots.growing import NO_POINTS, GrowingLine, GrowingSmooth
from cnnlab.plots.series import to_csv
from cnnlab.store.metric_rows import Points, Steps
from cnnlab.store.records import EpochRecord, RunRecord
from cnnlab.store.store import Store

RUNS_KEPT: Final = 64
NEVER_SMOOTHED: Final = frozenset({"learning_rate", "memory_bytes"})


@dataclass(frozen=True, kw_only=True)
class CurveRequest:
    """Which curves: `measure` is a key of `plots.curves.MEASURES`, `smoothing` a time constant in steps, 0 for none."""

    run_ids: tuple[str, ...]
    measure: str = "loss"
    x_axis: XAxis = XAxis.EPOCHS
    log_y: bool = False
    smoothing: float = 0.0


class CurveReader:
    """Curves of runs of one store. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._histories: OrderedDict[tuple[int, int], _History] = OrderedDict()
        self._lock = threading.Lock()

    def curves(
        self, runs: Sequence[RunRecord], request: CurveRequest, visible: tuple[float, float] | None = None
    ) -> tuple[RunCurves, ...]:
        """Curves of the runs; `visible` is the part of the x axis to return in more detail."""
        with self._lock:
            return tuple(self._history(run).curves(run, request, visible) for run in runs)

    def csv(self, runs: Sequence[RunRecord], request: CurveRequest) -> str:
        """Every point of the curves, and the validation figures at the last step of each epoch."""
        series = {}
        with self._lock:
            for run in runs:
                history = self._history(run)
                series[f"{run.name} {request.measure}"] = history.line(request.measure, run.step).points
                validation = history.validation(MEASURES[request.measure], run.epoch)
                if len(validation.steps):
                    series[f"{run.name} val_{request.measure}"] = validation
        return to_csv(series)

    def _history(self, run: RunRecord) -> "_History":
        # a resumed run repeats steps, so points of an earlier attempt are out of date
        key = run.number, run.attempt
        if key not in self._histories:
            self._histories[key] = _History(self._store, run.number)
            if len(self._histories) > RUNS_KEPT:
                self._histories.popitem(last=False)
        self._histories.move_to_end(key)
        return self._histories[key]


class _History:
    """What has been read of one attempt of a run."""

    def __init__(self, store: Store, number: int) -> None:
        self._store, self._number = store, number
        self._lines: dict[str, GrowingLine] = {}
        self._smoothed: dict[tuple[str, float], GrowingSmooth] = {}
        self._epochs: list[EpochRecord] = []

    def line(self, series: str, step: int) -> GrowingLine:
        """The series, at least up to `step` if it goes that far."""
        line = self._lines.setdefault(series, GrowingLine())
        if line.last_step is None or line.last_step < step:
            line.extend(self._store.metrics.read(self._number, series, after=line.last_step))
        return line

    def validation(self, measure: Measure, epoch: int) -> Points:
        """Validation figures by the last step of their epoch, at least up to `epoch`."""
        self._read_epochs(epoch)
        name = f"val_{measure.name}"
        pairs = [(record.step, record.figures[name]) for record in self._epochs if record.figures.get(name) is not None]
        if not pairs:
            return NO_POINTS
        steps, values = zip(*pairs, strict=True)
        return Points(np.array(steps, np.int64), np.array(values, np.float64))

    def curves(self, run: RunRecord, request: CurveRequest, visible: tuple[float, float] | None) -> RunCurves:
        measure = MEASURES[request.measure]
        raw = self.line(measure.name, run.step)
        validation = self.validation(measure, run.epoch)
        elapsed = self.line("elapsed", run.step).points if request.x_axis == XAxis.TIME else NO_POINTS
        axis = _Axis(request.x_axis, self._steps_per_epoch(run), elapsed)
        smoothed = self._smoothed_line(raw, request)
        lines: dict[str, Any] = {"train": axis.pair(_part(smoothed or raw, axis, visible), measure)}
        if smoothed is not None:
            lines["raw"] = axis.pair(_part(raw, axis, visible), measure)
        if len(validation.steps):
            lines["val"] = axis.pair(validation, measure)
        return RunCurves(
            run_id=run.run_id, label=run.name, family=run.family, **lines, **self._best(run, validation, axis, measure)
        )

    def _smoothed_line(self, raw: GrowingLine, request: CurveRequest) -> GrowingLine | None:
        if request.smoothing <= 0 or request.measure in NEVER_SMOOTHED:
            return None
        key = request.measure, request.smoothing
        smooth = self._smoothed.setdefault(key, GrowingSmooth(request.smoothing))
        smooth.follow(raw.points)
        return smooth.line

    def _best(self, run: RunRecord, validation: Points, axis: "_Axis", measure: Measure) -> dict[str, Any]:
        step = next((record.step for record in self._epochs if record.epoch == run.best_epoch), None)
        is_best = validation.steps == (-1 if step is None else step)
        if not is_best.any():
            return {}
        x, y = axis.pair(Points(validation.steps[is_best], validation.values[is_best]), measure)
        return {"best": (float(x[0]), float(y[0])), "best_epoch": run.best_epoch}

    def _read_epochs(self, epoch: int) -> None:
        after = self._epochs[-1].epoch if self._epochs else 0
        if after < epoch:
            self._epochs += self._store.epochs.of(self._number, after_epoch=after)

    def _steps_per_epoch(self, run: RunRecord) -> float:
        if run.total_steps and run.epochs:
            return run.total_steps / run.epochs
        return self._epochs[-1].step / self._epochs[-1].epoch if self._epochs else 1.0


@dataclass(frozen=True)
class _Axis:
    """Turns steps into positions on the x axis and back."""

    kind: XAxis
    steps_per_epoch: float
    elapsed: Points

    def pair(self, points: Points, measure: Measure) -> tuple[Floats, Floats]:
        return self.positions(points.steps), points.values * measure.scale

    def positions(self, steps: Steps) -> Floats:
        positions = steps.astype(np.float64)
        if self.kind == XAxis.EPOCHS:
            positions /= self.steps_per_epoch
        elif self.kind == XAxis.TIME and len(self.elapsed.steps):
            positions = np.interp(positions, self.elapsed.steps, self.elapsed.values) / 60
        return positions

    def steps(self, low: float, high: float) -> tuple[int, int]:
        if self.kind == XAxis.EPOCHS:
            low, high = low * self.steps_per_epoch, high * self.steps_per_epoch
        elif self.kind == XAxis.TIME and len(self.elapsed.steps):
            low, high = np.interp([60 * low, 60 * high], self.elapsed.values, self.elapsed.steps)
        return int(np.floor(low)), int(np.ceil(high))


def _part(line: GrowingLine, axis: _Axis, visible: tuple[float, float] | None) -> Points:
    return line.thinned() if visible is None else line.around(*axis.steps(*visible))
