"""The confusion matrix: true classes in rows, predicted ones in columns, counts in the cells."""

from collections.abc import Sequence
from typing import Final

import plotly.graph_objects as go

from cnnlab.plots import colours
from cnnlab.plots.template import new_figure

MOST_WRITTEN: Final = 20
"""With more classes the numbers are told on pointing only: they would not fit into the cells."""


def confusion_figure(
    matrix: Sequence[Sequence[int]], classes: Sequence[str], *, height: int | None = None
) -> go.Figure:
    """Cells are coloured by the share of their row (recall on the diagonal). `matrix[true][predicted]` are counts."""
    cells = range(len(classes))
    shares = [[100 * count / total if (total := sum(row)) else 0.0 for count in row] for row in matrix]
    size = len(classes)
    figure = new_figure(
        x="predicted", y="true", height=height or min(760, 130 + max(190, 30 * size)), hovermode="closest"
    )
    written = {"texttemplate": "%{text}"} if size <= MOST_WRITTEN else {}
    figure.add_heatmap(
        uid="confusion", z=shares, x=list(cells), y=list(cells), text=[list(map(str, row)) for row in matrix],
        customdata=[[[classes[true], classes[said], matrix[true][said]] for said in cells] for true in cells],
        colorscale=[[0, colours.LOW], [1, colours.HIGH]], zmin=0, zmax=100, xgap=1, ygap=1,
        showscale=size > MOST_WRITTEN,
        colorbar={"title": {"text": "% of row"}, "thickness": 12, "outlinewidth": 0},
        hovertemplate="%{customdata[0]} taken for %{customdata[1]}<br>%{customdata[2]} pictures, %{z:.3~g} % of its row"
        "<extra></extra>",
        **written,
    )  # fmt: skip
    names = [name if len(name) <= 16 else f"{name[:15]}…" for name in classes]
    every = max(1, -(-size // 40))  # so that names stay readable with 100 classes
    ticks = {
        "tickmode": "array",
        "tickvals": list(range(0, size, every)),
        "ticktext": names[::every],
        "showgrid": False,
    }
    figure.update_xaxes(**ticks, constrain="domain", zeroline=False)
    figure.update_yaxes(**ticks, autorange="reversed", scaleanchor="x", constrain="domain", zeroline=False)
    return figure


def confusion_text(matrix: Sequence[Sequence[int]], classes: Sequence[str]) -> str:
    """What it shows, in a sentence or two."""
    total = sum(map(sum, matrix))
    right = sum(matrix[place][place] for place in range(len(classes)))
    if not total:
        return "Confusion matrix without pictures."
    head = f"Confusion matrix of {len(classes)} classes: {right} of {total} pictures right."
    mistakes = [
        (count, true, said)
        for true, row in enumerate(matrix)
        for said, count in enumerate(row)
        if true != said and count
    ]
    if not mistakes:
        return head
    count, true, said = max(mistakes)
    return f"{head} The commonest mistake: {classes[true]} taken for {classes[said]}, {count} times."
