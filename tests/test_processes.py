"""Identities of processes, with real processes."""

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


def test_this_process_lives_and_is_itself():
    assert ProcessIdentity.current() == ProcessIdentity.current()
    assert ProcessIdentity.current().alive()


def test_a_process_that_ended_is_dead_even_while_it_is_a_zombie():
    child = start("pass")
    identity = ProcessIdentity.of(child.pid)
    while psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE:
        pass
    assert not identity.alive()
    child.wait()
    assert not identity.alive()


def test_another_process_with_the_same_pid_is_not_it():
    assert not replace(ProcessIdentity.current(), start=ProcessIdentity.current().start - 1.0).alive()


def test_a_process_of_another_boot_is_dead():
    assert not replace(ProcessIdentity.current(), boot="another").alive()


def test_a_process_of_another_machine_is_never_declared_dead():
    stranger = replace(ProcessIdentity.current(), host="elsewhere", boot="another", pid=1)
    assert stranger.alive()
    stranger.end()  # and never touched: pid 1 would be this machine's


def test_a_clock_that_is_set_back_changes_no_identity(monkeypatch):
    before = ProcessIdentity.current()
    boot_time = psutil.boot_time()
    monkeypatch.setattr(psutil, "boot_time", lambda: boot_time - 3_600)
    monkeypatch.setattr(psutil._pslinux, "boot_time", lambda: boot_time - 3_600, raising=False)
    assert ProcessIdentity.current() == before
    assert before.alive()


@pytest.mark.slow
def test_ending_a_process_ends_what_it_started():
    sleep = "import time; time.sleep(60)"
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {sleep!r}]); {sleep}"
    parent = start(code)
    while not (children := psutil.Process(parent.pid).children()):
        pass
    child = ProcessIdentity.of(children[0].pid)
    ProcessIdentity.of(parent.pid).end()
    assert wait_until_dead(child, 5)


def test_a_process_that_ignores_a_polite_end_is_ended_all_the_same():
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
    )
    stubborn = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    stubborn.stdout.readline()
    identity = ProcessIdentity.of(stubborn.pid)
    identity.end(patience_seconds=0.2)
    assert not identity.alive()


def test_windows_gets_flags_in_place_of_a_session():
    assert detached_options("linux") == {"start_new_session": True, "close_fds": True}
    assert detached_options("win32")["creationflags"] == 0x208
    assert own_group_options("win32") == {"creationflags": 0x200}


class Recorded:
    """Takes the place of psutil's processes, and writes down what is done to them."""

    def __init__(self, done, pid, stubborn=False):
        self.done, self.pid, self.stubborn = done, pid, stubborn

    def terminate(self):
        self.done.append(("terminate", self.pid))

    def kill(self):
        self.done.append(("kill", self.pid))


@pytest.mark.parametrize("patience", [0.0, 2.0])
def test_the_ladder_of_an_end_is_the_same_wherever_there_are_no_signals(monkeypatch, patience):
    """psutil's terminate and kill exist on Windows as well; nothing of the ladder but them touches the process."""
    done = []
    family = [Recorded(done, 1), Recorded(done, 2, stubborn=True)]
    monkeypatch.setattr(processes, "_family", lambda pid: family)
    monkeypatch.setattr(ProcessIdentity, "alive", lambda self: True)
    monkeypatch.setattr(psutil, "wait_procs", lambda some, timeout: ([], [one for one in some if one.stubborn]))
    ProcessIdentity.current().end(patience_seconds=patience)
    polite = [("terminate", 1), ("terminate", 2), ("kill", 2)]
    assert done == (polite if patience else [("kill", 1), ("kill", 2)])


def test_elsewhere_than_on_linux_nothing_asks_for_the_death_of_a_parent(monkeypatch):
    def refuse(_library):
        raise AssertionError("Windows has no prctl")

    monkeypatch.setattr(processes.sys, "platform", "win32")
    monkeypatch.setattr(processes.ctypes, "CDLL", refuse)
    processes.end_with_parent(os.getpid())
    processes.outlive_parent()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
@pytest.mark.parametrize("outlives", [False, True])
def test_a_process_ends_with_its_parent_until_it_takes_that_back(outlives):
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


def test_without_linux_s_boot_id_the_boot_time_serves(monkeypatch):
    monkeypatch.setattr(processes, "LINUX_BOOT_ID", Path(os.devnull) / "no such file")
    assert processes.boot_id().startswith("boot-")
