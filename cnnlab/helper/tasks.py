"""Long work without torch, in a process of its own: look through a folder, unpack a zip, draw the bundled pictures.

A page calls `start_task` and then `look` until it is over; the work goes on when the page is closed. `python -m
cnnlab.helper.tasks TASK_ID` is the process. What the work is, `kinds.py` says.
"""

import subprocess
import sys
import time
import traceback
from collections.abc import Mapping
from typing import Any, Final

from cnnlab.errors import CnnLabError, StoppedError
from cnnlab.helper.kinds import KINDS, MODEST
from cnnlab.runs.children import environment_for
from cnnlab.runs.processes import ProcessIdentity, be_modest, start_detached
from cnnlab.runs.records import TaskRecord
from cnnlab.runs.store import Store
from cnnlab.runs.task_rows import OPEN

LOG_NAME: Final = "tasks.log"
START_SECONDS: Final = 60.0
"""A task that nobody took for so long never will be."""
SECONDS_BETWEEN_REPORTS: Final = 0.2

_children: Final[dict[str, "subprocess.Popen[bytes]"]] = {}
"""Processes that this one started: asking them whether they ended keeps them from staying behind as zombies."""


def start_task(store: Store, kind: str, arguments: Mapping[str, Any]) -> str:
    """Start a piece of work from `KINDS` in a process of its own; gives the id to look after it with."""
    assert kind in KINDS, f"no task is called {kind!r}"
    task_id = store.tasks.file(kind, arguments)
    with (store.workspace.home / LOG_NAME).open("ab") as log:
        _children[task_id] = start_detached(
            [sys.executable, "-m", "cnnlab.helper.tasks", task_id],
            environment=environment_for(store.workspace),
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


class Reporter:
    """What the work tells of itself and asks; the store is written and read a few times a second only."""

    def __init__(self, store: Store, task_id: str) -> None:
        self._store = store
        self._task_id = task_id
        self._message = ""
        self._told = self._asked = 0.0
        self._wish = False

    def stage(self, message: str) -> None:
        """Name what is being done now, as a sentence's beginning: `Unpacking`."""
        self._message, self._told = message, 0.0

    def progress(self, done: int, total: int) -> None:
        """Say how far the work is.

        Raises:
            StoppedError: somebody asked the task to stop; work that asks nothing itself is ended so.
        """
        now = time.monotonic()
        if now - self._told >= SECONDS_BETWEEN_REPORTS or done == total:
            self._told = now
            self._wish = self._store.tasks.progress(self._task_id, done, total, self._message)
        if self._wish:
            raise StoppedError(f"{self._message} was stopped before it was done; start it again to finish it.")

    def stopped(self) -> bool:
        """Whether somebody asked the task to stop."""
        now = time.monotonic()
        if not self._wish and now - self._asked >= SECONDS_BETWEEN_REPORTS:
            self._asked = now
            self._wish = self._store.tasks.stop_requested(self._task_id)
        return self._wish


def run_task(store: Store, task_id: str) -> None:
    """Do a task in the calling process and write down how it ended."""
    task = store.tasks.get(task_id)
    if task is None or not store.tasks.start(task_id, ProcessIdentity.current()):
        return  # stopped before it began
    try:
        result = KINDS[task.kind](store, task.arguments, Reporter(store, task_id))
    except StoppedError as error:
        store.tasks.end(task_id, "stopped", message=str(error))
    except CnnLabError as error:
        store.tasks.end(task_id, "failed", message=str(error))
    except Exception as error:
        traceback.print_exc()
        said = f"CNN Lab made a mistake here ({type(error).__name__}: {error}); {LOG_NAME} has the details to report."
        store.tasks.end(task_id, "failed", message=said)
    else:
        store.tasks.end(task_id, "done", result=result)


def main(task_id: str) -> None:
    """Do a task in a process that was started for it."""
    store = Store.open()
    task = store.tasks.get(task_id)
    if task is not None and task.kind in MODEST:
        be_modest()
    run_task(store, task_id)


if __name__ == "__main__":
    main(sys.argv[1])
