"""Who a process is and whether it still lives; knows nothing about runs.

A pid alone is no identity: it is given again to other processes. Pid, start time and boot together are.
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
"""Linux counts start times in ticks of 0.01 s since boot, elsewhere they are exact."""


@cache
def host_name() -> str:
    """Name of the machine; processes of another machine cannot be looked at from here."""
    return socket.gethostname()


def boot_id() -> str:
    """Names this boot of the machine. Linux has a random id; elsewhere the boot time to the nearest ten seconds."""
    try:
        return LINUX_BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return f"boot-{round(psutil.boot_time() / 10)}"


def start_ticks(process: psutil.Process) -> float:
    """Start of a process on a clock that setting the time does not move, where the system has one (Linux: since boot).

    psutil's `create_time()` adds the boot time, which moves with the wall clock: after a clock set back by an
    hour, a living process would seem to be another one.
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
            psutil.NoSuchProcess: there is none with that pid.
        """
        return cls(pid, start_ticks(psutil.Process(pid)), boot_id(), host_name())

    @classmethod
    def current(cls) -> Self:
        """The identity of the calling process."""
        return cls.of(os.getpid())

    def alive(self) -> bool:
        """Whether this very process still runs; a zombie is dead, and a process of another host counts as alive."""
        if self.host != host_name():
            return True  # it cannot be looked at from here: never declare it dead
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
        """End the process and everything it started: first politely for as long as `patience_seconds`, then at once."""
        if self.host != host_name() or not self.alive():
            return
        family = _family(self.pid)
        if patience_seconds > 0:
            _signal_all(family, "terminate")
            family = psutil.wait_procs(family, timeout=patience_seconds)[1]
        _signal_all(family, "kill")
        psutil.wait_procs(family, timeout=5)


def kill_family(pid: int) -> None:
    """Kill a process and everything it started without waiting, for a parent that wants to know how it ended."""
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
    """End everything that the calling process started, at once."""
    children = psutil.Process().children(recursive=True)
    _signal_all(children, "kill")
    psutil.wait_procs(children, timeout=5)


def be_modest() -> None:
    """Let the calling process work only in time that no other one wants."""
    lowest = psutil.IDLE_PRIORITY_CLASS if sys.platform == "win32" else 19
    psutil.Process().nice(lowest)


def end_with_parent(parent: int) -> None:
    """Let Linux kill the calling process the moment its parent, the process `parent`, ends, whatever it is doing then.

    Elsewhere nothing happens: a thread that waits for the end of a pipe has to do there.
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)  # it ended before the call


def outlive_parent() -> None:
    """Take back `end_with_parent`."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, 0)


def detached_options(platform: str = sys.platform) -> Mapping[str, Any]:
    """Arguments of `Popen` for a process that outlives its parent and its terminal."""
    if platform == "win32":
        # DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW is refused; the first two suffice
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
    """Start a process that lives on when this one, its group or its terminal ends; its output goes to `log`."""
    return subprocess.Popen(
        list(command),
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        **detached_options(),
    )


def wait_until_dead(identity: ProcessIdentity, timeout_seconds: float) -> bool:
    """Whether the process ended within the time."""
    end = time.monotonic() + timeout_seconds
    while identity.alive():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
