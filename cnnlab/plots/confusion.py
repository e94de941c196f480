"""The confusion matrix: true classes in rows, predicted classes in columns, counts in the cells."""

from collections.abc import Sequence
from typing import Any, Final

import plotly.graph_objects as go

from cnnlab.plots import colours
from cnnlab.plots.labels import literal
from cnnlab.plots.template import FONT_SIZE, new_figure

MAX_WRITTEN: Final = 20
"""With more classes the counts would not fit into the cells, so they appear only on hover."""
MAX_NAMED: Final = 60
MAX_NAME_LENGTH: Final = 16
SHORT_NAME: Final = 6
"""Names up to this length are horizontal below the matrix."""
LEAST_CELLS_PX: Final = 150
MAX_CELLS_PX: Final = 720
CELL_PX: Final = 32
AROUND_PX: Final = 110
"""Height of everything around the cells: tools above, names and title below."""


def confusion_figure(
    matrix: Sequence[Sequence[int]], classes: Sequence[str], *, height: int | None = None
) -> go.Figure:
    """Cells coloured by their share of the row (recall on the diagonal). `matrix[true][predicted]` are counts."""
    size = len(classes)
    cells = range(size)
    shares = [[100 * count / total if (total := sum(row)) else 0.0 for count in row] for row in matrix]
    names = [literal(name) for name in classes]
    inside = min(MAX_CELLS_PX, max(LEAST_CELLS_PX, CELL_PX * size))
    figure = new_figure(x="predicted", y="true", height=height or AROUND_PX + inside, hovermode="closest")
    figure.add_heatmap(
        uid="confusion", z=shares, x=list(cells), y=list(cells),
        customdata=[[[names[true], names[other], matrix[true][other]] for other in cells] for true in cells],
        colorscale=[[0, colours.LOW], [1, colours.HIGH]], zmin=0, zmax=100, xgap=int(size < MAX_NAMED),
        ygap=int(size < MAX_NAMED), showscale=size > MAX_WRITTEN,
        colorbar={"title": {"text": "% of row"}, "thickness": 12, "outlinewidth": 0},
        hovertemplate="true: %{customdata[0]}<br>predicted: %{customdata[1]}<br>%{customdata[2]} pictures, "
        "%{z:.3~g} % of the row<extra></extra>",
    )  # fmt: skip
    if size <= MAX_WRITTEN:
        _write_counts(figure, matrix, shares)
    ticks = _names(classes)
    longest = max((len(_short(name)) for name in classes), default=0)
    angle = -90 if size > MAX_WRITTEN else -45 if longest > SHORT_NAME else 0
    figure.update_xaxes(**ticks, range=[-0.5, size - 0.5], tickangle=angle, ticklabeloverflow="allow")
    figure.update_yaxes(**ticks, range=[size - 0.5, -0.5])
    return figure


def _write_counts(figure: go.Figure, matrix: Sequence[Sequence[int]], shares: Sequence[Sequence[float]]) -> None:
    """Add the counts as a text trace: plotly's own heat-map text has one colour, which is too faint on some cells."""
    cells = [(true, predicted) for true in range(len(matrix)) for predicted in range(len(matrix))]
    figure.add_scatter(
        uid="counts", mode="text", hoverinfo="skip", showlegend=False,
        x=[predicted for _, predicted in cells], y=[true for true, _ in cells],
        text=[str(matrix[true][predicted]) for true, predicted in cells],
        textfont={
            "color": [colours.text_on(shares[true][predicted] / 100) for true, predicted in cells],
            "size": FONT_SIZE,
        },
    )  # fmt: skip


def _names(classes: Sequence[str]) -> dict[str, Any]:
    every = -(-len(classes) // MAX_NAMED) or 1
    return {
        "tickmode": "array",
        "tickvals": list(range(0, len(classes), every)),
        "ticktext": [literal(_short(name)) for name in classes[::every]],
        "tickfont": {"size": FONT_SIZE if len(classes) <= MAX_WRITTEN else FONT_SIZE - 3},
        "showgrid": False,
        "zeroline": False,
    }


def _short(name: str) -> str:
    """Both ends of a long name, because class names often start the same."""
    if len(name) <= MAX_NAME_LENGTH:
        return name
    return f"{name[: MAX_NAME_LENGTH - 7]}…{name[-6:]}"


def confusion_text(matrix: Sequence[Sequence[int]], classes: Sequence[str]) -> str:
    """Text alternative to the figure, in a sentence or two."""
    total = sum(map(sum, matrix))
    right = sum(matrix[index][index] for index in range(len(classes)))
    if not total:
        return "Confusion matrix without pictures."
    head = f"Confusion matrix of {len(classes)} classes: {right} of {total} pictures right."
    mistakes = [
        (count, true, predicted)
        for true, row in enumerate(matrix)
        for predicted, count in enumerate(row)
        if true != predicted and count
    ]
    if not mistakes:
        return head
    count, true, predicted = max(mistakes)
    times = "once" if count == 1 else f"{count} times"
    return f"{head} Most common mistake: {classes[true]} mistaken for {classes[predicted]}, {times}."
