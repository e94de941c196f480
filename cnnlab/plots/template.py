"""The plotly template of all figures.

Figures are transparent, so they show the page's own background.
"""

from typing import Any, Final

import plotly.graph_objects as go

from cnnlab.plots import colours

FONT_SIZE: Final = 13
HEIGHT: Final = 320
"""Default height of a figure, in pixels."""

_AXIS: Final[dict[str, Any]] = {
    "gridcolor": colours.GRID,
    "linecolor": colours.AXIS,
    "zerolinecolor": colours.GRID,
    "ticks": "outside",
    "ticklen": 4,
    "tickcolor": colours.AXIS,
    "showline": True,
    "automargin": True,
    "title": {"standoff": 8},
}

TEMPLATE: Final = go.layout.Template(
    layout={
        "font": {"color": colours.TEXT, "size": FONT_SIZE},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 56, "r": 16, "t": 28, "b": 44},
        "xaxis": _AXIS,
        "yaxis": _AXIS,
        "showlegend": False,
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": colours.CARD,
            "bordercolor": colours.AXIS,
            "font": {"color": colours.TEXT, "size": FONT_SIZE},
            "namelength": -1,
        },
        "title": {"font": {"size": FONT_SIZE}, "x": 0, "xanchor": "left", "pad": {"l": 4}, "y": 0.99, "yanchor": "top"},
        "dragmode": "zoom",
        "height": HEIGHT,
        "uirevision": "kept",
    }
)


PLAIN_TEMPLATE: Final[dict[str, Any]] = TEMPLATE.to_plotly_json()
"""The same as plain values, for figures updated every second: plotly's own classes take 20 ms per figure."""


def new_figure(*, title: str = "", x: str, y: str, height: int = HEIGHT, **layout: Any) -> go.Figure:  # noqa: ANN401
    """An empty figure with the template; `x` and `y` are axis titles with their units."""
    figure = go.Figure()
    figure.update_layout(template=TEMPLATE, title_text=title, height=height, **layout)
    figure.update_xaxes(title_text=x)
    figure.update_yaxes(title_text=y)
    return figure
