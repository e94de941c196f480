"""Printed names are never markup and never control the terminal, and no encoding breaks a command."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from cnnlab.names import as_unicode, printable
from cnnlab.runs.filing import file_run
from cnnlab.store.store import Store
from cnnlab.training.recipes import make_config
from cnnlab.workspace import PROJECT_ROOT, Workspace

Call = Callable[..., tuple[int, str, str]]
CallJson = Callable[..., dict[str, Any]]
HOSTILE = "[test] run [bold]:cat:"


def picture_folder(folder: Path, labels: tuple[str, ...]) -> Path:
    for shade, label in enumerate(labels):
        (folder / label).mkdir(parents=True)
        for number in range(3):
            Image.new("RGB", (40, 40), (80 * shade, 20 * number, 9)).save(folder / label / f"{number}.png")
    return folder


def file_two(folder: Path) -> tuple[Store, list[str]]:
    store = Store.open(Workspace.current())
    configs = [make_config(data=folder, family="vgg", settings={"seed": seed}, name=HOSTILE) for seed in (0, 1)]
    return store, [file_run(store, config).run_id for config in configs]


def test_names_are_printed_as_they_are_by_every_command(call: Call, tmp_path: Path) -> None:
    folder = picture_folder(tmp_path / "pictures", ("[draft]", ":cat:"))
    _, (first, second) = file_two(folder)
    for words in (("runs",), ("show", first), ("compare", first, second)):
        status, out, err = call(*words)
        assert status == 0, err
        assert HOSTILE in out
    status, out, _ = call("scan", folder)
    assert "[draft]" in out and ":cat:" in out
    status, out, _ = call("stop", first)
    assert HOSTILE in out


def test_a_name_that_looks_like_a_closing_tag_breaks_no_command(call: Call, tmp_path: Path) -> None:
    folder = picture_folder(tmp_path / "pictures", ("a", "b"))
    store = Store.open(Workspace.current())
    run = file_run(store, make_config(data=folder, family="vgg", name="run [/x]"))
    assert call("runs")[0] == 0
    assert call("compare", run.run_id)[0] == 0


def test_no_name_controls_the_terminal(call: Call, tmp_path: Path) -> None:
    folder = picture_folder(tmp_path / "pictures", ("\x1b[31mred\x07", "b"))
    _, out, _ = call("scan", folder)
    assert "\x1b" not in out and "\x07" not in out
    assert r"\x1b[31mred\x07" in out


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[2J", r"a\x1b[2J"),
        ("line\nnext\t.", "line\nnext\t."),
        ("猫", "猫"),
        ("می\u200cروم क\u200d", "می\u200cروم क\u200d"),
        ("a\u202eb", r"a\u202eb"),
    ],
)
def test_control_characters_are_made_visible(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_name_that_is_not_valid_text_is_readable() -> None:
    assert as_unicode(os.fsdecode(b"caf\xe9")) == r"caf\xe9"


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
@pytest.mark.parametrize("words", [("scan",), ("scan", "--json"), ("runs",), ("runs", "--json"), ("doctor", "--json")])
def test_no_output_encoding_breaks_a_command(
    workspace: Workspace, tmp_path: Path, encoding: str, words: tuple[str, ...]
) -> None:
    folder = picture_folder(tmp_path / "pictures", ("猫", "b"))
    file_run(Store.open(workspace), make_config(data=folder, family="vgg", name="猫 – 1"))
    command, *options = words
    done = subprocess.run(
        [sys.executable, "-m", "cnnlab", command, *([str(folder)] if command == "scan" else []), *options],
        env={**os.environ, "PYTHONIOENCODING": encoding, "CNNLAB_HOME": str(workspace.home)},
        cwd=PROJECT_ROOT,
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode(encoding)
    if "--json" in words:
        record = json.loads(text)
        assert command != "scan" or list(record["classes"]) == ["b", "猫"]
    else:
        assert r"\u732b" in text


def test_the_exit_status_of_predict_tells_that_nothing_could_be_read(call: Call, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    folder = picture_folder(tmp_path / "pictures", ("a", "b"))
    store = Store.open(Workspace.current())
    run = file_run(store, make_config(data=folder, family="vgg"))
    status, _, err = call("predict", "--run", run.run_id, folder)
    assert status == 2 and "has no weights yet" in err
    store.runs.update(run.run_id, epoch=3)
    status, _, err = call("predict", "--run", run.run_id, folder)
    assert status == 2 and "is gone" in err


def test_the_exit_status_of_doctor_tells_that_something_is_wrong(call: Call, workspace: Workspace) -> None:
    workspace.create()
    (workspace.home / "lab.db").write_bytes(b"no database at all" * 100)
    status, out, _ = call("doctor")
    assert status == 1
    assert "Problems and remedies" in out
