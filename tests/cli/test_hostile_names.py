"""Every command with names that are markup, terminal control sequences or invalid text, in every output encoding."""

import io
import json
import os
import shutil
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from cnnlab.cli.app import app, run_program
from cnnlab.cli.output import console, table
from cnnlab.processes import ProcessIdentity
from cnnlab.runs import lifecycle
from cnnlab.runs.execute import train
from cnnlab.runs.filing import file_run
from cnnlab.store.store import Store
from cnnlab.training.config import RunConfig
from cnnlab.training.recipes import make_config
from cnnlab.workspace import Workspace

pytestmark = pytest.mark.slow

NAME = "[test] run [/x] :cat: 猫\x1b[2J\nbreak"
CLASSES = ("[draft]", ":cat:", "猫", "\x1b[31mred\x07", "line\nbreak", os.fsdecode(b"caf\xe9"))
TINY = ("--image-size", "32", "--set", "base_width=4", "--epochs", "1", "--threads", "1", "--val-fraction", "0.25")


def config(folder: Path) -> RunConfig:
    return make_config(
        data=folder,
        family="vgg",
        name=NAME,
        image_size=32,
        settings=("base_width=4",),
        epochs=1,
        threads=1,
        device="cpu",
        val_fraction=0.25,
    )


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Pictures in folders with such names, and a workspace with two runs trained on them."""
    folder = tmp_path_factory.mktemp("hostile") / "[b]pictures\x1b[2J"
    for shade, label in enumerate(CLASSES):
        (folder / label).mkdir(parents=True)
        for number in range(4):
            Image.new("RGB", (40, 40), (40 * shade, 20 * number, 9)).save(folder / label / f"[i]{number}\x07.png")
    (folder / CLASSES[0] / "[b]broken\x1b.png").write_bytes(b"no picture")
    shutil.copy(folder / CLASSES[1] / "[i]0\x07.png", folder / CLASSES[1] / "[b]twice\x1b.png")
    home = Workspace.at(tmp_path_factory.mktemp("home")).create()
    for _ in range(2):
        train(config(folder), workspace=home)
    return home.home, folder


def waiting(store: Store, folder: Path) -> str:
    return file_run(store, config(folder)).run_id


def stopped(store: Store, folder: Path) -> str:
    return lifecycle.stop(store, waiting(store, folder)).run_id


def trained(store: Store) -> list[str]:
    return [run.run_id for run in store.runs.list()]


def beside_another(store: Store) -> tuple[str, ...]:
    store.workers.register(ProcessIdentity.current(), stay=False)
    return ()


Words = Callable[[Store, Path, Path], tuple[object, ...]]
# the arguments of a command, what its text output shows, and its exit status
COMMANDS: dict[str, tuple[Words, str, int]] = {
    "scan": (lambda store, folder, free: (folder,), "[draft]", 0),
    "samples": (lambda store, folder, free: ("drawings", "--to", free, "--per-class", 1), "[/x] to", 0),
    "inspect": (lambda store, folder, free: ("--family", "vgg"), "vgg", 0),
    "settings": (lambda store, folder, free: ("seed",), "seed", 0),
    "train": (
        lambda store, folder, free: ("--data", folder, "--family", "vgg", "--name", NAME, *TINY),
        "[/x] :cat:",
        0,
    ),
    "resume": (lambda store, folder, free: (stopped(store, folder),), "[/x] :cat:", 0),
    "pause": (lambda store, folder, free: (waiting(store, folder),), "", 1),
    "stop": (lambda store, folder, free: (waiting(store, folder),), "[/x] :cat:", 0),
    "worker": (lambda store, folder, free: beside_another(store), "Another worker", 0),
    "runs": (lambda store, folder, free: (), "[/x] :cat:", 0),
    "show": (lambda store, folder, free: trained(store)[:1], "[/x] :cat:", 0),
    "compare": (lambda store, folder, free: trained(store), "[/x] :cat:", 0),
    "predict": (lambda store, folder, free: ("--run", "@last", folder), "prediction", 0),
    "doctor": (lambda store, folder, free: (), "python", 0),
}


def test_every_command_is_covered() -> None:
    names = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert names == set(COMMANDS)


def call(monkeypatch: pytest.MonkeyPatch, encoding: str, words: list[str]) -> tuple[int, str, str]:
    """Run a command with this output encoding, which a terminal or a pipe might have."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2)]
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", streams[0])
        patch.setattr(sys, "stderr", streams[1])
        patch.setattr(sys, "unraisablehook", sys.unraisablehook)
        status = run_program(words)
        for stream in streams:
            stream.flush()
    out, err = (stream.buffer.getvalue().decode(encoding) for stream in streams)  # type: ignore[attr-defined]
    return status, out, err


def control_characters(text: str) -> set[str]:
    return {letter for letter in text if unicodedata.category(letter) in ("Cc", "Cf") and letter not in "\n\t"}


@pytest.mark.parametrize("is_json", [False, True], ids=["text", "json"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii"])
@pytest.mark.parametrize("command", COMMANDS)
def test_no_name_and_no_encoding_breaks_a_command_or_controls_the_terminal(
    hostile: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    encoding: str,
    is_json: bool,
) -> None:
    home, folder = hostile
    shutil.copytree(home, tmp_path / "home")
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CNNLAB_DATABASE_URL", raising=False)
    make_words, shown, expected = COMMANDS[command]
    words = make_words(Store.open(), folder, tmp_path / "[x] [/x] to\x1b[2J")
    options = ["--debug", *(["--json"] if is_json else [])]
    status, out, err = call(monkeypatch, encoding, [command, *map(str, words), *options])
    assert status == expected, err
    assert not control_characters(out + err)
    if is_json:
        assert isinstance(json.loads(out), dict)
    else:
        assert shown in out
    assert ("Traceback" in err) == bool(expected)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii"])
@pytest.mark.parametrize(
    "words", [("scan", NAME), ("show", NAME), (NAME,), ("runs", f"--{NAME}"), ("runs", "--status", NAME)]
)
def test_an_error_with_such_a_name_does_not_control_the_terminal_either(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, encoding: str, words: tuple[str, ...]
) -> None:
    status, _, err = call(monkeypatch, encoding, [*words, "--debug"])
    assert status in (2, 3)
    assert "Unexpected" not in err
    assert not control_characters(err)


def test_the_title_of_a_table_is_never_markup_or_a_control_sequence(capsys: pytest.CaptureFixture[str]) -> None:
    console().print(table("[bold]a[/x] :cat:\x1b[2J", ("[b]",), [("[/b]",)]))
    out = capsys.readouterr().out
    assert r"[bold]a[/x] :cat:\x1b[2J" in out
    assert "[b]" in out and "[/b]" in out
