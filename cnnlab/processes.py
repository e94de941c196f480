"""Identifies processes, checks whether they are alive, starts them and ends them.

A pid is not enough to identify a process, because the system reuses it; pid, start time and boot together are.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any, Self

import psutil

LINUX_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
PR_SET_PDEATHSIG = 1
START_TOLERANCE_SECONDS = 0.02
"""Linux counts start times in ticks of 0.01 s since boot; other systems give them exactly."""


@cache
def host_name() -> str:
    """Name of the machine; the processes of another machine cannot be inspected from here."""
    return socket.gethostname()


def boot_id() -> str:
    """Identifies this boot: a random id on Linux, elsewhere the boot time to the nearest ten seconds."""
    try:
        return LINUX_BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return f"boot-{round(psutil.boot_time() / 10)}"


def start_ticks(process: psutil.Process) -> float:
    """Start time of a process in seconds, on Linux since boot, so that setting the clock does not change it.

    psutil's `create_time()` adds the boot time, which follows the wall clock: after the clock is set back by an hour,
    a living process would look like a different one.
    """
    if not sys.platform.startswith("linux"):
        return float(process.create_time())
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
    except OSError as error:
        raise psutil.NoSuchProcess(process.pid) from error
    return int(fields.split()[19]) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class ProcessIdentity:
    """A process that cannot be mistaken for another with the same pid."""

    pid: int
    start: float
    boot: str
    host: str

    @classmethod
    def of(cls, pid: int) -> Self:
        """The identity of a living process.

        Raises:
            psutil.NoSuchProcess: no process has that pid.
        """
        return cls(pid, start_ticks(psutil.Process(pid)), boot_id(), host_name())

    @classmethod
    def current(cls) -> Self:
        """The identity of the calling process."""
        return cls.of(os.getpid())

    def alive(self) -> bool:
        """Whether this very process is still running: a zombie is not, a process on another host counts as alive."""
        if self.host != host_name():
            return True  # it cannot be inspected from here, so never declare it dead
        if self.boot != boot_id():
            return False
        try:
            process = psutil.Process(self.pid)
            return (
                process.status() != psutil.STATUS_ZOMBIE
                and abs(start_ticks(process) - self.start) <= START_TOLERANCE_SECONDS
            )
        except psutil.NoSuchProcess:
            return False
        except psutil.AccessDenied:
            return True

    def end(self, *, patience_seconds: float = 0.0) -> None:
        """End the process and its descendants: ask first if `patience_seconds` is given, then kill what remains."""
        if self.host != host_name() or not self.alive():
            return
        family = _family(self.pid)
        if patience_seconds > 0:
            _signal_all(family, "terminate")
            family = psutil.wait_procs(family, timeout=patience_seconds)[1]
        _signal_all(family, "kill")
        psutil.wait_procs(family, timeout=5)


def kill_tree(pid: int) -> None:
    """Kill a process and its descendants without waiting, so that its parent can still read its exit status."""
    _signal_all(_family(pid), "kill")


def _family(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _signal_all(processes: Sequence[psutil.Process], how: str) -> None:
    for process in processes:
        try:
            getattr(process, how)()
        except psutil.NoSuchProcess:
            continue


def end_descendants() -> None:
    """Kill all descendants of the calling process."""
    children = psutil.Process().children(recursive=True)
    _signal_all(children, "kill")
    psutil.wait_procs(children, timeout=5)


def lower_priority() -> None:
    """Give the calling process the lowest priority."""
    lowest = psutil.IDLE_PRIORITY_CLASS if sys.platform == "win32" else 19
    psutil.Process().nice(lowest)


def end_with_parent(parent: int) -> None:
    """Have Linux kill the calling process as soon as its parent, the process `parent`, ends.

    Does nothing on other systems, where a thread that waits for a pipe to close has to do instead.
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)  # the parent ended before the call


def outlive_parent() -> None:
    """Undo `end_with_parent`."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, 0)


def detached_options(platform: str = sys.platform) -> Mapping[str, Any]:
    """Arguments of `Popen` for a process that outlives its parent and its terminal."""
    if platform == "win32":
        # Windows rejects DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW; the first two suffice
        return {"creationflags": 0x00000008 | 0x00000200, "close_fds": True}
    return {"start_new_session": True, "close_fds": True}


def own_group_options(platform: str = sys.platform) -> Mapping[str, Any]:
    """Arguments of `Popen` for a child that Ctrl-C in the parent's terminal does not reach."""
    if platform == "win32":
        return {"creationflags": 0x00000200}
    return {"process_group": 0}


def start_detached(
    command: Sequence[str], *, environment: Mapping[str, str], log: IO[bytes]
) -> "subprocess.Popen[bytes]":
    """Start a process that outlives this one, its group and its terminal; its output goes to `log`."""
    return subprocess.Popen(
        list(command),
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        **detached_options(),
    )


def wait_until_dead(identity: ProcessIdentity, timeout_seconds: float) -> bool:
    """Wait for the process to end; False if it was still alive after `timeout_seconds`."""
    deadline = time.monotonic() + timeout_seconds
    while identity.alive():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
