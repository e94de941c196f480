"""Where runs go wrong: confusion matrices whose cells open their pictures."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import streamlit as st

from cnnlab.analysis.evaluation import Evaluation
from cnnlab.plots import numbers
from cnnlab.plots.confusion import confusion_figure, confusion_text
from cnnlab.store.records import RunRecord
from cnnlab.ui import keys, messages, pictures, wording
from cnnlab.ui.compare_page.kept import evaluations, small
from cnnlab.ui.live_figure.figures import figure

MAX_MATRICES: Final = 6
MAX_CELLS: Final = 200
MAX_PICTURES: Final = 48
SIDE: Final = 112
MATRICES_A_ROW: Final = ((5, 3), (14, 2))
"""Pairs of a number of classes and how many matrices fit in a row up to that number; beyond it, one."""

Cell = tuple[str, str, str]
"""Run, true class, predicted class."""


@st.fragment
@messages.guard("the confusion matrices")
def confusion(runs: Sequence[RunRecord]) -> None:
    """Render a matrix for each run, and the pictures of one cell."""
    everything = evaluations(runs)
    shown = everything[:MAX_MATRICES]
    if not shown:
        st.info("A confusion matrix needs a run that has validated at least one epoch.")
        return
    if len(everything) > len(shown):
        st.caption(f"The first {len(shown)} of {len(everything)} runs. Untick some to see the others.")
    pressed = _render_matrices(shown)
    _render_cell(shown, pressed)


def _render_matrices(shown: Sequence[Evaluation]) -> Cell | None:
    """Render the matrices; return the cell just clicked, if any."""
    pressed = None
    most = max(len(evaluation.classes) for evaluation in shown)
    fitting = next((count for classes, count in MATRICES_A_ROW if most <= classes), 1)
    side_by_side = min(fitting, len(shown) if most > MATRICES_A_ROW[0][0] else max(2, len(shown)))
    for start in range(0, len(shown), side_by_side):
        columns = st.columns(side_by_side, gap="small")
        for column, evaluation in zip(columns, shown[start : start + side_by_side], strict=False):
            with column:
                st.markdown(f"**{wording.escape_markdown(evaluation.name)}**")
                pressed = _render_matrix(evaluation) or pressed
    return pressed


def _render_matrix(evaluation: Evaluation) -> Cell | None:
    matrix = evaluation.confusion().tolist()
    point = figure(
        confusion_figure(matrix, evaluation.classes),
        f"{keys.COMPARE_CONFUSION}.{evaluation.run_id}",
        f"{evaluation.name}. {confusion_text(matrix, evaluation.classes)}",
        filename=f"{evaluation.name} confusion",
        clickable=True,
    )
    if point is None:
        return None
    predicted, true = round(point[0]), round(point[1])
    return evaluation.run_id, evaluation.classes[true], evaluation.classes[predicted]


def _render_cell(shown: Sequence[Evaluation], pressed: Cell | None) -> None:
    """Render the choice of a cell, which also works by keyboard, and its pictures. A cell just clicked is chosen."""
    counts = _counts(shown)
    if pressed is not None:
        st.session_state[keys.COMPARE_CELL] = pressed
    chosen: Cell | None = st.session_state.get(keys.COMPARE_CELL)
    if chosen is not None and chosen[0] not in {evaluation.run_id for evaluation in shown}:
        del st.session_state[keys.COMPARE_CELL]
        chosen = None
    mistakes = sorted((cell for cell in counts if cell[1] != cell[2]), key=lambda cell: (-counts[cell], cell))
    options = list(dict.fromkeys([*([chosen] if chosen else []), *mistakes[:MAX_CELLS]]))
    if not mistakes:
        st.success("None of these runs made a mistake on its validation pictures. Click a cell to see its pictures.")
    if not options:
        return
    titles = {evaluation.run_id: evaluation.name for evaluation in shown}
    cell = st.selectbox(
        "Pictures in cell",
        options,
        format_func=lambda option: _cell_text(option, titles[option[0]], counts.get(option, 0)),
        key=keys.COMPARE_CELL,
        help="Click a cell of a matrix, or choose one here; the most common mistakes come first.",
    )
    if cell is not None:
        _render_pictures(next(evaluation for evaluation in shown if evaluation.run_id == cell[0]), cell)


def _render_pictures(evaluation: Evaluation, cell: Cell) -> None:
    judged = evaluation.cell(cell[1], cell[2])
    if not judged:
        st.caption(wording.escape_markdown(f"{evaluation.name} mistook no {cell[1]} for {cell[2]}."))
        return
    shown = [
        pictures.Tile(
            identifier=seen.picture_id,
            jpeg=jpeg,
            alt=f"{seen.label} mistaken for {seen.predicted}: {seen.path}"
            if seen.label != seen.predicted
            else f"{seen.label} recognised: {seen.path}",
            facts=(Path(seen.path).name, f"{numbers.percent(seen.probability)} {seen.predicted}"),
        )
        for seen, jpeg in zip(judged[:MAX_PICTURES], small(evaluation.run_id, judged[:MAX_PICTURES]), strict=True)
    ]
    pictures.grid(shown, key=keys.COMPARE_CELL_GRID, side=SIDE)
    if len(judged) > MAX_PICTURES:
        st.caption(f"The {MAX_PICTURES} most confident of {wording.counted(len(judged), 'picture')}.")


def _counts(shown: Sequence[Evaluation]) -> dict[Cell, int]:
    counts: dict[Cell, int] = {}
    for evaluation in shown:
        for seen in evaluation.pictures:
            cell = evaluation.run_id, seen.label, seen.predicted
            counts[cell] = counts.get(cell, 0) + 1
    return counts


def _cell_text(cell: Cell, name: str, count: int) -> str:
    _, label, predicted = cell
    what = f"{label} mistaken for {predicted}" if label != predicted else f"{label} recognised"
    return f"{name}: {what} ({count})"
