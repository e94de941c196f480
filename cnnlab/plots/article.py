"""The article's own plot, faults included: sums of step losses over spans of unequal length."""

from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from cnnlab.plots.colours import run_styles
from cnnlab.plots.labels import literal
from cnnlab.plots.template import HEIGHT, new_figure


class ArticleCurve(NamedTuple):
    """One run's values, computed like those in the article's list."""

    run_id: str
    label: str
    family: str
    sums: Sequence[float]


def article_figure(curves: Sequence[ArticleCurve], *, height: int = HEIGHT) -> go.Figure:
    """Sums of step losses against their index."""
    figure = new_figure(
        x="value (one epoch, then ten each)", y="sum of step losses (nats)", height=height, hovermode=False
    )
    figure.update_layout(meta={"readout": {"x": "value", "unit": ""}})
    styles = run_styles((curve.run_id, curve.family) for curve in curves)
    for curve in curves:
        style = styles[curve.run_id]
        figure.add_scatter(
            uid=curve.run_id, x=list(range(len(curve.sums))), y=list(curve.sums), mode="lines+markers",
            name=literal(curve.label), legendgroup=curve.run_id, meta=curve.label,
            line={"color": style.colour, "dash": style.dash}, marker={"symbol": style.mark, "size": 8},
            hovertext="sum of losses",
        )  # fmt: skip
    longest = max((len(curve.sums) for curve in curves), default=0)
    # by default a single value would be rendered on an axis from -1 to 1
    figure.update_xaxes(range=[-0.2, max(longest - 1, 4) + 0.2], dtick=1 if longest <= 12 else None)
    figure.update_yaxes(rangemode="tozero")
    return figure


def article_text(curves: Sequence[ArticleCurve]) -> str:
    """Text alternative to the figure, in one sentence."""
    last = [f"{curve.label} {curve.sums[-1]:.3g}" for curve in curves if curve.sums]
    return f"Sums of step losses as in the article; last values: {', '.join(last) or 'none yet'}."
