"""Many pictures: a table of what each run predicts, its download, and the choice of a picture to look at closely."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from typing import Any

import streamlit as st

from cnnlab.helper.predict import RunPredictions
from cnnlab.plots import numbers
from cnnlab.ui import keys, wording
from cnnlab.ui.predict_page.sources import Asked


def choose_one(asked: Sequence[Asked], said: Sequence[RunPredictions]) -> int:
    """Render the table; return the index of the picture to look at closely, at first the first readable one."""
    unread = sum(_error(place, said) is not None for place in range(len(asked)))
    note = f", {wording.counted(unread, 'file')} could not be read" if unread else ""
    st.caption(f"{wording.counted(len(asked), 'picture')}{note}. Choose a row for details.")
    state = st.dataframe(
        _columns(asked, said),
        hide_index=True,
        key=keys.PREDICT_SHOWN,
        on_select="rerun",
        selection_mode="single-row",
        height=min(38 + 35 * len(asked), 285),
        placeholder="–",
        alt=f"{len(asked)} pictures with each run's most likely class",
    )
    st.download_button(
        "Download all probabilities",
        data=lambda: table_csv(asked, said),
        file_name="predictions.csv",
        mime="text/csv",
        icon=":material/download:",
        key=keys.PREDICT_DOWNLOAD,
        on_click="ignore",
    )
    rows = state["selection"]["rows"]
    if rows and rows[0] < len(asked):
        return int(rows[0])
    return next((place for place in range(len(asked)) if _error(place, said) is None), 0)


def table_csv(asked: Sequence[Asked], said: Sequence[RunPredictions]) -> str:
    """One row per picture and run, with the full-precision probability of every class."""
    text = io.StringIO()
    labels = list(dict.fromkeys(label for found in said for view in found.predictions for label in view.labels))
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "in_truth", "run", "run_id", "says", "error", *map(wording.cell, labels)])
    for found in said:
        for one, view in zip(asked, found.predictions, strict=False):
            likely = dict(view.ranked)
            says = view.ranked[0][0] if view.ranked else ""
            probabilities = (likely.get(label, "") for label in labels)
            names = map(wording.cell, (one.name, one.label or "", found.name))
            row = (*names, found.run_id, wording.cell(says), view.error or "")
            writer.writerow([*row, *probabilities])
    return text.getvalue()


def _columns(asked: Sequence[Asked], said: Sequence[RunPredictions]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {"picture": [one.name for one in asked]}
    if any(one.label for one in asked):
        columns["true class"] = [one.label for one in asked]
    names = Counter(found.name for found in said)
    for found in said:
        columns[found.name if names[found.name] == 1 else f"{found.name} ({found.run_id})"] = [
            _cell(found, place, one.label) for place, one in enumerate(asked)
        ]
    if any(_error(place, said) for place in range(len(asked))):
        columns["error"] = [_error(place, said) or "" for place in range(len(asked))]
    return columns


def _cell(found: RunPredictions, place: int, truth: str | None) -> str | None:
    if found.error is not None or found.predictions[place].error is not None:
        return None
    label, probability = found.predictions[place].ranked[0]
    sign = "" if truth is None else "✓ " if label == truth else "✗ "
    return f"{sign}{label} {numbers.percent(probability)}"


def _error(place: int, said: Sequence[RunPredictions]) -> str | None:
    return next((found.predictions[place].error for found in said if found.predictions), None)
