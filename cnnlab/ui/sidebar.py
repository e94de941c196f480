"""The sidebar: current data set, device, active and waiting runs, and a button to stop them."""

import os
from collections.abc import Collection, Sequence
from typing import Final

import streamlit as st

from cnnlab.errors import CnnLabError
from cnnlab.plots import numbers
from cnnlab.runs.lifecycle import recognise_dead, stop_all
from cnnlab.store.records import ACTIVE, RunRecord, Status
from cnnlab.ui import address, drafts, keys, messages, navigation, progress, wording
from cnnlab.ui.messages import guard, guard_callback
from cnnlab.ui.next_run.dataset import LAST_DATASET, labelled_datasets
from cnnlab.ui.resources import store
from cnnlab.ui.state import session

LOOK_SECONDS: Final = 2.0
IDLE_LOOK_SECONDS: Final = 4.0
"""Even when idle: another tab or the command line may start something."""
MEMORY: Final = (
    "Libraries stay loaded, using up to 1.7 GB of memory, so that predictions and runs start at once. The memory is "
    "freed after five idle minutes."
)
FAILURES_TOLD: Final = "failures_told"
SHOWS_REASONS: Final = "Train"
"""The page that shows why a run failed, next to the run."""
LOOKED_AT: Final = 50
MAX_TOLD: Final = 2
"""More failures than this are reported in one sentence."""
FITTING: Final = 14
"""Letters of a data set's name that fit the field; a longer name is repeated in full below it."""
QUOTED: Final = 100
"""Letters of an address that an error message quotes."""
FAILED: Final = frozenset({Status.FAILED, Status.INTERRUPTED})


def render(page: str) -> None:
    """Render everything below the navigation; `page` is the title of the current page."""
    with st.sidebar:
        _choose_dataset()
        st.caption(device_line())
        is_busy = bool(_busy())
        look = st.fragment(_activity, run_every=LOOK_SECONDS if is_busy else IDLE_LOOK_SECONDS)
        look(page, is_busy=is_busy, last_end=store().runs.last_end())


def device_line() -> str:
    """The processor that the lab uses, in words."""
    from cnnlab.runs.devices import may_have_accelerator

    cores = wording.counted(os.cpu_count() or 1, "core")
    return f"CPU · {cores}" + (" · GPU" if may_have_accelerator() else "")


def _choose_dataset() -> None:
    labelled = labelled_datasets()
    if not labelled:
        st.caption("No pictures yet. Add some on the Data page.")
        return
    wanted = session.chosen_dataset or _dataset_of_named_run() or drafts.recall(LAST_DATASET)
    _refuse_unknown(labelled)
    is_fresh = keys.DATASET not in st.session_state  # then the data set in the address wins
    is_named = is_fresh and session.chosen_dataset is None and keys.DATASET in st.query_params
    if st.session_state.get(keys.DATASET) not in labelled and not is_named:
        by_id = {dataset.dataset_id: label for label, dataset in labelled.items()}
        st.session_state[keys.DATASET] = by_id.get(wanted, next(reversed(labelled)))
    session.chosen_dataset = None
    label = st.selectbox(
        "Data set",
        list(labelled),
        index=None,
        key=keys.DATASET,
        bind="query-params",
        help="The pictures that every page shows and the next run trains on.",
    )
    if label is not None:
        dataset = labelled[label]
        drafts.remember(LAST_DATASET, dataset.dataset_id)
        classes = wording.counted(len(dataset.classes), "class", "classes")
        whole = f"**{wording.escape_markdown(label)}**: " if len(label) > FITTING else ""
        st.caption(f"{whole}{wording.counted(dataset.images, 'picture')}, {classes}")


def _dataset_of_named_run() -> int | None:
    """The data set of the run named in a freshly opened address, so that a run is shown with its own pictures."""
    if keys.DATASET in st.session_state or keys.DATASET in st.query_params:
        return None
    named = (st.query_params.get(keys.RUN) or st.query_params.get(keys.RUNS) or "").split(",")[0].strip()
    try:
        return store().runs.find(named).dataset_id if named else None
    except CnnLabError:
        return None  # the page reports the unknown run


