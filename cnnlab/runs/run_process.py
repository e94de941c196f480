"""The run process: it imports the libraries, waits for a run from the worker, trains it and ends.

Its argument is the worker's pid. Its standard input is a pipe from the worker: one line names the run, and the end of
the pipe means that the worker is gone. The heavy imports are inside `main`, so that it can listen to the pipe first.
"""

import faulthandler
import json
import os
import queue
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Final

from cnnlab.processes import end_with_parent, outlive_parent

WARM: Final = ("cnnlab.runs.execute", "cnnlab.runs.attempt", "cnnlab.training.loop", "lightning_fabric")


class Pipe:
    """Reads the pipe in a thread, so that the worker's death is noticed even during imports."""

    def __init__(self) -> None:
        self.alone = threading.Event()
        self._is_training = False
        self._orders: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, name="pipe", daemon=True).start()

    def next_order(self) -> dict[str, object]:
        """Wait for a run to train."""
        order: dict[str, object] = json.loads(self._orders.get())
        return order

    def hand_over(self) -> threading.Event:
        """From now on the end of the pipe only sets the returned event, because there is work to save."""
        self._is_training = True
        outlive_parent()
        return self.alone

    def _read(self) -> None:
        line = sys.stdin.readline()
        if not line:
            os._exit(0)  # no run will ever come
        self._orders.put(line)
        sys.stdin.read()  # nothing more is ever sent: this returns when the worker is gone
        self.alone.set()
        if not self._is_training:
            os._exit(0)  # no training has begun; the next reader of the store will find this process gone


def main() -> None:
    """Wait for one run, train it and end; end at once if the pipe closes first."""
    end_with_parent(int(sys.argv[1]))  # the pipe's thread is blocked while a large library is loading
    pipe = Pipe()
    for name in WARM:
        import_module(name)
    from cnnlab.runs.execute import execute_run
    from cnnlab.store.store import Store
    from cnnlab.training.allocator import keep_freed_memory

    keep_freed_memory()
    order = pipe.next_order()
    store = Store.open()
    run = store.runs.get(str(order["run_id"]))
    if run.attempt != order["attempt"] or not run.is_active:
        return  # this attempt has already been recorded as ended
    _write_to(store.workspace.runs / run.run_id)
    execute_run(store, run, alone=pipe.hand_over(), may_exit=True)


def _write_to(path: Path) -> None:
    """Redirect all output of this process, including that of libraries and crashes, to the log in a run folder."""
    from cnnlab.runs.folder import RunFolder

    folder = RunFolder(path)
    folder.path.mkdir(parents=True, exist_ok=True)
    log = os.open(folder.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.close(log)
    faulthandler.enable(file=sys.stderr)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # a normal exit would wait for the thread that reads standard input
