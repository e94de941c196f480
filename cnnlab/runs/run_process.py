"""The process that trains one run for a worker: it imports the libraries, waits for a run, trains it and ends.

Its argument is the worker's pid; its standard input is a pipe from the worker: one line says which run, the end of the
pipe says that the worker is gone.
The heavy imports stand inside `main`, so that it listens to the pipe before them.
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
    """Reads the pipe in a thread, so that a worker's death is noticed even while libraries are imported."""

    def __init__(self) -> None:
        self.alone = threading.Event()
        self._is_training = False
        self._orders: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, name="pipe", daemon=True).start()

    def next_order(self) -> dict[str, object]:
        """Wait for the run to train."""
        order: dict[str, object] = json.loads(self._orders.get())
        return order

    def hand_over(self) -> threading.Event:
        """From now on the end of the pipe is only told, by the event: there is work to save."""
        self._is_training = True
        outlive_parent()
        return self.alone

    def _read(self) -> None:
        line = sys.stdin.readline()
        if not line:
            os._exit(0)  # nobody will ever send a run
        self._orders.put(line)
        sys.stdin.read()  # nothing more is sent: this returns when the worker is gone
        self.alone.set()
        if not self._is_training:
            os._exit(0)  # nothing was begun: whoever reads the store next finds this process gone


def main() -> None:
    """Wait for one run, train it, end; end at once if the pipe ends before."""
    end_with_parent(int(sys.argv[1]))  # the thread at the pipe stands still while a large library is loaded
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
        return  # somebody found the order too old, and buried the attempt
    _write_to(store.workspace.runs / run.run_id)
    execute_run(store, run, alone=pipe.hand_over(), may_exit=True)


def _write_to(path: Path) -> None:
    """Send all output of this process, that of libraries and of a crash too, into the log of the run in that folder."""
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
    os._exit(0)  # the thread that reads the pipe holds standard input, which the interpreter would wait for
