"""Saves a training state to disk as a checkpoint, and restores it only if its files are intact.

A checkpoint is a folder `<step>` with `model.safetensors`, `optimiser.safetensors`, `best.safetensors` (if the best
weights are not the current ones), `predictions.npz`, and `state.json`, which is written last and holds the hashes of
the others. So a folder either is complete or has no `state.json`; nothing is ever renamed over a folder. A second save
at the same step (after the evaluation that follows it) goes to `<step>.1`. Nothing read here can execute code.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from cnnlab.errors import DIVERGED_REMEDY, CheckpointError, DiskError, DivergedError, RunStateError
from cnnlab.training.optimiser_state import load_optimiser_state, optimiser_tensors
from cnnlab.training.predictions import Predictions
from cnnlab.training.progress import TrainingProgress
from cnnlab.training.state import TrainingState

VERSION: Final = 1
KEPT: Final = 2
STATE_FILE: Final = "state.json"
BEST_FILE: Final = "best.safetensors"
FILES: Final = frozenset({"model.safetensors", "optimiser.safetensors", "predictions.npz"})
"""Files of every checkpoint; it may also hold `BEST_FILE`, and `STATE_FILE` once it is complete."""
FORGED: Final = (SafetensorError, BadZipFile, OSError, EOFError, ValueError, LookupError, TypeError, AttributeError)
"""What reading raises if a file does not hold what its name promises."""


@dataclass(frozen=True, order=True)
class Checkpoint:
    """A complete checkpoint, with all its files. Sorts by age, the newest last."""

    step: int
    moment: int
    path: Path

    def state(self) -> dict[str, Any]:
        """The counters and hashes in `state.json`."""
        values: dict[str, Any] = json.loads((self.path / STATE_FILE).read_text(encoding="utf-8"))
        return values

    def is_sound(self) -> bool:
        """Whether it has exactly the files of a checkpoint, each with its recorded hash; reads them all."""
        try:
            state = self.state()
            hashes = dict(state["files"])
            return (
                state["version"] <= VERSION
                and hashes.keys() - {BEST_FILE} == FILES  # so a name that points outside the folder is never opened
                and all(_hash(self.path / name) == expected for name, expected in hashes.items())
            )
        except (OSError, ValueError, KeyError, TypeError):
            return False


def list_checkpoints(folder: Path) -> list[Checkpoint]:
    """Complete checkpoints in `folder`, oldest first."""
    return [checkpoint for checkpoint in _folders(folder) if (checkpoint.path / STATE_FILE).is_file()]


def newest_checkpoint(folder: Path) -> Checkpoint | None:
    """The newest checkpoint whose files are all intact, or None."""
    return next((checkpoint for checkpoint in reversed(list_checkpoints(folder)) if checkpoint.is_sound()), None)


def save_checkpoint(folder: Path, state: TrainingState) -> Checkpoint:
    """Save the state in `folder`, unless it is already there, and remove all but the newest two checkpoints.

    Raises:
        DiskError: the disk is full or cannot be written; earlier checkpoints stay.
        DivergedError: a weight is not a finite number; nothing is written.
    """
    counters = state.progress.to_dict()
    same_step = [checkpoint for checkpoint in list_checkpoints(folder) if checkpoint.step == state.progress.step]
    for checkpoint in same_step:
        if checkpoint.state()["progress"] == json.loads(json.dumps(counters)):
            return checkpoint
    moment = same_step[-1].moment + 1 if same_step else 0
    path = folder / (f"{state.progress.step:08d}" + (f".{moment}" if moment else ""))
    _check_weights(state)
    with _disk_errors(path):
        path.mkdir(parents=True, exist_ok=True)  # an earlier attempt may have left it unfinished
        _write(path, state, counters)
    _remove_old(folder)
    return Checkpoint(state.progress.step, moment, path)


def restore(state: TrainingState, checkpoint: Checkpoint) -> None:
    """Load a checkpoint into a state made from the same configuration and pictures.

    Raises:
            CheckpointError: a file does not hold what its name promises.
    RunStateError: the checkpoint belongs to other pictures or another network.
    """
    try:
        _restore(state, checkpoint)
    except FORGED as error:
        raise CheckpointError(
            f"The checkpoint {str(checkpoint.path)!r} was not written by CNN Lab ({error}); delete its folder and "
            "resume the run to continue from the previous checkpoint, or clone the run.",
            file=checkpoint.path,
        ) from error


def _restore(state: TrainingState, checkpoint: Checkpoint) -> None:
    values = checkpoint.state()
    state.check_same_data(values["data_key"])
    try:
        state.module.load_state_dict(_load(checkpoint.path / "model.safetensors"))
    except RuntimeError as error:
        raise RunStateError("The checkpoint belongs to another network; clone the run to train this one.") from error
    load_optimiser_state(state.optimiser, _load(checkpoint.path / "optimiser.safetensors"))
    state.fabric.strategy.precision.load_state_dict(values["precision"])
    state.progress = TrainingProgress.from_dict(values["progress"])
    state.predictions = Predictions.read(checkpoint.path / "predictions.npz")
    state.best_weights = None
    if BEST_FILE in values["files"]:
        state.keep_best_weights()  # allocates them with the right device and memory layout; the values follow
        for name, tensor in _load(checkpoint.path / BEST_FILE).items():
            state.chosen_weights()[name].copy_(tensor)


def write_weights(path: Path, weights: dict[str, Tensor], metadata: dict[str, str] | None = None) -> None:
    """Write weights as a safetensors file, completely or not at all."""
    with _replacing(path) as temporary:
        _save(temporary, weights, metadata)


def write_results(folder: Path, state: TrainingState) -> None:
    """Write the files that outlive the checkpoints: `best.safetensors` and `predictions.npz`.

    The metadata of the weights describes their network and how to preprocess pictures for it, as JSON strings.
    """
    metadata = {
        "classes": json.dumps(state.data.classes),
        "architecture": state.config.architecture.model_dump_json(),
        "pipeline": state.config.pipeline.model_dump_json(),
        "mean_std": json.dumps(state.mean_std),
        "epoch": str(state.progress.best_epoch),
    }
    write_weights(folder / BEST_FILE, state.chosen_weights(), metadata)
    with _replacing(folder / "predictions.npz") as temporary:
        state.predictions.write(temporary)
        _flush(temporary)


class CheckpointClock:
    """Decides when to save: every 30 s, or less often if saving would take more than 5 % of the time."""

    def __init__(self, *, seconds: float = 30.0, largest_share: float = 0.05) -> None:
        self._seconds = seconds
        self._largest_share = largest_share
        self._cost = 0.0
        self._last = time.monotonic()

    @property
    def is_due(self) -> bool:
        """Whether enough time has passed since the last checkpoint."""
        return time.monotonic() - self._last >= max(self._seconds, self._cost / self._largest_share)

    def save(self, folder: Path, state: TrainingState) -> Checkpoint:
        """Save a checkpoint, and remember how long that took."""
        started = time.monotonic()
        checkpoint = save_checkpoint(folder, state)
        self._last = time.monotonic()
        self._cost = self._last - started
        return checkpoint


def _folders(folder: Path) -> list[Checkpoint]:
    """All folders named like checkpoints, complete or not, oldest first."""
    checkpoints = []
    for path in folder.iterdir() if folder.is_dir() else ():
        step, _, moment = path.name.partition(".")
        if step.isdecimal() and (moment or "0").isdecimal() and path.is_dir() and not path.is_symlink():
            checkpoints.append(Checkpoint(int(step), int(moment or 0), path))
    return sorted(checkpoints)


def _write(path: Path, state: TrainingState, counters: dict[str, Any]) -> None:
    (path / STATE_FILE).unlink(missing_ok=True)
    _save(path / "model.safetensors", state.weights())
    _save(path / "optimiser.safetensors", optimiser_tensors(state.optimiser))
    state.predictions.write(path / "predictions.npz")
    _flush(path / "predictions.npz")
    names = sorted(FILES)
    if state.best_weights is not None:
        _save(path / BEST_FILE, state.best_weights)
        names.append(BEST_FILE)
    values = {
        "version": VERSION,
        "step": state.progress.step,
        "config": state.config.to_dict(),
        "classes": state.data.classes,
        "data_key": state.data_key,
        "mean_std": state.mean_std,
        "precision": state.fabric.strategy.precision.state_dict(),
        "progress": counters,
        "files": {name: _hash(path / name) for name in names},
    }
    temporary = path / (STATE_FILE + ".part")
    temporary.write_text(json.dumps(values, allow_nan=False), encoding="utf-8")
    _flush(temporary)
    temporary.replace(path / STATE_FILE)
    _flush_folder(path)
    _flush_folder(path.parent)


def _save(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str] | None = None) -> None:
    # The format needs contiguous tensors, which channels-last ones are not; the layout does not change the values.
    save_file({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, path, metadata)
    _flush(path)


def _load(path: Path) -> dict[str, Tensor]:
    return dict(load_file(path))


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(path: Path) -> None:
    """Make the file names in a folder survive a power cut; Windows cannot open folders and does not need this."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _check_weights(state: TrainingState) -> None:
    if not all(bool(torch.isfinite(tensor).all()) for tensor in state.weights().values() if tensor.is_floating_point()):
        raise DivergedError(
            f"A weight is no longer a finite number after step {state.progress.step}; {DIVERGED_REMEDY}."
        )


def _remove_old(folder: Path) -> None:
    """Keep the newest two. `state.json` is deleted first, so that a half-removed folder is not taken for complete."""
    newest = list_checkpoints(folder)[-KEPT:]
    for checkpoint in _folders(folder):
        if checkpoint not in newest:
            (checkpoint.path / STATE_FILE).unlink(missing_ok=True)
            shutil.rmtree(checkpoint.path, ignore_errors=True)


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` that replaces it once it is completely written."""
    temporary = path.with_name(path.name + ".part")
    with _disk_errors(path):
        try:
            yield temporary
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    """Turn a failed write into a `DiskError`, and remove an unfinished checkpoint folder to free its space."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        if path.is_dir() and not (path / STATE_FILE).exists():
            shutil.rmtree(path, ignore_errors=True)
        reason = getattr(error, "strerror", None) or str(error)
        raise DiskError(
            f"{str(path)!r} could not be written ({reason}); free some space, then resume from the last checkpoint.",
            file=path,
        ) from error
