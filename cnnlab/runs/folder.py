"""The folder of one run: plain, documented files that outlive the store and the data set.

config.yaml        the frozen configuration
environment.json   versions, machine, device, threads of each attempt
pictures.csv       id, path, label and part of every picture
predictions.npz    validation logits of the best and last epoch, top labels by epoch (cnnlab/training/predictions.py)
checkpoints/       the two newest complete checkpoints (cnnlab/training/checkpoints.py)
best.safetensors   the weights of the best epoch
train.log          output of the process, including the traceback of a crash
"""

import csv
import io
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from cnnlab.errors import CheckpointError

CRASH_MARKS: Final = ("Fatal Python error: ", "Windows fatal exception: ")
ATTEMPT_MARK: Final = "=== Attempt "
TAIL_BYTES: Final = 64 * 1024
RESERVE_BYTES: Final = 256 * 1024


class RunFolder:
    """Paths and small files of one run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.yaml"
        self.environment = path / "environment.json"
        self.pictures = path / "pictures.csv"
        self.predictions = path / "predictions.npz"
        self.checkpoints = path / "checkpoints"
        self.best = path / "best.safetensors"
        self.log = path / "train.log"
        self.reserve = path / "reserve"

    def create(self) -> None:
        """Make the folder and reserve a little space, so that the run's end can be recorded even on a full disk."""
        self.path.mkdir(parents=True, exist_ok=True)
        if not self.reserve.exists():
            self.reserve.write_bytes(os.urandom(RESERVE_BYTES))  # random, so that no file system can compress it

    def give_up_reserve(self) -> None:
        """Free the reserved space."""
        self.reserve.unlink(missing_ok=True)

    def add_attempt(self, environment: Mapping[str, Any]) -> None:
        """Append the environment of an attempt to those of the earlier ones."""
        write_text(self.environment, json.dumps({"attempts": [*self.attempts(), environment]}, indent=2) + "\n")

    def attempts(self) -> list[dict[str, Any]]:
        """Environments of all attempts so far."""
        if not self.environment.exists():
            return []
        attempts: list[dict[str, Any]] = json.loads(self.environment.read_text(encoding="utf-8"))["attempts"]
        return attempts

    def write_pictures(self, rows: Iterable[tuple[str, str, str, str]]) -> None:
        """Write (id, path, label, part) of every picture."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("id", "path", "label", "part"))
        writer.writerows(rows)
        write_text(self.pictures, text.getvalue())

    def read_pictures(self) -> list[dict[str, str]]:
        """Read the rows of `write_pictures`; empty before the run began."""
        if not self.pictures.exists():
            return []
        with self.pictures.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            return list(csv.DictReader(file))

    def write_log(self, text: str) -> None:
        """Append lines to the log; on a full disk the lines are lost, but the run continues."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with self.log.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text.rstrip("\n") + "\n")
        except OSError:
            return

    def log_tail(self, lines: int = 40) -> str:
        """The last lines of the log."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - TAIL_BYTES))
            text = file.read().decode("utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def weights(self) -> Path | None:
        """The best weights so far: the final ones, else those of the newest checkpoint, else None."""
        return next(iter(self.weights_files()), None)

    def weights_files(self) -> list[Path]:
        """All files of weights to predict with, the best first; if one is damaged, use the next."""
        complete = sorted(self.checkpoints.glob("*/state.json"), key=lambda file: file.stat().st_mtime, reverse=True)
        names = ("best.safetensors", "model.safetensors")
        in_checkpoints = (file.with_name(name) for file in complete for name in names)
        return [file for file in (self.best, *in_checkpoints) if file.is_file()]

    def complete_checkpoints(self) -> list[tuple[int, Path]]:
        """(step, folder) of every complete checkpoint, oldest first; checkpoints.py names the folders."""
        folders = [file.parent for file in self.checkpoints.glob("*/state.json")]
        return sorted((int(folder.name.partition(".")[0]), folder) for folder in folders)

    def no_checkpoint(self, *, epoch: int, step: int) -> CheckpointError:
        """The error for a run without a readable checkpoint: starting over would drop its records."""
        return CheckpointError(
            f"No checkpoint of run {self.path.name} can be read, so it cannot continue from step {step} ({epoch} "
            f"epochs are recorded and stay); restore {str(self.checkpoints)!r} from a copy and resume the run, or "
            "clone it to start from scratch."
        )

    def size_bytes(self) -> int:
        """Bytes of all files."""
        return size_of(self.path)

    def clear_checkpoints(self) -> int:
        """Delete the checkpoints, but keep curves, predictions and the best weights; returns the bytes freed."""
        freed = size_of(self.checkpoints)
        shutil.rmtree(self.checkpoints, ignore_errors=True)
        return freed


def crash_line(path: Path) -> str | None:
    """The last message of Python's fault handler in the log of a run, such as `Segmentation fault`."""
    tail = RunFolder(path).log_tail(400).rpartition(ATTEMPT_MARK)[2]  # not an earlier attempt's
    partitions = (tail.rpartition(mark) for mark in CRASH_MARKS)
    rest = max((rest for _, mark, rest in partitions if mark), key=len, default="")  # the first message is the cause
    return rest.splitlines()[0].strip() if rest else None


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder; files that vanish meanwhile are ignored."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(path) / name).lstat().st_size
            except OSError:
                continue
    return total


def write_text(path: Path, text: str) -> None:
    """Write a small file completely or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_text(text, encoding="utf-8", errors="surrogateescape", newline="")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
