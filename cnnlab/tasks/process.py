"""The process of one task: `python -m cnnlab.tasks.process TASK_ID` does the work and records how it ended."""

import sys
import time
import traceback
from typing import Final

from cnnlab.errors import CnnLabError, StoppedError
from cnnlab.processes import ProcessIdentity, be_modest
from cnnlab.store.store import Store
from cnnlab.tasks.kinds import KINDS, MODEST
from cnnlab.tasks.launch import LOG_NAME

SECONDS_BETWEEN_REPORTS: Final = 0.2


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
