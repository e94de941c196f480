"""Many pictures: a table of what each run predicts, its download, and the choice of a picture to look at closely."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from typing import Any

import streamlit as st

from cnnlab.helper.predict import RunPredictions
from cnnlab.plots import numbers
from cnnlab.ui import downloads, keys, wording
from cnnlab.ui.predict_page.sources import Asked


def choose_one(asked: Sequence[Asked], predictions: Sequence[RunPredictions]) -> int:
    """Render the table; return the index of the picture to look at closely, at first the first readable one."""
    unread = sum(_error(index, predictions) is not None for index in range(len(asked)))
    note = f", {wording.counted(unread, 'file')} could not be read" if unread else ""
    st.caption(f"{wording.counted(len(asked), 'picture')}{note}. Choose a row for details.")
    state = st.dataframe(
        _columns(asked, predictions),
        hide_index=True,
        key=keys.PREDICT_SHOWN,
        on_select="rerun",
        selection_mode="single-row",
        height=min(38 + 35 * len(asked), 285),
        placeholder="–",
        alt=f"{len(asked)} pictures with each run's most likely class",
    )
    downloads.download_button(
        "Download all probabilities", lambda: table_csv(asked, predictions), "predictions.csv", keys.PREDICT_DOWNLOAD
    )
    rows = state["selection"]["rows"]
    if rows and rows[0] < len(asked):
        return int(rows[0])
    return next((index for index in range(len(asked)) if _error(index, predictions) is None), 0)


def table_csv(asked: Sequence[Asked], predictions: Sequence[RunPredictions]) -> str:
    """One row per picture and run, with the full-precision probability of every class."""
    text = io.StringIO()
    labels = list(
        dict.fromkeys(
            label for run_predictions in predictions for view in run_predictions.predictions for label in view.labels
        )
    )
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "true_class", "run", "run_id", "predicted_class", "error", *map(wording.cell, labels)])
    for run_predictions in predictions:
        for picture, view in zip(asked, run_predictions.predictions, strict=False):
            likely = dict(view.ranked)
            predicted = view.ranked[0][0] if view.ranked else ""
            probabilities = (likely.get(label, "") for label in labels)
            names = map(wording.cell, (picture.name, picture.label or "", run_predictions.name))
            row = (*names, run_predictions.run_id, wording.cell(predicted), view.error or "")
            writer.writerow([*row, *probabilities])
    return text.getvalue()


def _columns(asked: Sequence[Asked], predictions: Sequence[RunPredictions]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {"picture": [picture.name for picture in asked]}
    if any(picture.label for picture in asked):
        columns["true class"] = [picture.label for picture in asked]
    names = Counter(run_predictions.name for run_predictions in predictions)
    for run_predictions in predictions:
        columns[
            run_predictions.name
            if names[run_predictions.name] == 1
            else f"{run_predictions.name} ({run_predictions.run_id})"
        ] = [_cell(run_predictions, index, picture.label) for index, picture in enumerate(asked)]
    if any(_error(index, predictions) for index in range(len(asked))):
        columns["error"] = [_error(index, predictions) or "" for index in range(len(asked))]
    return columns


def _cell(run_predictions: RunPredictions, index: int, truth: str | None) -> str | None:
    if run_predictions.error is not None or run_predictions.predictions[index].error is not None:
        return None
    label, probability = run_predictions.predictions[index].ranked[0]
    sign = "" if truth is None else "✓ " if label == truth else "✗ "
    return f"{sign}{label} {numbers.percent(probability)}"


def _error(index: int, predictions: Sequence[RunPredictions]) -> str | None:
    return next(
        (run_predictions.predictions[index].error for run_predictions in predictions if run_predictions.predictions),
        None,
    )
