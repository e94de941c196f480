"""Starts tasks in processes of their own and monitors them; a task continues even if its page is closed.

A page calls `start_task`, and then `look` until `is_over`. `kinds.py` defines the kinds of tasks.
"""

import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any, Final

from cnnlab.processes import start_detached
from cnnlab.store.records import TaskRecord
from cnnlab.store.store import Store
from cnnlab.store.task_rows import OPEN
from cnnlab.tasks.kinds import KINDS

LOG_NAME: Final = "tasks.log"
START_SECONDS: Final = 60.0
"""A task that no process has taken after this time never will be."""

_children: Final[dict[str, "subprocess.Popen[bytes]"]] = {}
"""Processes that this one started: polling them keeps those that ended from staying behind as zombies."""


def start_task(store: Store, kind: str, arguments: Mapping[str, Any]) -> str:
    """Start a task of a kind from `KINDS` in a process of its own; returns its id."""
    assert kind in KINDS, f"There is no kind of task {kind!r}"
    task_id = store.tasks.file(kind, arguments)
    with (store.workspace.home / LOG_NAME).open("ab") as log:
        _children[task_id] = start_detached(
            [sys.executable, "-m", "cnnlab.tasks.process", task_id],
            environment=store.workspace.environment(),
            log=log,
        )
    return task_id


def look(store: Store, task_id: str) -> TaskRecord | None:
    """The state of a task; if its process is gone, the task is ended as failed. None if there is no such task."""
    ended = [child_id for child_id, process in _children.items() if process.poll() is not None]
    store.tasks.recognise_dead()
    task = store.tasks.get(task_id)
    if task is not None and task.status == "waiting":
        has_failed = task_id in ended or time.time() - task.created > START_SECONDS
        if has_failed:
            message = f"The task could not be started; see {LOG_NAME} in the workspace, and try again."
            store.tasks.end(task_id, "failed", message=message)
            task = store.tasks.get(task_id)
    for child_id in ended:
        del _children[child_id]
    return task


def open_tasks(store: Store, kind: str | None = None) -> tuple[TaskRecord, ...]:
    """Tasks that are waiting or running, oldest first; this is how a reloaded page finds its task again."""
    for process in _children.values():
        process.poll()
    store.tasks.recognise_dead()
    return store.tasks.open_tasks(kind)


def is_over(task: TaskRecord) -> bool:
    """Whether the task has ended."""
    return task.status not in OPEN
