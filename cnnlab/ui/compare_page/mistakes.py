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

MOST_MATRICES: Final = 6
MOST_CELLS: Final = 200
MOST_PICTURES: Final = 48
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
    found = everything[:MOST_MATRICES]
    if not found:
        st.info("A confusion matrix needs a run that has validated at least one epoch.")
        return
    if len(everything) > len(found):
        st.caption(f"The first {len(found)} of {len(everything)} runs. Untick some to see the others.")
    pressed = _render_matrices(found)
    _render_cell(found, pressed)


def _render_matrices(found: Sequence[Evaluation]) -> Cell | None:
    """Render the matrices; return the cell just clicked, if any."""
    pressed = None
    most = max(len(one.classes) for one in found)
    fitting = next((count for classes, count in MATRICES_A_ROW if most <= classes), 1)
    side_by_side = min(fitting, len(found) if most > MATRICES_A_ROW[0][0] else max(2, len(found)))
    for start in range(0, len(found), side_by_side):
        columns = st.columns(side_by_side, gap="small")
        for column, one in zip(columns, found[start : start + side_by_side], strict=False):
            with column:
                st.markdown(f"**{wording.plain(one.name)}**")
                pressed = _render_matrix(one) or pressed
    return pressed


def _render_matrix(one: Evaluation) -> Cell | None:
    matrix = one.confusion().tolist()
    point = figure(
        confusion_figure(matrix, one.classes),
        f"{keys.COMPARE_CONFUSION}.{one.run_id}",
        f"{one.name}. {confusion_text(matrix, one.classes)}",
        filename=f"{one.name} confusion",
        clickable=True,
    )
    if point is None:
        return None
    said, true = round(point[0]), round(point[1])
    return one.run_id, one.classes[true], one.classes[said]


def _render_cell(found: Sequence[Evaluation], pressed: Cell | None) -> None:
    """Render the choice of a cell, which also works by keyboard, and its pictures. A cell just clicked is chosen."""
    counts = _counts(found)
    if pressed is not None:
        st.session_state[keys.COMPARE_CELL] = pressed
    chosen: Cell | None = st.session_state.get(keys.COMPARE_CELL)
    if chosen is not None and chosen[0] not in {one.run_id for one in found}:
        del st.session_state[keys.COMPARE_CELL]
        chosen = None
    mistakes = sorted((cell for cell in counts if cell[1] != cell[2]), key=lambda cell: (-counts[cell], cell))
    options = list(dict.fromkeys([*([chosen] if chosen else []), *mistakes[:MOST_CELLS]]))
    if not mistakes:
        st.success("None of these runs made a mistake on its validation pictures. Click a cell to see its pictures.")
    if not options:
        return
    titles = {one.run_id: one.name for one in found}
    cell = st.selectbox(
        "Pictures in cell",
        options,
        format_func=lambda one: _told(one, titles[one[0]], counts.get(one, 0)),
        key=keys.COMPARE_CELL,
        help="Click a cell of a matrix, or choose one here; the most common mistakes come first.",
    )
    if cell is not None:
        _render_pictures(next(one for one in found if one.run_id == cell[0]), cell)


def _render_pictures(one: Evaluation, cell: Cell) -> None:
    judged = one.cell(cell[1], cell[2])
    if not judged:
        st.caption(wording.plain(f"{one.name} mistook no {cell[1]} for {cell[2]}."))
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
        for seen, jpeg in zip(judged[:MOST_PICTURES], small(one.run_id, judged[:MOST_PICTURES]), strict=True)
    ]
    pictures.grid(shown, key=keys.COMPARE_CELL_GRID, side=SIDE)
    if len(judged) > MOST_PICTURES:
        st.caption(f"The {MOST_PICTURES} most confident of {wording.counted(len(judged), 'picture')}.")


def _counts(found: Sequence[Evaluation]) -> dict[Cell, int]:
    counts: dict[Cell, int] = {}
    for one in found:
        for seen in one.pictures:
            cell = one.run_id, seen.label, seen.predicted
            counts[cell] = counts.get(cell, 0) + 1
    return counts


def _told(cell: Cell, name: str, count: int) -> str:
    _, label, predicted = cell
    what = f"{label} mistaken for {predicted}" if label != predicted else f"{label} recognised"
    return f"{name}: {what} ({count})"
