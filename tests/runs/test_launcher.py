"""How a worker interprets the end of a run process, on systems with signals and on Windows, which has none."""

import signal
from types import SimpleNamespace

import pytest

from cnnlab.processes import ProcessIdentity
from cnnlab.runs import launcher, worker
from cnnlab.runs.folder import ATTEMPT_MARK, RunFolder, crash_line
from cnnlab.runs.launcher import RunProcess
from cnnlab.runs.worker import _cause, _is_crash, run_worker
from cnnlab.store.records import Status

ACCESS_VIOLATION = 0xC0000005
TERMINATED = 15
"""The exit status after psutil's kill on Windows."""


def ended(code):
    """A run process that ended with this exit code."""
    child = object.__new__(RunProcess)
    child._process = SimpleNamespace(returncode=code, pid=2**30)
    return child


@pytest.mark.parametrize(
    ("code", "is_crash", "words"),
    [
        (-signal.SIGKILL, False, "killed"),
        (-signal.SIGTERM, False, "SIGTERM"),
        (-signal.SIGSEGV, True, "SIGSEGV"),
        (-signal.SIGABRT, True, "SIGABRT"),
        (ACCESS_VIOLATION, True, "exit status 3221225477"),
        (1, True, "exit status 1"),
        (0, False, "exit status 0"),
    ],
)
def test_crashes_and_kills_are_told_apart_by_signal_or_exit_status(code, is_crash, words):
    run = SimpleNamespace(status=Status.RUNNING)
    assert _is_crash(ended(code), run) is is_crash
    assert words in _cause(ended(code))


def test_a_run_that_was_ended_because_it_did_not_stop_has_not_crashed():
    assert not _is_crash(ended(TERMINATED), SimpleNamespace(status=Status.STOPPING))


@pytest.mark.parametrize(
    ("log", "line"),
    [
        ("Fatal Python error: Segmentation fault\n\nThread 0x1:", "Segmentation fault"),
        ("Windows fatal exception: access violation\n\nThread 0x1:", "access violation"),
        ("Windows fatal exception: code 0xc0000374\nFatal Python error: Aborted\n", "code 0xc0000374"),
        ("Epoch 1: training loss 0.5\n", None),
    ],
)
def test_the_message_of_the_fault_handler_is_found_on_every_system(tmp_path, log, line):
    RunFolder(tmp_path).write_log(ATTEMPT_MARK + "1\n" + log)
    assert crash_line(tmp_path) == line


def test_windows_has_no_process_group_to_signal(monkeypatch):
    def refuse(*_):
        raise AssertionError("Windows has no killpg")

    monkeypatch.setattr(launcher.os, "killpg", refuse)
    with pytest.raises(AssertionError):
        ended(1).kill_group()
    monkeypatch.setattr(launcher.sys, "platform", "win32")
    ended(1).kill_group()


@pytest.mark.parametrize("has_break", [False, True])
def test_a_worker_handles_every_signal_its_system_uses_to_end_it(store, monkeypatch, has_break):
    """Windows sends SIGBREAK, other systems SIGTERM."""
    handled = []
    if has_break:
        monkeypatch.setattr(signal, "SIGBREAK", signal.SIGUSR1, raising=False)
    monkeypatch.setattr(worker.signal, "signal", lambda number, _handler: handled.append(number))
    monkeypatch.setattr(worker.Worker, "work", lambda _self: None)
    assert run_worker(store.workspace, stay=True)
    assert handled == [signal.SIGTERM, signal.SIGINT, *([signal.SIGUSR1] if has_break else [])]
    store.workers.leave(ProcessIdentity.current())
