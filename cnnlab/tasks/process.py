"""The process of a task: `python -m cnnlab.tasks.process TASK_ID` does the work and records how it ended."""

import sys
import time
import traceback
from typing import Final

from cnnlab.errors import CnnLabError, StoppedError
from cnnlab.processes import ProcessIdentity, lower_priority
from cnnlab.store.store import Store
from cnnlab.tasks.kinds import KINDS, LOW_PRIORITY
from cnnlab.tasks.launch import LOG_NAME

SECONDS_BETWEEN_REPORTS: Final = 0.2


class Reporter:
    """Reports a task's progress and reads its stop requests; accesses the store only a few times a second."""

    def __init__(self, store: Store, task_id: str) -> None:
        self._store = store
        self._task_id = task_id
        self._message = ""
        self._reported_at = self._checked_at = 0.0
        self._is_stopped = False

    def stage(self, message: str) -> None:
        """Name the current stage, as the beginning of a sentence: `Unpacking`."""
        self._message, self._reported_at = message, 0.0

    def progress(self, done: int, total: int) -> None:
        """Report progress within the stage.

        Raises:
            StoppedError: the task was asked to stop; this ends work that never calls `stopped`.
        """
        now = time.monotonic()
        if now - self._reported_at >= SECONDS_BETWEEN_REPORTS or done == total:
            self._reported_at = now
            self._is_stopped = self._store.tasks.progress(self._task_id, done, total, self._message)
        if self._is_stopped:
            raise StoppedError(f"{self._message} was stopped before it was done; start it again to finish it.")

    def stopped(self) -> bool:
        """Whether the task was asked to stop."""
        now = time.monotonic()
        if not self._is_stopped and now - self._checked_at >= SECONDS_BETWEEN_REPORTS:
            self._checked_at = now
            self._is_stopped = self._store.tasks.stop_requested(self._task_id)
        return self._is_stopped


def run_task(store: Store, task_id: str) -> None:
    """Do a task in the calling process and record how it ended."""
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
        message = (
            f"Unexpected error in CNN Lab ({type(error).__name__}: {error}); see {LOG_NAME} for details to report."
        )
        store.tasks.end(task_id, "failed", message=message)
    else:
        store.tasks.end(task_id, "done", result=result)


def main(task_id: str) -> None:
    """Do a task in this process, which was started for it."""
    store = Store.open()
    task = store.tasks.get(task_id)
    if task is not None and task.kind in LOW_PRIORITY:
        lower_priority()
    run_task(store, task_id)


if __name__ == "__main__":
    main(sys.argv[1])
