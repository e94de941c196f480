"""Runs as points: accuracy against what it costs (parameters, arithmetic, time)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import plotly.graph_objects as go

from cnnlab.plots.colours import run_styles
from cnnlab.plots.numbers import percent, three_digits
from cnnlab.plots.template import new_figure

MOST_LABELS: Final = 8


@dataclass(frozen=True, kw_only=True)
class RunPoint:
    """One run: what it cost (in the axis' unit) and its accuracy, 0 to 1, with an interval where there is one."""

    run_id: str
    label: str
    family: str
    cost: float
    accuracy: float
    low: float | None = None
    high: float | None = None


def cost_figure(points: Sequence[RunPoint], *, cost_title: str, log_x: bool = True, height: int = 320) -> go.Figure:
    """Validation accuracy against cost. `cost_title` carries the unit, such as "parameters" or "time (min)"."""
    figure = new_figure(x=cost_title, y="validation accuracy (%)", height=height, hovermode="closest")
    styles = run_styles((point.run_id, point.family) for point in points)
    for point in points:
        style = styles[point.run_id]
        bars = None
        if point.low is not None and point.high is not None:
            above, below = 100 * (point.high - point.accuracy), 100 * (point.accuracy - point.low)
            bars = {"type": "data", "symmetric": False, "array": [above], "arrayminus": [below], "thickness": 1.5}
        figure.add_scatter(
            uid=point.run_id, x=[point.cost], y=[100 * point.accuracy], mode="markers+text", text=[point.label],
            textposition="middle right", marker={"symbol": style.mark, "size": 12, "color": style.colour}, error_y=bars,
            name=point.label, legendgroup=point.run_id, meta=point.label, cliponaxis=False,
            hovertemplate="%{y:.3~g} % with %{x:.3~s}<extra>%{fullData.name}</extra>",
        )  # fmt: skip
    if len(points) > MOST_LABELS:
        figure.update_traces(mode="markers")
    else:
        figure.update_layout(meta={"legend": False}, margin_r=90)
    figure.update_xaxes(type="log" if log_x else "linear", tickformat="~s", dtick="D2" if log_x else None)
    return figure


def cost_text(points: Sequence[RunPoint], *, cost_title: str) -> str:
    """The same in a sentence."""
    if not points:
        return "No run to show."
    ranked = sorted(points, key=lambda point: point.accuracy, reverse=True)
    parts = [f"{point.label} {percent(point.accuracy)} at {three_digits(point.cost)}" for point in ranked[:6]]
    more = f"; and {len(ranked) - 6} more" if len(ranked) > 6 else ""
    return f"Validation accuracy against {cost_title}: {'; '.join(parts)}{more}."
