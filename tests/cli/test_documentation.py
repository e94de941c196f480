"""docs/command-line.md covers every command, and its examples run one after another as written."""

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from cnnlab.cli.app import app
from cnnlab.store.records import Status
from cnnlab.store.store import Store
from cnnlab.workspace import PROJECT_ROOT, Workspace

PAGE = (PROJECT_ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
EXAMPLES = [line for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]


def commands() -> set[str]:
    return set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def test_every_command_has_an_example_and_every_example_is_a_command() -> None:
    assert {shlex.split(line)[1] for line in EXAMPLES} == commands()


@pytest.mark.parametrize("command", sorted(commands()))
def test_every_command_takes_json_and_has_help_for_each_option(command: str) -> None:
    parameters = typer.main.get_command(app).commands[command].params  # type: ignore[attr-defined]
    assert "--json" in {name for parameter in parameters for name in parameter.opts}
    assert [parameter.name for parameter in parameters if not getattr(parameter, "help", None)] == []


class Terminal:
    """Runs examples like a user would: those that end in & run in the background."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder, self.store = folder, store
        self.background: list[subprocess.Popen[str]] = []

    def start(self, line: str) -> subprocess.Popen[str]:
        words = [sys.executable, "-m", "cnnlab", *shlex.split(self.with_runs(line))[1:]]
        environment = os.environ | {"PYTHONPATH": str(PROJECT_ROOT)}
        pipe = subprocess.PIPE
        return subprocess.Popen(words, cwd=self.folder, env=environment, text=True, stdout=pipe, stderr=pipe)

    def with_runs(self, line: str) -> str:
        runs = self.store.runs.list(limit=2)
        for number, run in enumerate(runs, start=1):
            line = line.replace(f"RUN{number}", run.run_id)
        return line

    def type(self, line: str) -> None:
        if not line.endswith("&"):
            process = self.start(line)
            _, err = process.communicate(timeout=240)
            assert process.returncode == 0, f"{line}: {err}"
            return
        self.background.append(self.start(line.rstrip("& ")))
        wait_for(self.is_at_work if "worker" not in line else lambda: bool(self.store.workers.living()))

    def is_at_work(self) -> bool:
        newest = self.store.runs.list(limit=1)
        return bool(newest) and newest[0].status is Status.RUNNING and newest[0].step > 0


def wait_for(condition: object, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


@pytest.fixture
def terminal(workspace: Workspace, tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path, Store.open(workspace))
    yield terminal
    for process in terminal.background:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_the_examples_run_as_written(terminal: Terminal) -> None:
    for line in EXAMPLES:
        terminal.type(line)
    assert terminal.store.runs.find("@last").status is Status.STOPPED
