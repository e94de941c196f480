"""The panels of a comparison: curves, differing settings, cost, the article's plot."""

from collections.abc import Sequence
from typing import Any, Final

import streamlit as st

from cnnlab.analysis.article_plot import WHAT_IS_WRONG, article_sums
from cnnlab.analysis.comparison import differences
from cnnlab.plots.article import ArticleCurve, article_figure, article_text
from cnnlab.plots.curves import XAxis
from cnnlab.plots.scatter import RunPoint, cost_figure, cost_text
from cnnlab.store.records import RunRecord
from cnnlab.ui import keys, messages
from cnnlab.ui.compare_page.kept import unique_names
from cnnlab.ui.live_figure.figures import POLL_SECONDS, figure, live_figure
from cnnlab.ui.live_figure.reading import CurveRequest
from cnnlab.ui.resources import store

SMOOTHING_STEPS: Final = 20
LONG_SECONDS: Final = 300


@st.fragment
@messages.guard("the curves")
def curves(runs: Sequence[RunRecord]) -> None:
    """Loss and accuracy of all runs in the same plots; they grow while runs are active."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        axis = st.segmented_control(
            "Along the x axis",
            list(XAxis),
            default=XAxis.EPOCHS,
            format_func=lambda x_axis: x_axis.value.capitalize(),
            key=keys.COMPARE_AXIS,
            required=True,
            label_visibility="collapsed",
            persist_state="session",
        )
        is_log = st.toggle("Log scale (loss)", key=keys.COMPARE_SCALE, persist_state="session")
    ids = tuple(run.run_id for run in runs)
    common: dict[str, Any] = {"run_ids": ids, "x_axis": XAxis(axis), "smoothing": SMOOTHING_STEPS}
    for column, measure in zip(st.columns(2, gap="small"), ("loss", "accuracy"), strict=True):
        with column:
            request = CurveRequest(measure=measure, log_y=is_log and measure == "loss", **common)
            poll_seconds = POLL_SECONDS if measure == "loss" else None  # one figure polls for both
            live_figure(f"{keys.COMPARE_CURVES}.{measure}", request, height=320, poll_seconds=poll_seconds)
    st.caption("Thin: training, smoothed. Thick: validation. The ring marks the best epoch of each run.")


def settings(runs: Sequence[RunRecord]) -> None:
    """Only the settings that differ between the configurations."""
    rows = differences([run.config for run in runs])
    if not rows:
        st.info("These runs have the same configuration.")
        return
    columns: dict[str, list[str]] = {"setting": [path for path, _ in rows]}
    names = unique_names(runs)
    for index, run in enumerate(runs):
        columns[names[run.run_id]] = [_value_text(values[index]) for _, values in rows]
    st.dataframe(
        columns, hide_index=True, alt=f"{len(rows)} settings in which the runs differ", key=keys.COMPARE_SETTINGS
    )
    if len(rows) > 1:
        st.caption(
            f"{len(rows)} settings differ at once, so a difference in accuracy cannot be attributed to one of them "
            "alone."
        )


def cost(runs: Sequence[RunRecord]) -> None:
    """Accuracy against parameters, and against time."""
    judged = [run for run in runs if run.val_accuracy is not None]
    if not judged:
        st.info("None of these runs has been validated yet.")
        return
    unit, seconds = ("min", 60) if max(run.seconds for run in judged) > LONG_SECONDS else ("s", 1)
    panels: tuple[tuple[str, list[float | None]], ...] = (
        ("parameters", [run.parameters for run in judged]),
        (f"training time ({unit})", [run.seconds / seconds for run in judged]),
    )
    for column, (title, costs) in zip(st.columns(2, gap="small"), panels, strict=True):
        points = [
            RunPoint(run_id=run.run_id, label=run.name, family=run.family, cost=value, accuracy=run.val_accuracy or 0)
            for run, value in zip(judged, costs, strict=True)
            if value
        ]
        with column:
            figure(
                cost_figure(points, cost_title=title),
                f"{keys.COMPARE_COST}.{title.partition(' (')[0]}",
                cost_text(points, cost_title=title),
            )


def article(runs: Sequence[RunRecord]) -> None:
    """The article's own plot, and what is wrong with it."""
    epochs = store().epochs.of_many([run.number for run in runs])
    article_curves = [
        ArticleCurve(
            run.run_id, run.name, run.family, article_sums([dict(record.figures) for record in epochs[run.number]])
        )
        for run in runs
    ]
    plot, words = st.columns([1.6, 1], gap="medium")
    with plot:
        figure(article_figure(article_curves), keys.COMPARE_ARTICLE, article_text(article_curves))
        if all(len(curve.sums) < 2 for curve in article_curves):
            st.caption(
                "One value per run: the article's list gets its second value after the eleventh epoch, and these "
                "runs have fewer epochs."
            )
    with words:
        st.markdown("**What is wrong with this plot**")
        st.markdown("\n".join(f"{number}. {sentence}" for number, sentence in enumerate(WHAT_IS_WRONG, start=1)))
        st.caption(
            "The original article compares its three networks with this plot. *Curves* shows the mean loss of every "
            "epoch instead."
        )


def _value_text(value: object) -> str:
    return "–" if value is None else str(value)
