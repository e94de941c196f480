"""The panels of a comparison: curves, figures, settings, cost, the article's plot. Each takes the ticked runs."""

from collections.abc import Sequence
from typing import Any, Final

import streamlit as st

from cnnlab.analysis.article_plot import WHAT_IS_WRONG, article_sums
from cnnlab.analysis.comparison import differences
from cnnlab.models.registry import get_family
from cnnlab.plots import numbers
from cnnlab.plots.article import ArticleCurve, article_figure, article_text
from cnnlab.plots.curves import XAxis
from cnnlab.plots.scatter import RunPoint, cost_figure, cost_text
from cnnlab.runs.records import EpochRecord, RunRecord
from cnnlab.ui import keys, messages
from cnnlab.ui.live_figure.figures import POLL_SECONDS, figure, live_figure
from cnnlab.ui.live_figure.reading import CurveRequest
from cnnlab.ui.resources import store

SMOOTHING_STEPS: Final = 20


@st.fragment
@messages.guard("the curves")
def curves(runs: Sequence[RunRecord]) -> None:
    """Loss and accuracy of all runs over each other; they grow while runs go on."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        axis = st.segmented_control(
            "Along the x axis",
            list(XAxis),
            default=XAxis.EPOCHS,
            format_func=lambda one: one.value.capitalize(),
            key=keys.COMPARE_AXIS,
            required=True,
            label_visibility="collapsed",
            persist_state="session",
        )
        is_log = st.toggle("Loss in logarithms", key=keys.COMPARE_SCALE, persist_state="session")
    ids = tuple(run.run_id for run in runs)
    common: dict[str, Any] = {"run_ids": ids, "x_axis": XAxis(axis), "smoothing": SMOOTHING_STEPS}
    for column, measure in zip(st.columns(2, gap="small"), ("loss", "accuracy"), strict=True):
        with column:
            request = CurveRequest(measure=measure, log_y=is_log and measure == "loss", **common)
            poll_seconds = POLL_SECONDS if measure == "loss" else None  # one of them asks for both
            live_figure(f"{keys.COMPARE_CURVES}.{measure}", request, height=320, poll_seconds=poll_seconds)
    st.caption("Thin: training, smoothed; thick: validation; the ring marks the best epoch of each run.")


def figures(runs: Sequence[RunRecord]) -> None:
    """The figures of each run at its best epoch, as a table."""
    epochs = store().epochs.of_many([run.number for run in runs])
    best = [_best(run, epochs[run.number]) for run in runs]
    st.dataframe(
        {
            "run": [run.name for run in runs],
            "family": [get_family(run.family).title for run in runs],
            "best epoch": [run.best_epoch for run in runs],
            "accuracy (%)": [_hundredfold(run.val_accuracy) for run in runs],
            "balanced accuracy (%)": [_hundredfold(one.get("val_balanced_accuracy")) for one in best],
            "validation loss (nats)": [numbers.three_digits(run.val_loss) for run in runs],
            "training loss (nats)": [numbers.three_digits(run.train_loss) for run in runs],
            "parameters": [numbers.count(run.parameters) for run in runs],
            "FLOPs a picture": [numbers.count(run.flops) for run in runs],
            "time an epoch": [numbers.duration(_seconds_an_epoch(epochs[run.number])) for run in runs],
            "pictures/s": [numbers.three_digits(run.images_per_second) for run in runs],
        },
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format="%.1f") for name in ("accuracy (%)", "balanced accuracy (%)")
        },
        alt=f"Figures of {len(runs)} runs at their best epoch",
        key=keys.COMPARE_FIGURES,
    )
    st.caption(
        "At the epoch with the lowest validation loss. Balanced accuracy counts every class alike, however many "
        "pictures it has. FLOPs are two for each multiply-add."
    )


def settings(runs: Sequence[RunRecord]) -> None:
    """Only what differs between the configurations."""
    rows = differences([run.config for run in runs])
    if not rows:
        st.info("These runs have the same configuration.")
        return
    columns: dict[str, list[str]] = {"setting": [path for path, _ in rows]}
    for place, run in enumerate(runs):
        columns[_unique(run, runs)] = [_told(values[place]) for _, values in rows]
    st.dataframe(
        columns, hide_index=True, alt=f"{len(rows)} settings in which the runs differ", key=keys.COMPARE_SETTINGS
    )
    if len(rows) > 1:
        st.caption(
            f"{len(rows)} settings differ at once, so a difference in accuracy cannot be laid to one of them alone."
        )


def cost(runs: Sequence[RunRecord]) -> None:
    """Accuracy against parameters, and against time."""
    judged = [run for run in runs if run.val_accuracy is not None]
    if not judged:
        st.info("None of these runs has a validation figure yet.")
        return
    panels: tuple[tuple[str, list[float | None]], ...] = (
        ("parameters", [run.parameters for run in judged]),
        ("training time (s)", [run.seconds for run in judged]),
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
                f"{keys.COMPARE_COST}.{title}",
                cost_text(points, cost_title=title),
            )


def article(runs: Sequence[RunRecord]) -> None:
    """The article's own way of showing it, and what is wrong with that."""
    epochs = store().epochs.of_many([run.number for run in runs])
    drawn = [
        ArticleCurve(
            run.run_id, run.name, run.family, article_sums([dict(record.figures) for record in epochs[run.number]])
        )
        for run in runs
    ]
    plot, words = st.columns([1.6, 1], gap="medium")
    with plot:
        figure(article_figure(drawn), keys.COMPARE_ARTICLE, article_text(drawn))
    with words:
        st.markdown("**What is wrong with this plot**")
        st.markdown("\n".join(f"{place}. {sentence}" for place, sentence in enumerate(WHAT_IS_WRONG, start=1)))
        st.caption(
            "It is the plot with which the source article compares its three networks. See *Curves* for a fair one."
        )


def _best(run: RunRecord, epochs: Sequence[EpochRecord]) -> dict[str, Any]:
    return next((dict(record.figures) for record in epochs if record.epoch == run.best_epoch), {})


def _seconds_an_epoch(epochs: Sequence[EpochRecord]) -> float | None:
    seconds = [float(record.figures["seconds"]) for record in epochs]
    return sum(seconds) / len(seconds) if seconds else None


def _hundredfold(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _told(value: object) -> str:
    return "–" if value is None else str(value)


def _unique(run: RunRecord, runs: Sequence[RunRecord]) -> str:
    return run.name if sum(one.name == run.name for one in runs) == 1 else f"{run.name} ({run.run_id})"
