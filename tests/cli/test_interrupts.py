"""Ctrl-C at any time: exit status 130 at once, one line, no traceback, nothing left behind. Real processes."""

import json
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from cnnlab.store.records import Status
from cnnlab.store.store import Store
from cnnlab.workspace import PROJECT_ROOT, Workspace

pytestmark = pytest.mark.slow

QUICK = ("--family", "vgg", "--image-size", "32", "--set", "base_width=4", "--epochs", "5000", "--threads", "1")
MODULE = "import runpy; runpy.run_module('cnnlab', run_name='__main__', alter_sys=True)"
# the test program may have been started with Ctrl-C ignored, which its children would inherit
HEARING = "import os, signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)"
PRESS_AT_IMPORT = """
class Press:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Press())
"""
LOSE_AT_IMPORT = """
class Lost:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):
            pass
class Press:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            Lost()
sys.meta_path.insert(0, Press())
"""
TURN_AT_IMPORT = """
class Press:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            try:
                os.kill(os.getpid(), signal.SIGINT)
                for _ in range(1000):
                    pass
            except KeyboardInterrupt:
                raise ImportError("some part of it failed to import") from None
sys.meta_path.insert(0, Press())
"""


def start(workspace: Workspace, *words: object, before: str = "", program: str = MODULE) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", "\n".join((HEARING, before, program)), *map(str, words)],
        env=workspace.environment(),
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def installed_script() -> str:
    """The script that an installation makes from the entry point."""
    scripts = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    module, _, function = scripts["cnnlab"].partition(":")
    return f"from {module} import {function}; sys.exit({function}())"


def check_interrupted(process: "subprocess.Popen[str]", message: str = "Interrupted") -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "Traceback" not in err and "Exception ignored" not in err, err
    assert message in err.strip().splitlines()[-1]
    return out


@pytest.mark.parametrize("program", [MODULE, installed_script()], ids=["python -m cnnlab", "cnnlab"])
@pytest.mark.parametrize("name", ["cnnlab.cli.app", "typer", "rich.table", "cnnlab.errors", "sqlalchemy"])
def test_an_interrupt_during_loading_shows_no_traceback(workspace: Workspace, program: str, name: str) -> None:
    check_interrupted(start(workspace, "runs", before=PRESS_AT_IMPORT.format(name=name), program=program))


@pytest.mark.parametrize("press", [PRESS_AT_IMPORT, LOSE_AT_IMPORT, TURN_AT_IMPORT], ids=["seen", "lost", "turned"])
@pytest.mark.parametrize("name", ["torch", "lightning_fabric"])
def test_an_interrupt_while_a_run_loads_libraries_is_recorded(
    workspace: Workspace, pictures: Path, press: str, name: str
) -> None:
    check_interrupted(start(workspace, "train", "--data", pictures, *QUICK, before=press.format(name=name)))
    run = Store.open(workspace).runs.find("@last")
    assert (run.status, run.step) == (Status.INTERRUPTED, 0)


def test_an_interrupted_command_also_prints_json(workspace: Workspace) -> None:
    out = check_interrupted(
        start(workspace, "runs", "--json", before=PRESS_AT_IMPORT.format(name="cnnlab.store.store"))
    )
    assert json.loads(out) == {"error": "Interrupted.", "exit_code": 130}


def wait_for(store: Store, is_there: Callable[[Store], bool]) -> None:
    end = time.monotonic() + 120
    while not is_there(store):
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("loaders", [0, 1])
def test_an_interrupted_run_ends_at_once_and_leaves_no_process(
    workspace: Workspace, pictures: Path, loaders: int
) -> None:
    store = Store.open(workspace)
    process = start(workspace, "train", "--data", pictures, *QUICK, "--set", f"compute.loaders={loaders}")
    wait_for(store, lambda store: any(run.epoch >= 2 for run in store.runs.list()))
    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) >= loaders
    pressed = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.wait(timeout=120)
    took = time.monotonic() - pressed
    check_interrupted(process)
    assert not [child for child in family if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    run = store.runs.find("@last")
    assert run.status is Status.INTERRUPTED
    assert list((workspace.runs / run.run_id / "checkpoints").glob("*/state.json"))
    assert took < 10.0  # an idle machine needs less than one; waiting for the run to finish would take minutes


def test_a_program_started_with_interrupts_ignored_keeps_ignoring_them(workspace: Workspace) -> None:
    deaf = "signal.signal(signal.SIGINT, signal.SIG_IGN)\n" + PRESS_AT_IMPORT.format(name="typer")
    process = start(workspace, "runs", before=deaf)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "There are no runs yet" in out


def test_a_command_ends_without_an_error_when_its_reader_stops(workspace: Workspace) -> None:
    process = start(workspace, "scan", "--help")
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (1, "")
