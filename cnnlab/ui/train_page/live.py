"""The live view: status, progress and buttons of each run shown, and the curves of all of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import streamlit as st

from cnnlab.plots import numbers
from cnnlab.plots.curves import MEASURES, XAxis
from cnnlab.runs.housekeeping import run_folder
from cnnlab.runs.lifecycle import is_not_responding, recognise_dead
from cnnlab.store.records import RunRecord, Status
from cnnlab.ui import keys, messages, progress, wording
from cnnlab.ui.live_figure.figures import live_figure
from cnnlab.ui.live_figure.reading import CurveRequest
from cnnlab.ui.resources import store
from cnnlab.ui.train_page import actions

SMOOTHINGS: Final = (0, 5, 20, 100, 500)
SMALL: Final = ("learning_rate", "gradient_norm", "images_per_second", "memory_bytes")
SMALL_A_ROW: Final = 2
LOG_LINES: Final = 20
NOT_RESPONDING: Final = (
    "Its process is alive but not responding: the machine may be busy or may have been asleep, or a step is taking "
    "very long. It may recover by itself; *Stop* ends it at its last checkpoint."
)
_BAD_SETTING: Final = "A setting does not fit"
_BAD_DATA: Final = "Something is wrong with the pictures"
CATEGORIES: Final[Mapping[str, str]] = {
    "usage": _BAD_SETTING,
    "configuration": _BAD_SETTING,
    "weights": "The weights cannot be used",
    "run not found": "Another run is missing",
    "data": _BAD_DATA,
    "layout": _BAD_DATA,
    "picture": _BAD_DATA,
    "memory": "Too little memory",
    "diverged": "The loss became infinite",
    "disk": "The disk reported an error",
    "store": "The database cannot be used",
    "checkpoint": "Its checkpoints cannot be read",
    "status": "Its status does not allow this",
    "stopped": "Stopped",
    "helper": "The helper failed",
    "run": "The run failed",
    "crash": "The process crashed",
}
ACTIONS: Final[Mapping[str, Callable[[str], None]]] = {
    keys.TRAIN_PAUSE: actions.pause,
    keys.TRAIN_STOP: actions.stop,
    keys.TRAIN_RESUME: actions.resume,
    keys.TRAIN_EDIT: actions.edit,
    keys.TRAIN_DELETE: actions.delete,
}


@st.fragment
@messages.guard("the live view")
def render(run_ids: Sequence[str]) -> None:
    """Everything that changes while runs are active; the curves poll for new points and so refresh all of it."""
    recognise_dead(store())
    runs = store().runs.get_many(run_ids)
    cloned = [run.cloned_from for run in runs if run.cloned_from]
    sources = {run.run_id: run.name for run in store().runs.get_many(cloned)} if cloned else {}
    for run in runs:
        _render_status(run, sources.get(run.cloned_from or ""))
    x_axis, is_log, smoothing = _choose_view()
    big = st.columns(2, gap="small")
    ids = tuple(run.run_id for run in runs)
    with big[0]:
        request = CurveRequest(run_ids=ids, measure="loss", x_axis=x_axis, log_y=is_log, smoothing=smoothing)
        live_figure(f"{keys.TRAIN_LIVE}.loss", request, height=300)
    with big[1]:
        request = CurveRequest(run_ids=ids, measure="accuracy", x_axis=x_axis, smoothing=smoothing)
        live_figure(f"{keys.TRAIN_LIVE}.accuracy", request, poll_seconds=None, height=300)
    _render_small(ids, x_axis)
    _render_log(runs)


def _render_status(run: RunRecord, source: str | None) -> None:
    """`source` is the name of the run that it was cloned from, if that still exists."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"train_status_{run.run_id}"):
        text = f"{progress.ICONS[run.status]} **{wording.escape_markdown(run.name)}** · {progress.status_line(run)}"
        if run.status is Status.FINISHED:
            st.markdown(text, width="stretch")
        else:
            st.progress(progress.share_done(run), text=text)
        _render_buttons(run)
    if source is not None:
        st.caption(f"Cloned from {wording.escape_markdown(source)}")
    best = progress.best_line(run) if run.status is Status.FINISHED else None
    if best is not None:
        st.caption(f"Validation accuracy {numbers.percent(run.val_accuracy)}. {best}; its weights are kept.")
    if is_not_responding(run):
        st.warning(NOT_RESPONDING)
    if run.reason and run.status in (Status.FAILED, Status.INTERRUPTED, Status.STOPPED):
        draw_reason = st.error if run.status is Status.FAILED else st.warning
        kind = f"**{CATEGORIES.get(run.category, run.category)}.** " if run.category else ""
        draw_reason(kind + wording.escape_markdown(" ".join(filter(None, (run.reason, run.remedy)))))


