"""Curves of runs over epochs, steps or time: training thin, validation thick, the raw line faint behind the smoothed.

Takes plain arrays; knows neither the store nor how many points are worth sending.
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
from cnnlab.plots.numbers import three_digits
from cnnlab.plots.template import HEIGHT, new_figure

MOST_LABELS: Final = 6
LONGEST_LABEL: Final = 18
MOST_MARKS: Final = 30
"""A validation line with more points than this shows no mark on each."""

Floats = npt.NDArray[np.float64]


class XAxis(StrEnum):
    """What lies along a curve."""

    EPOCHS = "epochs"
    STEPS = "steps"
    TIME = "time"


X_TITLES: Final[Mapping[XAxis, str]] = MappingProxyType(
    {XAxis.EPOCHS: "epoch", XAxis.STEPS: "optimiser step", XAxis.TIME: "training time (min)"}
)


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A quantity that has curves. Stored figures times `scale` are in `unit`; `lower_is_better` None: neither."""

    name: str
    title: str
    unit: str = ""
    scale: float = 1.0
    lower_is_better: bool | None = None

    @property
    def axis_title(self) -> str:
        """Title with the unit in it."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    def text(self, value: float) -> str:
        """A value (in `unit`) with its unit, as people read it."""
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
    """What is drawn of one run. Pairs are (x, y) arrays of equal length, y in the measure's unit.

    `train` is the line (smoothed where smoothing is on), `raw` the unsmoothed one behind it, `best` the point of the
    best epoch and `best_epoch` its number.
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
        """The last point of the validation line, or of the training line where there is none."""
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
    labels: bool = True,
) -> go.Figure:
    """Curves of several runs; names stand at the line ends for up to six runs, and in the legend anyway."""
    figure = new_figure(title=_caption(runs), x=X_TITLES[x_axis], y=measure.axis_title, height=height)
    figure.update_layout(title_font_color=MUTED, title_font_size=12)
    figure.update_yaxes(type="log" if log_y else "linear", hoverformat=".3~g", uirevision=f"{measure.name} {log_y}")
    figure.update_xaxes(hoverformat=".4~g", uirevision=x_axis.value)
    if not log_y:
        figure.update_yaxes(rangemode="tozero" if measure.lower_is_better else "normal")
    styles = run_styles((run.run_id, run.family) for run in runs)
    for run in runs:
        figure.add_traces(_traces(run, styles[run.run_id], measure))
    if labels and len(runs) <= MOST_LABELS:
        _label_ends(figure, runs, is_log=log_y)
    if all(run.end is None for run in runs):
        _say_nothing_yet(figure)
    return figure


def small_figure(
    runs: Sequence[RunCurves], measure: Measure, *, x_axis: XAxis = XAxis.EPOCHS, height: int = 190
) -> go.Figure:
    """The same, small, for a row of several measures; names are left to the larger figure, the title is on top."""
    figure = curve_figure(runs, measure, x_axis=x_axis, height=height, labels=False)
    figure.update_layout(title_text=measure.axis_title, margin={"t": 26, "b": 38, "r": 10}, meta={"legend": False})
    figure.update_yaxes(title_text="")
    return figure


def curve_text(runs: Sequence[RunCurves], measure: Measure) -> str:
    """What the curves show, in a sentence for those who do not see them."""
    drawn = [(run, run.end) for run in runs]
    ends = [(run, end[1]) for run, end in drawn if end is not None]
    if not ends:
        return f"No {measure.title} yet."
    which = "Validation" if any(run.val is not None and len(run.val[0]) for run, _ in ends) else "Training"
    head = f"{which} {measure.title} of {_some_runs(len(ends))}"
    figures = [(run, run.best[1] if run.best else value) for run, value in ends]
    if measure.lower_is_better is not None:
        figures.sort(key=lambda pair: pair[1], reverse=not measure.lower_is_better)
    parts = [f"{run.label} {measure.text(value)}{_when(run)}" for run, value in figures[:MOST_LABELS]]
    if len(figures) > MOST_LABELS:
        parts.append(f"and {len(figures) - MOST_LABELS} more")
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


def _traces(run: RunCurves, style: RunStyle, measure: Measure) -> list[go.Scatter]:
    common: dict[str, Any] = {"legendgroup": run.run_id, "meta": run.label, "showlegend": False}
    line = {"color": style.colour, "dash": style.dash}
    hover = f"%{{y:.3~g}} {measure.unit}".strip() + "<extra>%{fullData.name}</extra>"
    traces = []
    if run.raw is not None:
        traces.append(
            go.Scatter(
                uid=f"{run.run_id}.raw", x=run.raw[0], y=run.raw[1], mode="lines", opacity=0.3, hoverinfo="skip",
                line={"color": style.colour, "width": 1}, name=f"{run.label}, every step", **common,
            )
        )  # fmt: skip
    if run.train is not None:
        traces.append(
            go.Scatter(
                uid=f"{run.run_id}.train", x=run.train[0], y=run.train[1], mode="lines", hovertemplate=hover,
                line={**line, "width": 1.3}, name=f"{run.label}, training", **common,
            )
        )  # fmt: skip
    if run.val is not None:
        mode = "lines+markers" if len(run.val[0]) <= MOST_MARKS else "lines"
        traces.append(
            go.Scatter(
                uid=f"{run.run_id}.val", x=run.val[0], y=run.val[1], mode=mode, hovertemplate=hover,
                line={**line, "width": 3}, marker={"symbol": style.mark, "size": 7, "color": style.colour},
                name=f"{run.label}, validation", **common,
            )
        )  # fmt: skip
    return [*traces, *_single_points(run, style, common)]


def _single_points(run: RunCurves, style: RunStyle, common: Mapping[str, Any]) -> list[go.Scatter]:
    """The ring of the best epoch, and the family's mark at the line's end."""
    points = []
    if run.best is not None:
        ring = {"symbol": "circle-open", "size": 15, "color": style.colour, "line": {"width": 2}}
        points.append(
            go.Scatter(
                uid=f"{run.run_id}.best", x=[run.best[0]], y=[run.best[1]], mode="markers", marker=ring,
                hoverinfo="skip", name=f"{run.label}, best epoch", **common,
            )
        )  # fmt: skip
    if run.end is not None:
        mark = {"symbol": style.mark, "size": 9, "color": style.colour}
        points.append(
            go.Scatter(
                uid=f"{run.run_id}.end", x=[run.end[0]], y=[run.end[1]], mode="markers", marker=mark,
                hoverinfo="skip", cliponaxis=False, name=run.label, **{**common, "showlegend": True},
            )
        )  # fmt: skip
    return points


def _say_nothing_yet(figure: go.Figure) -> None:
    font = {"color": MUTED, "size": 14}
    figure.add_annotation(text="No points yet", xref="paper", yref="paper", x=0.5, y=0.5, showarrow=False, font=font)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)


def _label_ends(figure: go.Figure, runs: Sequence[RunCurves], *, is_log: bool) -> None:
    """Names at the line ends. The browser moves those apart that would overlap; they are found by their name."""
    for run in runs:
        if run.end is None:
            continue
        label = run.label if len(run.label) <= LONGEST_LABEL else f"{run.label[: LONGEST_LABEL - 1]}…"
        x, y = run.end
        figure.add_annotation(
            name=f"end:{run.run_id}.end", text=label, x=x, y=np.log10(y) if is_log and y > 0 else y,
            xanchor="left", xshift=8, showarrow=False, align="left",
        )  # fmt: skip
