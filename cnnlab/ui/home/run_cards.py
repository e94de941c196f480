"""Cards of the latest runs on the home page, active ones first, and the last comparison."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import streamlit as st

from cnnlab.analysis.comparison import compare, sentence
from cnnlab.models.registry import get_family
from cnnlab.plots import numbers
from cnnlab.plots.colours import family_sign
from cnnlab.runs.lifecycle import recognise_dead
from cnnlab.store.records import ACTIVE, EpochRecord, RunRecord, Status
from cnnlab.ui import address, drafts, keys, messages, navigation, progress, wording
from cnnlab.ui.resources import store

MAX_CARDS: Final = 6
MAX_POINTS: Final = 60
LOOK_SECONDS: Final = 2.0


def render() -> None:
    """Render the last comparison and the cards of the latest runs; the cards update themselves."""
    _render_compared()
    is_busy = bool(store().runs.list(status={*ACTIVE, Status.QUEUED}, limit=1))
    st.fragment(_render_cards, run_every=LOOK_SECONDS if is_busy else None)()


def last_compared() -> tuple[RunRecord, ...]:
    """The runs of the last comparison that still exist; empty if fewer than two do."""
    runs = store().runs.get_many(drafts.recall(address.LAST_COMPARED) or ())
    return runs if len(runs) > 1 else ()


def _render_compared() -> None:
    runs = last_compared()
    if not runs:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="home_compared"):
        names = wording.escape_markdown(", ".join(run.name for run in runs[:3]))
        more = f" and {len(runs) - 3} more" if len(runs) > 3 else ""
        verdict = wording.escape_markdown(sentence(compare(runs), runs))
        st.markdown(f"**Last comparison:** {names}{more}. {verdict}")
        query = {keys.RUNS: ",".join(run.run_id for run in runs)}
        with st.container(width="content"):
            navigation.link("compare", "Compare again", icon=navigation.PAGES["compare"].icon, query=query)


@messages.guard("the latest runs")
def _render_cards() -> None:
    recognise_dead(store())
    runs = _newest()
    epochs = store().epochs.of_many([run.number for run in runs])
    names = {dataset.dataset_id: dataset.name for dataset in store().datasets.all()}
    active = sum(run.is_active for run in runs)
    st.subheader(f"Latest runs ({active} running)" if active else "Latest runs", anchor=False)
    with st.grid("auto", min_column_width=260, gap="small"):
        for run in runs:
            _render_card(run, epochs[run.number], names)


def _newest() -> list[RunRecord]:
    """Active runs, then waiting ones in queue order, then the latest that ended."""
    active = store().runs.list(status=ACTIVE)
    ended = [run for run in store().runs.list(limit=2 * MAX_CARDS) if not run.is_active and run.status != Status.QUEUED]
    return [*active, *store().runs.queue(), *ended][:MAX_CARDS]


def _render_card(run: RunRecord, epochs: Sequence[EpochRecord], names: Mapping[int, str]) -> None:
    with st.container(border=True, height="stretch", key=keys.home_run(run.run_id), gap="small"):
        navigation.link("train", run.name, icon=progress.ICONS[run.status], query={keys.RUN: run.run_id})
        sign, family = family_sign(run.family), get_family(run.family).title
        st.caption(f"{sign} {family} on {wording.escape_markdown(_pictures_of(run, names))}")
        accuracies = [record.figures.get("val_accuracy") for record in epochs]
        curve = [100 * accuracy for accuracy in accuracies if accuracy is not None][-MAX_POINTS:]
        st.metric(
            "Validation accuracy",
            numbers.percent(run.val_accuracy),
            chart_data=curve if len(curve) > 1 else None,
            help="At the epoch whose weights are kept; the line shows accuracy by epoch.",
        )
        best = progress.best_line(run)
        if best is not None:
            st.caption(best)
        if run.is_active:
            st.progress(progress.share_done(run), text=progress.status_line(run))
        else:
            st.caption(progress.status_line(run))


def _pictures_of(run: RunRecord, names: Mapping[int, str]) -> str:
    """Name of the data set, or of its folder if the run has not started or the data set was forgotten."""
    return names.get(run.dataset_id or 0) or Path(run.config["data"]["path"]).name
