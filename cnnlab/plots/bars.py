"""Bar charts: the pictures of each class by part, and the probabilities of classes."""

from collections.abc import Mapping, Sequence
from typing import Final

import plotly.graph_objects as go

from cnnlab.plots import colours
from cnnlab.plots.labels import literal
from cnnlab.plots.numbers import percent
from cnnlab.plots.template import new_figure

PART_COLOURS: Final = {"train": colours.TRAINING, "val": colours.VALIDATION, "test": colours.TEST}
PART_TITLES: Final = {"train": "training", "val": "validation", "test": "test"}
PART_PATTERNS: Final = {"train": "", "val": "/", "test": "x"}
ROW_PX: Final = 26
MAX_NAME_LENGTH: Final = 24


def class_bars(counts: Mapping[str, Mapping[str, int]]) -> go.Figure:
    """Pictures of each class by part; `counts[class][part]`, with the parts "train", "val" and "test"."""
    classes, names = list(counts), [literal(name) for name in counts]
    height = 74 + ROW_PX * max(len(classes), 1) + 8
    figure = new_figure(x="pictures", y="", height=height, barmode="stack", hovermode="y unified", bargap=0.3)
    for part, title in PART_TITLES.items():
        numbers = [counts[name].get(part, 0) for name in classes]
        if any(numbers):
            pattern = {"shape": PART_PATTERNS[part], "solidity": 0.2, "fillmode": "overlay"}
            figure.add_bar(
                uid=part, orientation="h", y=names, x=numbers, name=title, legendgroup=part, meta=title,
                marker={"color": PART_COLOURS[part], "pattern": pattern},
                hovertemplate="%{x} pictures<extra>%{fullData.name}</extra>",
            )  # fmt: skip
    _name_rows(figure, classes)
    return figure


def class_bars_text(counts: Mapping[str, Mapping[str, int]]) -> str:
    """Text alternative to the figure, in one sentence."""
    totals = {name: sum(parts.values()) for name, parts in counts.items()}
    if not totals:
        return "No pictures."
    largest, smallest = max(totals, key=lambda name: totals[name]), min(totals, key=lambda name: totals[name])
    head = f"{sum(totals.values())} pictures in {len(totals)} classes"
    if totals[largest] == totals[smallest]:
        return f"{head}, {totals[largest]} in each."
    return f"{head}: most in {largest} ({totals[largest]}), fewest in {smallest} ({totals[smallest]})."


def probability_bars(probabilities: Sequence[tuple[str, float]], *, truth: str | None = None) -> go.Figure:
    """Probabilities of the likeliest classes, highest first; the true class has a check mark and its own colour."""
    names = [f"{name} ✓" if name == truth else name for name, _ in probabilities]
    tints = [colours.RIGHT if name == truth else colours.TRAINING for name, _ in probabilities]
    figure = new_figure(x="probability (%)", y="", height=70 + ROW_PX * len(names), hovermode="closest", bargap=0.3)
    shown = [literal(name) for name in names]
    figure.add_bar(
        uid="probability", orientation="h", y=shown, x=[100 * value for _, value in probabilities], marker_color=tints,
        text=[percent(value) for _, value in probabilities], textposition="auto", cliponaxis=False,
        hovertemplate="%{y}: %{x:.3~g} %<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(range=[0, 100])
    _name_rows(figure, names)
    return figure


def probability_text(probabilities: Sequence[tuple[str, float]]) -> str:
    """Text alternative to the figure, in one sentence."""
    return "Probabilities: " + ", ".join(f"{name} {percent(value)}" for name, value in probabilities) + "."


def _name_rows(figure: go.Figure, names: Sequence[str]) -> None:
    short = [name if len(name) <= MAX_NAME_LENGTH else f"{name[: MAX_NAME_LENGTH - 1]}…" for name in names]
    figure.update_yaxes(
        autorange="reversed",
        tickmode="array",
        tickvals=[literal(name) for name in names],
        ticktext=[literal(name) for name in short],
        ticks="",
        showgrid=False,
        type="category",
    )
    figure.update_layout(margin={"t": 10})