def _refuse_unknown(labelled: Collection[str]) -> None:
    named = st.query_params.get(keys.DATASET)
    if named is None or named in labelled:
        return
    del st.query_params[keys.DATASET]
    if keys.DATASET not in st.session_state:
        sentence = f"There is no data set called {named[:QUOTED]!r}, so another one is shown. Choose one from the list."
        messages.add_error(sentence, "the address")


def _busy() -> tuple[RunRecord, ...]:
    return store().runs.list(status={*ACTIVE, Status.QUEUED})


@guard("the sidebar")
def _activity(page: str, *, is_busy: bool, last_end: float | None) -> None:
    """Active and waiting runs; reruns the page when the first one begins or the last one ends.

    A run that began and ended between two looks is noticed by its end time.
    """
    recognise_dead(store())
    busy = _busy()
    if bool(busy) != is_busy or (not busy and store().runs.last_end() != last_end):
        st.rerun()
    failed = _new_failures()
    if failed and _tell_failures(failed, page):
        st.rerun()
    active = [run for run in busy if run.is_active]
    waiting = len(busy) - len(active)
    for run in active:
        _render_active(run)
    if waiting:
        st.caption(f"{waiting} waiting" if active else f"{waiting} waiting for a worker")
    if not busy:
        st.caption("Nothing is running.", help=MEMORY)
        return
    with st.popover("Stop everything", icon=":material/stop_circle:", width="stretch", key=keys.STOP_ALL_ASK):
        st.markdown(_what_stops(active, waiting))
        if st.button("Stop everything now", key=keys.STOP_ALL, type="primary", on_click=_stop_everything):
            st.rerun()  # the notice appears above the page
        st.caption("Runs continue when you close this page, the browser or the terminal.")


def _new_failures() -> list[RunRecord]:
    """Runs that failed since failures were last reported in any tab; none on the very first look."""
    before = drafts.recall(FAILURES_TOLD)
    ended = [run for run in store().runs.list(status=FAILED, limit=LOOKED_AT) if run.ended is not None]
    if before is None:
        _mark_as_told(ended)
        return []
    return [run for run in ended if run.ended is not None and run.ended > before]


def _tell_failures(failed: Sequence[RunRecord], page: str) -> bool:
    """Report failures above the page, except those the page shows with a reason; return whether any was reported."""
    shown = address.runs.get() if page == SHOWS_REASONS else ()
    reported = [run for run in failed if not any(run.run_id.startswith(run_id) for run_id in shown)]
    if len(reported) > MAX_TOLD:
        names = ", ".join(run.name for run in reported[:MAX_TOLD])
        more = wording.counted(len(reported) - MAX_TOLD, "more", "more")
        messages.add_error(f"Runs failed: {names} and {more}. The Train page shows why.", "failures")
    else:
        for run in reported:
            sentence = f"{run.name}: {run.status}. {' '.join(filter(None, (run.reason, run.remedy)))}"
            messages.add_error(sentence, run.run_id)
    _mark_as_told(failed)
    return bool(reported)


def _mark_as_told(failed: Sequence[RunRecord]) -> None:
    before = drafts.recall(FAILURES_TOLD)
    newest = max((run.ended for run in failed if run.ended is not None), default=0.0)
    if before is None or newest > before:
        drafts.remember(FAILURES_TOLD, newest)


def _render_active(run: RunRecord) -> None:
    left = progress.seconds_left(run)
    words = f"{run.epoch} of {run.epochs} epochs" + (f", {numbers.duration(left)} left" if left is not None else "")
    navigation.link("train", run.name, icon=progress.ICONS[run.status], query={keys.RUN: run.run_id})
    st.progress(
        progress.share_done(run),
        text=words if run.status is Status.RUNNING else str(run.preparation or progress.status_word(run)),
    )


def _what_stops(active: list[RunRecord], waiting: int) -> str:
    names = wording.escape_markdown(", ".join(run.name for run in active))
    parts = [f"**{names}** will stop at the last checkpoint and can be resumed"] if active else []
    if waiting:
        parts.append(f"{wording.counted(waiting, 'waiting run')} will not start")
    return "; ".join(parts) + "."


def _stop_everything() -> None:
    with guard_callback("all runs"):
        stopped = stop_all(store())
        messages.add_notice(f"Asked {wording.counted(len(stopped), 'run')} to stop.")
