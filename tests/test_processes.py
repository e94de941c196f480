"""Identities of processes, tested with real processes."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from cnnlab import processes
from cnnlab.processes import ProcessIdentity, detached_options, own_group_options, wait_until_dead


def start(code="import time; time.sleep(60)", **options):
    return subprocess.Popen([sys.executable, "-c", code], **options)


def test_this_process_is_alive_and_equal_to_itself():
    assert ProcessIdentity.current() == ProcessIdentity.current()
    assert ProcessIdentity.current().alive()


def test_a_process_that_ended_is_dead_even_as_a_zombie():
    child = start("pass")
    identity = ProcessIdentity.of(child.pid)
    while psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE:
        pass
    assert not identity.alive()
    child.wait()
    assert not identity.alive()


def test_another_process_with_the_same_pid_is_a_different_one():
    assert not replace(ProcessIdentity.current(), start=ProcessIdentity.current().start - 1.0).alive()


def test_a_process_of_another_boot_is_dead():
    assert not replace(ProcessIdentity.current(), boot="another").alive()


def test_a_process_of_another_machine_is_never_declared_dead():
    stranger = replace(ProcessIdentity.current(), host="elsewhere", boot="another", pid=1)
    assert stranger.alive()
    stranger.end()  # must do nothing: pid 1 would be a process of this machine


def test_setting_the_clock_back_does_not_change_an_identity(monkeypatch):
    before = ProcessIdentity.current()
    boot_time = psutil.boot_time()
    monkeypatch.setattr(psutil, "boot_time", lambda: boot_time - 3_600)
    monkeypatch.setattr(psutil._pslinux, "boot_time", lambda: boot_time - 3_600, raising=False)
    assert ProcessIdentity.current() == before
    assert before.alive()


@pytest.mark.slow
def test_ending_a_process_ends_its_descendants():
    sleep = "import time; time.sleep(60)"
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {sleep!r}]); {sleep}"
    parent = start(code)
    while not (children := psutil.Process(parent.pid).children()):
        pass
    child = ProcessIdentity.of(children[0].pid)
    ProcessIdentity.of(parent.pid).end()
    assert wait_until_dead(child, 5)


def test_a_process_that_ignores_sigterm_is_killed():
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
    )
    stubborn = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    stubborn.stdout.readline()
    identity = ProcessIdentity.of(stubborn.pid)
    identity.end(patience_seconds=0.2)
    assert not identity.alive()


def test_windows_gets_flags_instead_of_a_session():
    assert detached_options("linux") == {"start_new_session": True, "close_fds": True}
    assert detached_options("win32")["creationflags"] == 0x208
    assert own_group_options("win32") == {"creationflags": 0x200}


class Recorded:
    """Stands in for psutil's processes and records what is done to them."""

    def __init__(self, done, pid, stubborn=False):
        self.done, self.pid, self.stubborn = done, pid, stubborn

    def terminate(self):
        self.done.append(("terminate", self.pid))

    def kill(self):
        self.done.append(("kill", self.pid))


@pytest.mark.parametrize("patience", [0.0, 2.0])
def test_ending_a_process_uses_only_terminate_and_kill(monkeypatch, patience):
    """psutil has both on Windows too, where there are no signals."""
    done = []
    family = [Recorded(done, 1), Recorded(done, 2, stubborn=True)]
    monkeypatch.setattr(processes, "_family", lambda pid: family)
    monkeypatch.setattr(ProcessIdentity, "alive", lambda self: True)
    monkeypatch.setattr(
        psutil, "wait_procs", lambda some, timeout: ([], [process for process in some if process.stubborn])
    )
    ProcessIdentity.current().end(patience_seconds=patience)
    polite = [("terminate", 1), ("terminate", 2), ("kill", 2)]
    assert done == (polite if patience else [("kill", 1), ("kill", 2)])


def test_end_with_parent_does_nothing_outside_linux(monkeypatch):
    def refuse(_library):
        raise AssertionError("Windows has no prctl")

    monkeypatch.setattr(processes.sys, "platform", "win32")
    monkeypatch.setattr(processes.ctypes, "CDLL", refuse)
    processes.end_with_parent(os.getpid())
    processes.outlive_parent()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="prctl exists only on Linux")
@pytest.mark.parametrize("outlives", [False, True])
def test_a_process_ends_with_its_parent_unless_it_chose_to_outlive_it(outlives):
    child = (
        "import os, time; from cnnlab.processes import end_with_parent, outlive_parent;"
        f"end_with_parent(os.getppid()); {outlives} and outlive_parent();"
        "print(os.getpid(), flush=True); time.sleep(60)"
    )
    parent = start(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])", stdout=subprocess.PIPE)
    identity = ProcessIdentity.of(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    assert wait_until_dead(identity, 1 if outlives else 20) is not outlives
    identity.end()


def test_the_boot_time_is_used_without_linuxs_boot_id(monkeypatch):
    monkeypatch.setattr(processes, "LINUX_BOOT_ID", Path(os.devnull) / "no such file")
    assert processes.boot_id().startswith("boot-")
