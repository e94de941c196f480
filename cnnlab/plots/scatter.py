"""Runs as points: accuracy against cost (parameters, computation or time)."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from typing import Final

import plotly.graph_objects as go

from cnnlab.plots.colours import run_styles
from cnnlab.plots.labels import literal, sides_of_labels
from cnnlab.plots.numbers import percent, three_digits
from cnnlab.plots.template import new_figure

MAX_LABELS: Final = 8
LINEAR_UP_TO: Final = 10.0
"""If costs differ by more than this factor, their axis is logarithmic."""


@dataclass(frozen=True, kw_only=True)
class RunPoint:
    """One run: its cost (in the axis' unit) and its accuracy, 0 to 1, with an interval if there is one."""

    run_id: str
    label: str
    family: str
    cost: float
    accuracy: float
    low: float | None = None
    high: float | None = None


def cost_figure(points: Sequence[RunPoint], *, cost_title: str, height: int = 300) -> go.Figure:
    """Validation accuracy against cost, on a logarithmic axis if costs differ more than tenfold.

    `cost_title` includes the unit, such as "parameters" or "time (min)".
    """
    figure = new_figure(x=cost_title, y="validation accuracy (%)", height=height, hovermode="closest")
    styles = run_styles((point.run_id, point.family) for point in points)
    is_log = _is_log(points)
    ranges = _ranges(points, is_log=is_log)
    has_labels = len(points) <= MAX_LABELS
    sides = _sides(points, ranges, is_log=is_log) if has_labels else {}
    for point in points:
        style = styles[point.run_id]
        figure.add_scatter(
            uid=point.run_id, x=[point.cost], y=[100 * point.accuracy], error_y=_bars(point),
            text=[literal(point.label)],
            mode="markers+text" if has_labels else "markers", textposition=sides.get(point.run_id, "top center"),
            marker={"symbol": style.mark, "size": 12, "color": style.colour},
            name=literal(point.label), legendgroup=point.run_id, meta=point.label, cliponaxis=False,
            hovertemplate="%{y:.3~g} % with %{x:.3~s}<extra>%{fullData.name}</extra>",
        )  # fmt: skip
    if has_labels:
        figure.update_layout(meta={"legend": False})
    figure.update_xaxes(type="log" if is_log else "linear", tickformat="~s", range=ranges[0], nticks=6)
    if is_log:
        # if the axis covers several decades, there is room only for ticks at whole ones
        figure.update_xaxes(dtick=1 if ranges[0][1] - ranges[0][0] > 1.5 else "D2")
    figure.update_yaxes(range=ranges[1], nticks=7)
    return figure


def _is_log(points: Sequence[RunPoint]) -> bool:
    costs = [point.cost for point in points]
    return bool(costs) and min(costs) > 0 and max(costs) / min(costs) > LINEAR_UP_TO


def _ranges(points: Sequence[RunPoint], *, is_log: bool) -> tuple[list[float], list[float]]:
    """The ranges of both axes, with room at their ends for marks and labels."""
    costs = [log10(point.cost) if is_log else point.cost for point in points] or [0.0]
    shares = [100 * share for point in points for share in (point.low, point.accuracy, point.high) if share is not None]
    shares = shares or [0.0]
    room_x = 0.2 * (max(costs) - min(costs)) or 0.3 * max(abs(costs[0]), 1.0)
    room_y = max(0.15 * (max(shares) - min(shares)), 1.5)
    left = min(costs) - room_x
    return (
        [left if is_log else max(left, 0.0), max(costs) + room_x],
        [max(min(shares) - room_y, -2.0), min(max(shares) + room_y, 104.0)],
    )


def _bars(point: RunPoint) -> dict[str, object] | None:
    if point.low is None or point.high is None:
        return None
    above, below = 100 * (point.high - point.accuracy), 100 * (point.accuracy - point.low)
    return {"type": "data", "symmetric": False, "array": [above], "arrayminus": [below], "thickness": 1.5}


def _sides(points: Sequence[RunPoint], ranges: tuple[list[float], list[float]], *, is_log: bool) -> dict[str, str]:
    (left, right), (bottom, top) = ranges
    positions = [
        (
            ((log10(point.cost) if is_log else point.cost) - left) / (right - left),
            (100 * point.accuracy - bottom) / (top - bottom),
        )
        for point in points
    ]
    sides = sides_of_labels(positions, [point.label for point in points])
    return {point.run_id: side for point, side in zip(points, sides, strict=True)}


def cost_text(points: Sequence[RunPoint], *, cost_title: str) -> str:
    """Text alternative to the figure, in one sentence."""
    if not points:
        return "No runs to show."
    ranked = sorted(points, key=lambda point: point.accuracy, reverse=True)
    parts = [f"{point.label} {percent(point.accuracy)} at {three_digits(point.cost)}" for point in ranked[:6]]
    more = f"; and {len(ranked) - 6} more" if len(ranked) > 6 else ""
    return f"Validation accuracy against {cost_title}: {'; '.join(parts)}{more}."
