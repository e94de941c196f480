"""Curves of runs over epochs, steps or time, from plain arrays.

Training lines are thin, validation lines thick, and the raw line is faint behind the smoothed one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from cnnlab.plots.colours import MUTED, RunStyle, run_styles
from cnnlab.plots.labels import literal
from cnnlab.plots.numbers import three_digits
from cnnlab.plots.template import HEIGHT, PLAIN_TEMPLATE

MAX_LABELS: Final = 6
MAX_LABEL_LENGTH: Final = 18
MAX_MARKS: Final = 30
"""A validation line with more points than this has no marks on them."""
SMALL_HEIGHT: Final = 190
SMALL_MARGIN: Final = {"l": 56, "t": 26, "b": 38, "r": 10}
NOTHING_YET: Final[dict[str, Any]] = {
    "text": "No points yet",
    "font": {"color": MUTED, "size": 14},
    "showarrow": False,
    "xref": "paper",
    "yref": "paper",
    "x": 0.5,
    "y": 0.5,
}

Floats = npt.NDArray[np.float64]


class XAxis(StrEnum):
    """The quantity on the x axis."""

    EPOCHS = "epochs"
    STEPS = "steps"
    TIME = "time"


X_TITLES: Final[Mapping[XAxis, str]] = MappingProxyType(
    {XAxis.EPOCHS: "epoch", XAxis.STEPS: "optimiser step", XAxis.TIME: "training time (min)"}
)


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A quantity with curves. `scale` converts stored values to `unit`; `lower_is_better` is None if neither is."""

    name: str
    title: str
    unit: str = ""
    scale: float = 1.0
    lower_is_better: bool | None = None

    @property
    def axis_title(self) -> str:
        """Title with the unit."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    def text(self, value: float) -> str:
        """A value (in `unit`) with its unit, formatted for people."""
        return f"{three_digits(value)} {self.unit}" if self.unit and self.unit != "nats" else three_digits(value)


MEASURES: Final[Mapping[str, Measure]] = MappingProxyType(
    {
        measure.name: measure
        for measure in (
            Measure(name="loss", title="loss", unit="nats", lower_is_better=True),
            Measure(name="objective", title="objective", unit="nats", lower_is_better=True),
            Measure(name="accuracy", title="accuracy", unit="%", scale=100, lower_is_better=False),
            Measure(name="learning_rate", title="learning rate"),
            Measure(name="gradient_norm", title="gradient norm"),
            Measure(name="images_per_second", title="throughput", unit="pictures/s"),
            Measure(name="waiting_share", title="waiting for pictures", unit="%", scale=100),
            Measure(name="memory_bytes", title="memory", unit="GB", scale=1e-9),
        )
    }
)


@dataclass(frozen=True, kw_only=True)
class RunCurves:
    """The curves of one run. Pairs are (x, y) arrays of equal length, with y in the measure's unit.

    `train` is the training line (smoothed if smoothing is on), `raw` the unsmoothed one behind it, `best` the point of
    the best epoch and `best_epoch` its number.
    """

    run_id: str
    label: str
    family: str
    train: tuple[Floats, Floats] | None = None
    raw: tuple[Floats, Floats] | None = None
    val: tuple[Floats, Floats] | None = None
    best: tuple[float, float] | None = None
    best_epoch: int | None = None

    @property
    def end(self) -> tuple[float, float] | None:
        """The last point of the validation line, or of the training line if there is no validation line."""
        for line in (self.val, self.train):
            if line is not None and len(line[0]):
                return float(line[0][-1]), float(line[1][-1])
        return None


def curve_figure(
    runs: Sequence[RunCurves],
    measure: Measure,
    *,
    x_axis: XAxis = XAxis.EPOCHS,
    log_y: bool = False,
    height: int = HEIGHT,
    is_small: bool = False,
) -> go.Figure:
    """Curves of several runs; the legend names the runs, and for up to six of them so do labels at the line ends.

    `is_small` is for a row of several measures: no names, and the title at the top.
    """
    return go.Figure(plain_curves(runs, measure, x_axis=x_axis, log_y=log_y, height=height, is_small=is_small))


def plain_curves(
    runs: Sequence[RunCurves],
    measure: Measure,
    *,
    x_axis: XAxis = XAxis.EPOCHS,
    log_y: bool = False,
    height: int = HEIGHT,
    is_small: bool = False,
) -> dict[str, Any]:
    """`curve_figure` as the plain value {"data", "layout"}."""
    styles = run_styles((run.run_id, run.family) for run in runs)
    traces = [trace for run in runs for trace in _traces(run, styles[run.run_id])]
    layout: dict[str, Any] = {
        "template": PLAIN_TEMPLATE,
        "height": height,
        "hovermode": False,  # the browser shows the values in a table beside the plot
        "meta": {"readout": {"x": X_TITLES[x_axis], "unit": "" if measure.unit == "nats" else measure.unit}},
        "title": {"text": _caption(runs), "font": {"color": MUTED, "size": 12}},
        "xaxis": {
            "title": {"text": X_TITLES[x_axis]},
            "uirevision": str(x_axis),
        },
        "yaxis": {
            "title": {"text": measure.axis_title},
            "type": "log" if log_y else "linear",
            "rangemode": "tozero" if measure.lower_is_better and not log_y else "normal",
            "exponentformat": "e",  # 3e-4, not "300µ"
            "uirevision": f"{measure.name} {log_y}",
        },
    }
    if is_small:
        layout |= {"title": {"text": measure.axis_title}, "margin": SMALL_MARGIN}
        layout["meta"]["legend"] = False
        layout["yaxis"]["title"] = {"text": ""}
    if not any(run.end for run in runs):
        layout["annotations"] = [NOTHING_YET]
        layout["xaxis"]["visible"] = layout["yaxis"]["visible"] = False
    elif not is_small and len(runs) <= MAX_LABELS:
        layout["annotations"] = _end_labels(runs, is_log=log_y)
    return {"data": traces, "layout": layout}


def curve_text(runs: Sequence[RunCurves], measure: Measure) -> str:
    """Text alternative to the figure, in one sentence."""
    ends = [(run, run.end[1]) for run in runs if run.end is not None]
    if not ends:
        return f"No {measure.title} yet."
    which = "Validation" if any(run.val is not None and len(run.val[0]) for run, _ in ends) else "Training"
    head = f"{which} {measure.title} of {_some_runs(len(ends))}"
    figures = [(run, run.best[1] if run.best else value) for run, value in ends]
    if measure.lower_is_better is not None:
        figures.sort(key=lambda pair: pair[1], reverse=not measure.lower_is_better)
    parts = [f"{run.label} {measure.text(value)}{_when(run)}" for run, value in figures[:MAX_LABELS]]
    if len(figures) > MAX_LABELS:
        parts.append(f"and {len(figures) - MAX_LABELS} more")
    return f"{head}: {'; '.join(parts)}."


def _some_runs(number: int) -> str:
    return "one run" if number == 1 else f"{number} runs"


def _when(run: RunCurves) -> str:
    return f" at its best epoch, {run.best_epoch}" if run.best and run.best_epoch else ""


def _caption(runs: Sequence[RunCurves]) -> str:
    has_val = any(run.val is not None and len(run.val[0]) for run in runs)
    parts = ["thin: training, thick: validation"] if has_val else []
    parts += ["faint: every step"] if any(run.raw is not None for run in runs) else []
    parts += ["ring: best epoch"] if any(run.best is not None for run in runs) else []
    return " · ".join(parts)


def _traces(run: RunCurves, style: RunStyle) -> list[dict[str, Any]]:
    """Raw, training and validation lines, the ring at the best epoch, and the family's mark at the line's end."""
    line = {"color": style.colour, "dash": style.dash}
    mark = {"symbol": style.mark, "color": style.colour}
    traces = []
    if run.raw is not None:
        looks = {"mode": "lines", "opacity": 0.3, "line": {"color": style.colour, "width": 1}}
        traces.append(_trace(run, "raw", "every step", run.raw, looks))
    if run.train is not None:
        looks = {"mode": "lines", "line": {**line, "width": 1.3}, "hovertext": "training"}
        traces.append(_trace(run, "train", "training", run.train, looks))
    if run.val is not None:
        mode = "lines+markers" if len(run.val[0]) <= MAX_MARKS else "lines"
        looks = {"mode": mode, "line": {**line, "width": 3}, "marker": {**mark, "size": 7}, "hovertext": "validation"}
        traces.append(_trace(run, "val", "validation", run.val, looks))
    if run.best is not None:
        ring = {"symbol": "circle-open", "size": 15, "color": style.colour, "line": {"width": 2}}
        traces.append(_trace(run, "best", "best epoch", _alone(run.best), {"mode": "markers", "marker": ring}))
    if run.end is not None:
        looks = {"mode": "markers", "marker": {**mark, "size": 9}, "cliponaxis": False, "showlegend": True}
        traces.append(_trace(run, "end", "", _alone(run.end), looks))
    return traces


def _trace(
    run: RunCurves, kind: str, title: str, points: tuple[Floats, Floats], looks: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "uid": f"{run.run_id}.{kind}",
        "name": literal(f"{run.label}, {title}" if title else run.label),
        "meta": run.label,
        "legendgroup": run.run_id,
        "showlegend": False,
        "x": points[0],
        "y": points[1],
        **looks,
    }


def _alone(point: tuple[float, float]) -> tuple[Floats, Floats]:
    return np.array([point[0]]), np.array([point[1]])


def _end_labels(runs: Sequence[RunCurves], *, is_log: bool) -> list[dict[str, Any]]:
    """Labels at the line ends. The browser finds them by their name and moves apart those that would overlap."""
    labels = []
    for run in runs:
        if run.end is None:
            continue
        x, y = run.end
        text = literal(run.label if len(run.label) <= MAX_LABEL_LENGTH else f"{run.label[: MAX_LABEL_LENGTH - 1]}…")
        position = {"x": x, "y": float(np.log10(y)) if is_log and y > 0 else y, "xanchor": "left", "xshift": 8}
        labels.append({"name": f"end:{run.run_id}.end", "text": text, "showarrow": False, "align": "left", **position})
    return labels
