"""The figures of each run at its best epoch: a column per run while they fit, else a row per run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from cnnlab.models.registry import get_family
from cnnlab.plots import numbers
from cnnlab.store.records import EpochRecord, RunRecord
from cnnlab.ui import keys
from cnnlab.ui.compare_page.kept import unique_names
from cnnlab.ui.resources import store

MAX_COLUMNS: Final = 4

Epochs = Sequence[EpochRecord]


@dataclass(frozen=True)
class Row:
    """One figure: how to get it, how to write it as text, and how to format it in a sortable column."""

    title: str
    value: Callable[[RunRecord, Mapping[str, Any], Epochs], Any]
    text: Callable[[Any], str]
    column: Mapping[str, Any]


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _whole(value: int | None) -> str:
    return "–" if value is None else str(value)


def _seconds_an_epoch(epochs: Epochs) -> float | None:
    seconds = [float(record.figures["seconds"]) for record in epochs]
    return sum(seconds) / len(seconds) if seconds else None


SHARE: Final = {"format": "percent"}
LOSS: Final = {"format": "%.3g"}
LARGE: Final = {"format": "compact"}
ROWS: Final = (
    Row("best epoch", lambda run, _, __: run.best_epoch, _whole, {}),
    Row("accuracy (%)", lambda run, _, __: run.val_accuracy, _percent, SHARE),
    Row("balanced accuracy (%)", lambda _, best, __: best.get("val_balanced_accuracy"), _percent, SHARE),
    Row("validation loss (nats)", lambda run, _, __: run.val_loss, numbers.three_digits, LOSS),
    Row("training loss (nats)", lambda run, _, __: run.train_loss, numbers.three_digits, LOSS),
    Row("parameters", lambda run, _, __: run.parameters, numbers.count, LARGE),
    Row("FLOPs per picture", lambda run, _, __: run.flops, numbers.count, LARGE),
    Row("time per epoch (s)", lambda _, __, epochs: _seconds_an_epoch(epochs), numbers.three_digits, LOSS),
    Row("pictures/s", lambda run, _, __: run.images_per_second, numbers.three_digits, LOSS),
)


def render(runs: Sequence[RunRecord]) -> None:
    """Render the table, and what its figures mean."""
    epochs = store().epochs.of_many([run.number for run in runs])
    values = [[row.value(run, _best(run, epochs[run.number]), epochs[run.number]) for row in ROWS] for run in runs]
    names = list(unique_names(runs).values())
    alt = f"Figures of {len(runs)} runs at their best epoch"
    if len(runs) <= MAX_COLUMNS:
        st.dataframe(_by_figure(runs, names, values), hide_index=True, alt=alt, key=keys.COMPARE_FIGURES)
    else:
        shown = {row.title: st.column_config.NumberColumn(width="small", **row.column) for row in ROWS}
        shown["run"] = st.column_config.TextColumn(width=130, pinned=True)
        columns = {row.title: [run_values[index] for run_values in values] for index, row in enumerate(ROWS)}
        table = {"run": names, "family": [get_family(run.family).title for run in runs], **columns}
        st.dataframe(
            table,
            hide_index=True,
            column_config=shown,
            placeholder="–",
            alt=alt,
            key=f"{keys.COMPARE_FIGURES}.many",
        )
    st.caption(
        "At the epoch with the lowest validation loss. Balanced accuracy gives every class the same weight, however "
        "many pictures it has. A multiply-add counts as two FLOPs."
    )


def _by_figure(
    runs: Sequence[RunRecord], names: Sequence[str], values: Sequence[Sequence[Any]]
) -> dict[str, list[str]]:
    columns = {"": ["family", *(row.title for row in ROWS)]}
    for run, name, figures in zip(runs, names, values, strict=True):
        texts = [row.text(value) for row, value in zip(ROWS, figures, strict=True)]
        columns[name] = [get_family(run.family).title, *texts]
    return columns


def _best(run: RunRecord, epochs: Epochs) -> Mapping[str, Any]:
    return next((record.figures for record in epochs if record.epoch == run.best_epoch), {})
