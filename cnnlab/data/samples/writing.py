"""Writes the bundled pictures as a data set, with one sub-folder per class.

Every file is written completely or not at all, so the next call completes an interrupted one.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from cnnlab.data.progress import ProgressCallback
from cnnlab.data.samples import digits, painting
from cnnlab.errors import DataError, UsageError

SAMPLE_NAMES: Final = ("drawings", "digits")
GENERATION: Final = 1
"""Raise it when the same seed gives different drawings: drawings of two generations are never mixed."""
NOTE_NAME: Final = ".samples.json"


@dataclass(frozen=True)
class SampleSet:
    """Class names and number of the pictures in `folder`; `masks` has the same layout, or is None if there are none."""

    folder: Path
    classes: tuple[str, ...]
    images: int
    masks: Path | None


def write_samples(
    name: str, folder: Path, *, per_class: int, seed: int, progress: ProgressCallback | None = None
) -> SampleSet:
    """Write up to `per_class` pictures of each class of "drawings" or "digits" into `folder`.

    Existing files are kept: a second call costs nothing, a larger `per_class` adds pictures (a smaller one removes
    none), and picture k of a class is the same however many there are. Masks of drawings (PNG, 255 where the animal is
    visible) are in `<folder>_masks`, so that a scan of `folder` does not see them. `progress` is called with (pictures
    done, pictures in total). The digits are real and do not depend on `seed`.

    Raises UsageError for an unknown name or a count below 1, DataError if `folder` contains other bundled pictures.
    """
    if name not in SAMPLE_NAMES:
        raise UsageError(f"No bundled pictures are called {name!r}. Known: {', '.join(SAMPLE_NAMES)}.")
    if per_class < 1:
        raise UsageError(f"`per_class` must be at least 1 (got {per_class}).")
    masks = folder.with_name(f"{folder.name}_masks") if name == "drawings" else None
    available = _available(name)
    wanted = [(label, number) for label, count in available.items() for number in range(min(count, per_class))]
    _sign(folder, {"samples": name, "generation": GENERATION, "seed": seed if name == "drawings" else None})
    for done, (label, number) in enumerate(wanted, start=1):
        if masks is not None:
            _write_drawing(folder, masks, label, seed, number)
        else:
            _write_digit(folder, label, number)
        if progress is not None:
            progress(done, len(wanted))
    images = sum(len(list((folder / label).glob(f"{label}_*"))) for label in available)
    return SampleSet(folder, tuple(available), images, masks)


def _available(name: str) -> Mapping[str, int]:
    """Number of pictures available per class; only their file names limit the drawings."""
    if name == "drawings":
        return dict.fromkeys(painting.ANIMALS, 99_999)
    return {label: len(ink) for label, ink in digits.digits_by_class().items()}


def _sign(folder: Path, note: Mapping[str, object]) -> None:
    """Record in a note what is being written, or check that an earlier call wrote the same."""
    path = folder / NOTE_NAME
    if not path.exists():
        _write_whole(path, json.dumps(note).encode())
        return
    existing = _read_note(path)
    if existing != note:
        raise DataError(
            f"{str(folder)!r} already contains other bundled pictures ({_described(existing)}; "
            f"requested: {_described(note)}); choose another folder, or delete this one."
        )


def _read_note(path: Path) -> Mapping[str, object]:
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        note = None
    if not isinstance(note, dict):
        raise DataError(
            f"{str(path)!r} is damaged, so it is unknown which pictures are in its folder; delete that folder."
        )
    return note


def _described(note: Mapping[str, object]) -> str:
    return ", ".join(f"{key} {value}" for key, value in note.items())


def _write_drawing(folder: Path, masks: Path, label: str, seed: int, number: int) -> None:
    stem = f"{label}_{number + 1:05d}"
    picture_path, mask_path = folder / label / f"{stem}.jpg", masks / label / f"{stem}.png"
    # The picture is written last, so if it exists, its mask does too.
    if picture_path.exists() and mask_path.exists():
        return
    painted = painting.paint(label, seed=seed, number=number)
    _write_whole(mask_path, _encoded(painted.mask, "PNG"))
    _write_whole(picture_path, _encoded(painted.picture, "JPEG", quality=92, subsampling=0))


def _write_digit(folder: Path, label: str, number: int) -> None:
    path = folder / label / f"{label}_{number + 1:05d}.png"
    if not path.exists():
        _write_whole(path, _encoded(digits.paint(label, number), "PNG"))


def _encoded(picture: Image.Image, file_format: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, file_format, **options)
    return buffer.getvalue()


def _write_whole(path: Path, content: bytes) -> None:
    """Write to a temporary name and rename, so that an interrupted write leaves no half-written picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
