"""The validation pictures that runs get wrong, as a table with the prediction of each run."""

import base64
from collections.abc import Sequence
from typing import Any, Final

import streamlit as st

from cnnlab.analysis.evaluation import Disagreement, Evaluation, Judged, disagreements
from cnnlab.plots import numbers
from cnnlab.store.records import RunRecord
from cnnlab.ui import keys, wording
from cnnlab.ui.compare_page.kept import evaluations, small

MAX_ROWS: Final = 200
THUMBNAIL_PX: Final = 72


def render(runs: Sequence[RunRecord]) -> None:
    """Render how many pictures all, one or none of the runs got right, and a table of those with mistakes."""
    judged = evaluations(runs)
    if len(judged) < 2:
        st.info("Tick two runs that have validated at least one epoch to see where they disagree.")
        return
    rows = disagreements(judged)
    total = len(set.intersection(*({seen.picture_id for seen in evaluation.pictures} for evaluation in judged)))
    if not total:
        st.info(
            "These runs were validated on different pictures; train them on the same split to see where they disagree."
        )
        return
    st.markdown(wording.escape_markdown(_summary(rows, judged, total)))
    shown = rows[:MAX_ROWS]
    if not shown:
        return
    st.dataframe(
        _table(shown, judged),
        hide_index=True,
        row_height=THUMBNAIL_PX,
        height=min(40 + THUMBNAIL_PX * len(shown), 520),
        placeholder="–",
        column_config={
            "picture": st.column_config.ImageColumn(width=THUMBNAIL_PX + 18, pinned=True),
            "file": st.column_config.TextColumn(width="medium"),
        },
        alt=f"{wording.counted(len(shown), 'picture')} that at least one run got wrong",
        key=keys.COMPARE_DISAGREEMENT,
    )
    if len(rows) > len(shown):
        st.caption(f"The first {len(shown)} of {len(rows)}, starting with those that most runs got wrong.")


def _summary(rows: Sequence[Disagreement], judged: Sequence[Evaluation], total: int) -> str:
    all_wrong = sum(row.wrong == len(judged) for row in rows)
    parts = [f"{total - len(rows)} right by all", f"{all_wrong} wrong by all"]
    for index, evaluation in enumerate(judged):
        alone = sum(row.seen[index].is_right and row.wrong == len(judged) - 1 for row in rows)
        if alone:
            parts.append(f"{alone} right by {evaluation.name} alone")
    return f"Of {wording.counted(total, 'validation picture')}: {', '.join(parts)}."


def _table(rows: Sequence[Disagreement], judged: Sequence[Evaluation]) -> dict[str, list[Any]]:
    jpegs = small(judged[0].run_id, [row.seen[0] for row in rows])
    columns: dict[str, list[Any]] = {
        "picture": [None if jpeg is None else _data_url(jpeg) for jpeg in jpegs],
        "true class": [row.label for row in rows],
    }
    for index, evaluation in enumerate(judged):
        columns[evaluation.name] = [_view(row.seen[index]) for row in rows]
    return columns | {"file": [row.path for row in rows]}


def _view(seen: Judged) -> str:
    return f"{'✓' if seen.is_right else '✗'} {seen.predicted} {numbers.percent(seen.probability)}"


def _data_url(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode('ascii')}"
