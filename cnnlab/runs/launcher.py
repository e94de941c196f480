"""The worker's side of a run process: starts it, hands it a run, and notices how it ended."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Final

from cnnlab.processes import ProcessIdentity, kill_tree, own_group_options
from cnnlab.store.records import RunRecord
from cnnlab.workspace import Workspace

CRASH_SIGNALS: Final = frozenset({"SIGSEGV", "SIGBUS", "SIGABRT", "SIGILL", "SIGFPE", "SIGSYS", "SIGTRAP"})


class RunProcess:
    """A run process: it waits for a run, or trains one."""

    def __init__(self, workspace: Workspace, log: IO[bytes]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "cnnlab.runs.run_process", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=workspace.environment(),
            cwd=Path.cwd(),
            **own_group_options(),
        )
        self.identity = ProcessIdentity.of(self._process.pid)
        self.run: RunRecord | None = None
        self.began = time.monotonic()

    @property
    def has_ended(self) -> bool:
        """Whether the process has ended; if so, this also reaps it."""
        return self._process.poll() is not None

    @property
    def death_signal(self) -> str | None:
        """Name of the signal that killed the process, or None."""
        code = self._process.returncode
        if code is None or code >= 0:
            return None
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"signal {-code}"

    @property
    def exit_code(self) -> int | None:
        """Exit status, or None while the process runs."""
        return self._process.returncode

    def begin(self, run: RunRecord) -> None:
        """Tell the process which run to train."""
        self.run, self.began = run, time.monotonic()
        order = json.dumps({"run_id": run.run_id, "attempt": run.attempt}) + "\n"
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(order.encode())
            self._process.stdin.flush()
        except OSError:
            return  # it has just died; the worker will notice and record it

    def close_pipe(self) -> None:
        """Close the pipe: a waiting process ends at once, a training one after its current step, with a checkpoint."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
        except OSError:
            return

    def wait(self, seconds: float) -> bool:
        """Whether the process ends within the time."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self) -> None:
        """Kill the process and everything it started."""
        kill_tree(self._process.pid)
        self.wait(5)
        self.kill_group()

    def kill_group(self) -> None:
        """Kill what is left of the process's group, such as loaders that outlived it."""
        if sys.platform != "win32":
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return