def _render_buttons(run: RunRecord) -> None:
    """Every button keeps its position even when disabled, so a second click never hits another one."""
    if run.status is not Status.FINISHED:
        is_training = run.status in (Status.STARTING, Status.RUNNING)
        can_stop = is_training or run.status in (Status.QUEUED, Status.PAUSED)
        _button("Pause", ":material/pause:", keys.TRAIN_PAUSE, run, is_off=not is_training or run.request is not None)
        resume = "Resume" if run.is_resumable and run.status is not Status.PAUSED else "Continue"
        _button(resume, ":material/play_arrow:", keys.TRAIN_RESUME, run, is_off=not run.is_resumable)
        _button("Stop", ":material/stop:", keys.TRAIN_STOP, run, is_off=not can_stop)
    _render_more(run)


def _render_more(run: RunRecord) -> None:
    with st.popover("More", icon=":material/more_horiz:", key=f"{keys.TRAIN_MORE}.{run.run_id}"):
        _button("Edit and run again", ":material/edit:", keys.TRAIN_EDIT, run)
        st.caption("Fills the form with its settings. The run itself does not change.")
        _button("Delete", ":material/delete:", keys.TRAIN_DELETE, run, is_off=run.is_active)
        st.caption(
            "Still running. Stop it before deleting it."
            if run.is_active
            else "Deletes its curves, predictions and weights. The pictures stay."
        )


def _button(label: str, icon: str, key: str, run: RunRecord, *, is_off: bool = False) -> None:
    if st.button(
        label, icon=icon, key=f"{key}.{run.run_id}", on_click=ACTIONS[key], args=(run.run_id,), disabled=is_off
    ):
        st.rerun()  # form, queue and table change as well


def _choose_view() -> tuple[XAxis, bool, float]:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        axis = st.segmented_control(
            "Along the x axis",
            list(XAxis),
            default=XAxis.EPOCHS,
            format_func=lambda x_axis: x_axis.value.capitalize(),
            key=keys.TRAIN_AXIS,
            required=True,
            label_visibility="collapsed",
            persist_state="session",
        )
        smoothing = st.selectbox(
            "Smoothing",
            SMOOTHINGS,
            index=1,
            format_func=lambda steps: f"smoothed over {steps} steps" if steps else "not smoothed",
            key=keys.TRAIN_SMOOTHING,
            label_visibility="collapsed",
            width=242,
            persist_state="session",
        )
        is_log = st.toggle(
            "Log scale (loss)", key=keys.TRAIN_SCALE, help="Makes small losses visible.", persist_state="session"
        )
    return XAxis(axis), is_log, float(smoothing)


def _render_small(ids: tuple[str, ...], x_axis: XAxis) -> None:
    folded = st.expander(
        "Learning rate, gradient norm, speed, memory",
        key=keys.TRAIN_LIVE_SMALL,
        on_change="rerun",
        icon=":material/show_chart:",
    )
    if not folded.open:
        return
    with folded:
        for index, measure in enumerate(SMALL):
            if index % SMALL_A_ROW == 0:
                columns = st.columns(SMALL_A_ROW, gap="small")
            with columns[index % SMALL_A_ROW]:
                st.caption(MEASURES[measure].title)
                request = CurveRequest(run_ids=ids, measure=measure, x_axis=x_axis)
                live_figure(f"{keys.TRAIN_LIVE}.{measure}", request, small=True, poll_seconds=None)


def _render_log(runs: Sequence[RunRecord]) -> None:
    folded = st.expander("Log", key=keys.TRAIN_LOG, on_change="rerun", icon=":material/terminal:")
    if not folded.open:
        return
    with folded:
        for run in runs:
            st.caption(wording.escape_markdown(run.name))
            st.code(run_folder(store(), run).log_tail(LOG_LINES) or "Nothing yet.", language=None, wrap_lines=True)
