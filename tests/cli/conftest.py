"""The command line, called in this process, and a small folder of pictures."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cnnlab.cli.app import run
from cnnlab.data.samples import write_samples
from cnnlab.workspace import Workspace

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four pictures of each of the ten digits: quick to write and to read."""
    return write_samples("digits", tmp_path_factory.mktemp("samples") / "digits", per_class=4, seed=0).folder


@pytest.fixture
def call(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs a command and returns its exit status, standard output and standard error."""

    def run_command(*words: object) -> tuple[int, str, str]:
        status = run([str(word) for word in words])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run_command


@pytest.fixture
def call_json(call: Call) -> Callable[..., dict[str, Any]]:
    """Runs a command with --json that must succeed, and returns its object."""

    def run_command(*words: object) -> dict[str, Any]:
        status, out, err = call(*words, "--json")
        assert status == 0, err
        record: dict[str, Any] = json.loads(out)
        return record

    return run_command
