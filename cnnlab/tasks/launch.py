"""Starts long work in a process of its own and looks after it; the work goes on when the page that asked is closed.

A page calls `start_task` and then `look` until `is_over`. What the work is, `kinds.py` says.
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
"""A task that no process has taken by then never will be."""

_children: Final[dict[str, "subprocess.Popen[bytes]"]] = {}
"""Processes that this one started: asking them whether they ended keeps them from staying behind as zombies."""


def start_task(store: Store, kind: str, arguments: Mapping[str, Any]) -> str:
    """Start a piece of work from `KINDS` in a process of its own; gives the id to look after it with."""
    assert kind in KINDS, f"no task is called {kind!r}"
    task_id = store.tasks.file(kind, arguments)
    with (store.workspace.home / LOG_NAME).open("ab") as log:
        _children[task_id] = start_detached(
            [sys.executable, "-m", "cnnlab.tasks.process", task_id],
            environment=store.workspace.environment(),
            log=log,
        )
    return task_id


def look(store: Store, task_id: str) -> TaskRecord | None:
    """How far a task is; one whose process is gone is closed as failed. None if there is no such task."""
    ended = [one for one, child in _children.items() if child.poll() is not None]
    store.tasks.recognise_dead()
    task = store.tasks.get(task_id)
    if task is not None and task.status == "waiting":
        never = task_id in ended or time.time() - task.created > START_SECONDS
        if never:
            why = f"The work could not be started; {LOG_NAME} in the workspace says why. Try again."
            store.tasks.end(task_id, "failed", message=why)
            task = store.tasks.get(task_id)
    for one in ended:
        del _children[one]
    return task


def open_tasks(store: Store, kind: str | None = None) -> tuple[TaskRecord, ...]:
    """What waits or runs, oldest first; a page that was reloaded finds its task again here."""
    for child in _children.values():
        child.poll()
    store.tasks.recognise_dead()
    return store.tasks.open_tasks(kind)


def is_over(task: TaskRecord) -> bool:
    """Whether nothing more will happen to the task."""
    return task.status not in OPEN
