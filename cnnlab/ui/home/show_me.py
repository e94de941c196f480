"""*Show me*: bundled drawings, one small network of each family, then on to the Train page.

A task paints the drawings and the worker trains, so a reload loses nothing: the task is found again by its id in the
store, and the runs are filed under one token.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from cnnlab.errors import DataError
from cnnlab.models.registry import family_names
from cnnlab.runs.worker import start_worker_if_none
from cnnlab.store.records import DataSetRecord, RunRecord, Status, TaskRecord
from cnnlab.tasks.launch import is_over, look, start_task
from cnnlab.ui import address, drafts, guide, keys, navigation, wording
from cnnlab.ui.messages import guard, guard_callback, show_error
from cnnlab.ui.next_run.dataset import choose_dataset
from cnnlab.ui.resources import store

if TYPE_CHECKING:
    from cnnlab.training.config import RunConfig

SAMPLES: Final[Mapping[str, Any]] = {"samples": "drawings", "per_class": 100, "seed": 0}
EPOCHS: Final = 22
"""Enough for each family to tell the two animals apart, and few enough to take about a minute on two cores."""
TAG: Final = "show_me"
TASK: Final = "show_me_task"
LOOK_SECONDS: Final = 0.5


def begin() -> None:
    """Start painting, and at the same time the worker, whose libraries take seconds to load."""
    with guard_callback("the guide"):
        start_worker_if_none(store())
        if _task() is None:
            drafts.remember(TASK, start_task(store(), "samples", SAMPLES))


def render_progress() -> None:
    """Show the progress of the drawings; once they are ready, file the runs and go on to the Train page."""
    if _task() is not None:
        st.fragment(_follow, run_every=LOOK_SECONDS)()


def run_config(data: str, family: str) -> "RunConfig":
    """The configuration of a family's run on the drawings in `data`."""
    from cnnlab.training.recipes import make_config

    return make_config(data=data, family=family, recipe="quick", epochs=EPOCHS)


def file_runs(dataset: DataSetRecord) -> list[RunRecord]:
    """File one run of each family, or return those already filed if none of them failed."""
    from cnnlab.ui import filing

    configs = [run_config(dataset.path, family) for family in family_names()]
    unusable = {Status.FAILED, Status.STOPPED, Status.INTERRUPTED}
    tries = sum(run.status in unusable for run in store().runs.list() if TAG in run.tags)
    token = f"{TAG}:{dataset.fingerprint[:16]}:{EPOCHS}:{tries}"
    return filing.file_runs(configs, recipe="quick", token=token, tags=(TAG,))


@guard("Show me")
def _follow() -> None:
    task = _task()
    if task is None:
        st.rerun()
        return
    if not is_over(task):
        share = task.done / task.total if task.total else 0.0
        st.progress(
            share,
            text=f"{wording.escape_markdown(task.message or 'Painting pictures')}: {task.done} of {task.total or '…'}",
        )
        st.button("Stop", key=keys.HOME_STOP, icon=":material/stop:", on_click=_stop, args=(task.task_id,))
        return
    drafts.remember(TASK, None)
    if task.status != "done":
        show_error(task.message)
        return
    _go_on(task)


def _go_on(task: TaskRecord) -> None:
    dataset = store().datasets.get(int((task.result or {})["dataset_id"]))
    if dataset is None:
        raise DataError("The drawings are ready, but their data set has been deleted; press *Show me* again.")
    choose_dataset(dataset)
    filed = file_runs(dataset)
    guide.begin(filed)
    address.runs.remember([run.run_id for run in filed])
    navigation.go_to("train")


def _task() -> TaskRecord | None:
    task_id = drafts.recall(TASK)
    return None if task_id is None else look(store(), task_id)


def _stop(task_id: str) -> None:
    with guard_callback("the guide"):
        store().tasks.request_stop(task_id)
