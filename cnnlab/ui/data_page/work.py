"""Tasks in progress (scanning, unpacking, painting): progress, time left, a stop button, and the result.

Tasks run in processes of their own; a reloaded page finds them again in the store.
"""

import math
import time
from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from cnnlab.plots import numbers
from cnnlab.store.records import TaskRecord
from cnnlab.tasks.launch import is_over, look, open_tasks, start_task
from cnnlab.ui import keys, messages, pictures, wording
from cnnlab.ui.data_page.gallery import TILE_SIDE
from cnnlab.ui.data_page.slots import slots
from cnnlab.ui.messages import guard, guard_callback, show_error
from cnnlab.ui.next_run.dataset import choose_dataset
from cnnlab.ui.resources import store

LOOK_SECONDS: Final = 0.5
BESIDE_SECONDS: Final = 2.0
QUIET_SECONDS: Final = 2.0
"""Thumbnails are made in the background; progress is shown only if it takes longer than this."""
SURE_SECONDS: Final = 3.0
"""Before this, an estimate of the time left is too uncertain to show."""
BESIDE: Final = "thumbnails"
_UNITS: Final = {"scan": "files", "samples": "pictures", BESIDE: "pictures"}


def start(kind: str, arguments: Mapping[str, Any]) -> None:
    """Start a task and watch it; an identical task already in progress is not started twice."""
    alike = [task for task in open_tasks(store(), kind) if dict(task.arguments) == dict(arguments)]
    task_id = alike[0].task_id if alike else start_task(store(), kind, arguments)
    slots.problem = None
    slots.watched_tasks = tuple(dict.fromkeys((*slots.watched_tasks, task_id)))


def render() -> None:
    """Render tasks in progress, updating by itself, and why the last attempt to add pictures failed."""
    if slots.problem is not None:
        show_error(slots.problem)
    if slots.watched_tasks or is_adding():
        st.fragment(_follow, run_every=LOOK_SECONDS)()


def render_beside() -> None:
    """Render the progress of thumbnails made in the background, where it does not move anything else."""
    if open_tasks(store(), BESIDE):
        st.fragment(_follow_beside, run_every=BESIDE_SECONDS)()


def is_adding() -> bool:
    """Whether pictures are being added."""
    return any(task.kind != BESIDE for task in open_tasks(store()))


@guard("tasks in progress")
def _follow() -> None:
    adding = (task.task_id for task in open_tasks(store()) if task.kind != BESIDE)
    watched = dict.fromkeys((*slots.watched_tasks, *adding))
    tasks = [task for task in (look(store(), task_id) for task_id in watched) if task is not None]
    slots.watched_tasks = tuple(task.task_id for task in tasks if not is_over(task))
    for task in tasks:
        if is_over(task):
            _settle(task)
        else:
            _render_task(task)
    if len(tasks) > len(slots.watched_tasks) or not tasks:
        st.rerun()  # shows the result, and stops the polling


@guard("the thumbnails")
def _follow_beside() -> None:
    """Does not rerun the page at the end: that would close an open picture."""
    for task in open_tasks(store(), BESIDE):
        if time.time() - task.created > QUIET_SECONDS:
            _render_task(task)


def _render_task(task: TaskRecord) -> None:
    share = min(1.0, task.done / task.total) if task.total else 0.0
    with st.container(horizontal=True, vertical_alignment="center", key=f"data_work_{task.task_id}"):
        st.progress(share, text=f"{wording.escape_markdown(_name(task))}: {_how_far(task)}")
        label = "Stopping" if task.stop_requested else "Stop"
        st.button(
            label,
            key=f"{keys.DATA_STOP}.{task.task_id}",
            icon=":material/stop:",
            help="Stops the task and removes what it has made so far.",
            disabled=task.stop_requested,
            on_click=_stop,
            args=(task.task_id,),
        )


def _name(task: TaskRecord) -> str:
    what = task.arguments.get("name") or task.arguments.get("samples") or task.arguments.get("path") or ""
    stage = task.message or "Starting"
    return f"{stage} · {str(what).rstrip('/').rsplit('/', 1)[-1]}" if what else stage


def _how_far(task: TaskRecord) -> str:
    if not task.total:
        return "starting…"
    if task.kind == "unpack" and task.message == "Unpacking":
        done = f"{numbers.size(task.done)} of {numbers.size(task.total)}"
    else:
        done = f"{task.done:,} of {task.total:,} {_UNITS.get(task.kind, 'files')}"
    left = _seconds_left(task, task.total)
    return done if left is None else f"{done}, {numbers.duration(left)} left"


def _seconds_left(task: TaskRecord, total: int) -> float | None:
    """Estimated from the pace since this session first saw the stage."""
    stage = f"{task.task_id}:{task.message}"
    seen_stage, since, done_then = slots.pace
    if stage != seen_stage or task.done < done_then:
        slots.pace = (stage, time.time(), task.done)
        return None
    passed, done = time.time() - since, task.done - done_then
    if passed < SURE_SECONDS or done <= 0:
        return None
    return float(math.ceil(passed / done * (total - task.done)))


def _settle(task: TaskRecord) -> None:
    """Report how a task ended, and show its result."""
    if task.status == "stopped":
        messages.add_notice(f"{_name(task)}: stopped; nothing was added.")
    elif task.status == "failed":
        slots.problem = task.message
    elif task.result is not None:
        _welcome(task, task.result)


def _welcome(task: TaskRecord, result: Mapping[str, Any]) -> None:
    dataset = store().datasets.get(int(result["dataset_id"]))
    if dataset is None or dataset.forgotten:
        return
    choose_dataset(dataset)
    ignored = int(result.get("ignored") or 0)
    more = f" {wording.counted(ignored, 'other file')} skipped." if ignored else ""
    classes = wording.counted(len(dataset.classes), "class", "classes")
    for note in result.get("notes") or ():
        messages.add_error(note, "pictures")
    messages.add_notice(f"{dataset.name}: {wording.counted(dataset.images, 'picture')} in {classes}.{more}")
    start_task(store(), BESIDE, {"dataset_id": dataset.dataset_id, "side": pictures.thumbnail_side(TILE_SIDE)})


def _stop(task_id: str) -> None:
    with guard_callback("pictures"):
        store().tasks.request_stop(task_id)
