"""The process that trains one run for a worker: it imports the libraries, waits for a run, trains it and ends.

Its standard input is a pipe from the worker: one line says which run, the end of the pipe says that the worker is gone.
"""

import faulthandler
import json
import os
import sys
import threading
from typing import Final

from cnnlab.runs.execute import execute_run
from cnnlab.runs.folder import RunFolder
from cnnlab.runs.store import Store

WARM: Final = ("cnnlab.runs.attempt", "cnnlab.training.loop", "lightning_fabric")


def main() -> None:
    """Wait for one run, train it, end; end at once if the pipe ends before."""
    for name in WARM:
        __import__(name)
    line = sys.stdin.readline()
    if not line:
        return
    order = json.loads(line)
    store = Store.open()
    run = store.runs.get(order["run_id"])
    if run.attempt != order["attempt"] or not run.is_active:
        return  # somebody found the order too old, and buried the attempt
    _write_to(RunFolder(store.workspace.runs / run.run_id))
    execute_run(store, run, alone=_watch_pipe(), may_exit=True)


def _write_to(folder: RunFolder) -> None:
    """Send all output of this process, that of libraries and of a crash too, into the run's log."""
    folder.path.mkdir(parents=True, exist_ok=True)
    log = os.open(folder.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.close(log)
    faulthandler.enable(file=sys.stderr)


def _watch_pipe() -> threading.Event:
    alone = threading.Event()

    def wait() -> None:
        os.read(0, 1)  # nothing is ever sent: this returns when the worker is gone
        alone.set()

    threading.Thread(target=wait, name="pipe", daemon=True).start()
    return alone


if __name__ == "__main__":
    main()
