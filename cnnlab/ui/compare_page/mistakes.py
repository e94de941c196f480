"""Where runs err: confusion matrices whose cells open their pictures, and the pictures that runs disagree about."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import streamlit as st

from cnnlab.analysis.evaluation import Disagreement, Evaluation, Judged, disagreements, load_evaluation
from cnnlab.plots import numbers
from cnnlab.plots.confusion import confusion_figure, confusion_text
from cnnlab.runs.records import RunRecord
from cnnlab.ui import keys, pictures, wording
from cnnlab.ui.live_figure.figures import figure
from cnnlab.ui.resources import store

SIDE_BY_SIDE: Final = 3
MOST_MATRICES: Final = 6
MOST_ROWS: Final = 200
MOST_PICTURES: Final = 48
THUMBNAIL_PX: Final = 72


def evaluations(runs: Sequence[RunRecord]) -> list[Evaluation]:
    """What is kept of each run's validation; runs without are left out."""
    found = (load_evaluation(store(), run) for run in runs)
    return [one for one in found if one is not None]


def confusion(runs: Sequence[RunRecord]) -> None:
    """A matrix a run, and the pictures of one cell."""
    found = evaluations(runs)[:MOST_MATRICES]
    if not found:
        st.info("Confusion needs a run that has validated an epoch and written it down.")
        return
    for start in range(0, len(found), SIDE_BY_SIDE):
        part = found[start : start + SIDE_BY_SIDE]
        columns = st.columns(min(SIDE_BY_SIDE, max(2, len(found))), gap="small")
        for column, one in zip(columns, part, strict=False):
            with column:
                st.markdown(f"**{one.name}**")
                matrix = one.confusion().tolist()
                pressed = figure(
                    confusion_figure(matrix, one.classes),
                    f"{keys.COMPARE_CONFUSION}.{one.run_id}",
                    confusion_text(matrix, one.classes),
                    clickable=True,
                )
                if pressed is not None:
                    said, true = int(pressed[0]), int(pressed[1])
                    st.session_state[keys.COMPARE_CELL] = (one.run_id, one.classes[true], one.classes[said])
    _draw_cell(found)


def _draw_cell(found: Sequence[Evaluation]) -> None:
    cells = _mistaken_cells(found)
    pressed = st.session_state.get(keys.COMPARE_CELL)
    options = list(dict.fromkeys([*([pressed] if pressed in _all_cells(found) else []), *cells]))
    if not options:
        st.success("None of these runs made a mistake on its validation pictures.")
        return
    names = {one.run_id: one for one in found}
    cell = st.selectbox(
        "Pictures of a cell",
        options,
        format_func=lambda one: (
            f"{names[one[0]].name}: {one[1]} taken for {one[2]} ({len(names[one[0]].cell(*one[1:]))})"
        ),
        key=keys.COMPARE_CELL,
        help="Or press a cell of a matrix.",
    )
    judged = names[cell[0]].cell(cell[1], cell[2])[:MOST_PICTURES]
    shown = [
        pictures.Tile(
            identifier=one.picture_id,
            jpeg=jpeg,
            alt=f"{one.label} taken for {one.predicted}: {one.path}",
            facts=(Path(one.path).name, f"{numbers.percent(one.probability)} {one.predicted}"),
        )
        for one, jpeg in zip(judged, _small(cell[0], judged), strict=True)
    ]
    pictures.grid(shown, key=keys.COMPARE_CELL_GRID)


def _all_cells(found: Sequence[Evaluation]) -> set[tuple[str, str, str]]:
    return {(one.run_id, seen.label, seen.predicted) for one in found for seen in one.pictures}


def _mistaken_cells(found: Sequence[Evaluation]) -> list[tuple[str, str, str]]:
    cells = [cell for cell in _all_cells(found) if cell[1] != cell[2]]
    sizes = {one.run_id: one for one in found}
    return sorted(cells, key=lambda cell: (-len(sizes[cell[0]].cell(cell[1], cell[2])), cell))


def disagreement(runs: Sequence[RunRecord]) -> None:
    """Which pictures which run gets wrong."""
    found = evaluations(runs)
    if len(found) < 2:
        st.info("Tick two runs that have validated an epoch to see where they disagree.")
        return
    rows = disagreements(found)
    total = len(set.intersection(*({seen.picture_id for seen in one.pictures} for one in found)))
    if not total:
        st.info(
            "These runs were judged on different pictures; train them on the same split to see where they disagree."
        )
        return
    st.markdown(_summary(rows, found, total))
    if rows:
        shown = rows[:MOST_ROWS]
        st.dataframe(
            _table(shown, found),
            hide_index=True,
            row_height=THUMBNAIL_PX,
            height=min(40 + THUMBNAIL_PX * len(shown), 560),
            column_config={"picture": st.column_config.ImageColumn(width="small")},
            alt=f"{wording.counted(len(shown), 'picture')} that at least one run got wrong",
            key=keys.COMPARE_DISAGREEMENT,
        )


def _summary(rows: Sequence[Disagreement], found: Sequence[Evaluation], total: int) -> str:
    all_wrong = sum(row.wrong == len(found) for row in rows)
    parts = [f"{total - len(rows)} right by all", f"{all_wrong} wrong by all"]
    for place, one in enumerate(found):
        alone = sum(row.seen[place].is_right and row.wrong == len(found) - 1 for row in rows)
        if alone and len(found) > 1:
            parts.append(f"{alone} right by {one.name} alone")
    return f"Of {wording.counted(total, 'validation picture')}: {', '.join(parts)}."


def _table(rows: Sequence[Disagreement], found: Sequence[Evaluation]) -> dict[str, list[Any]]:
    small = _small(found[0].run_id, [row.seen[0] for row in rows])
    columns: dict[str, list[Any]] = {
        "picture": [None if jpeg is None else _data_url(jpeg) for jpeg in small],
        "true class": [row.label for row in rows],
    }
    for place, one in enumerate(found):
        columns[one.name] = [_view(row.seen[place]) for row in rows]
    return columns | {"file": [row.path for row in rows]}


def _view(seen: Judged) -> str:
    return f"{'✓' if seen.is_right else '✗'} {seen.predicted} {numbers.percent(seen.probability)}"


def _small(run_id: str, judged: Sequence[Judged]) -> tuple[bytes | None, ...]:
    """Small pictures from where the run's data set lies; None for those that are gone."""
    folder = Path(store().runs.get(run_id).config["data"]["path"])
    return pictures.small([(folder / one.path, one.picture_id) for one in judged])


def _data_url(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode('ascii')}"
