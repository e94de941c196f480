"""Stores uploads: archives to unpack, and pictures for a class. Names and contents are untrusted."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Final

from cnnlab.data.archives import is_reserved
from cnnlab.data.decoding import decode_with_size
from cnnlab.data.formats import PICTURE_SUFFIXES
from cnnlab.data.layout import is_passed_over
from cnnlab.data.records import Unreadable
from cnnlab.errors import DataError, DiskError, PictureError
from cnnlab.workspace import Workspace

FOLDER: Final = "uploads"
_SUFFIXES: Final = {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif", "BMP": ".bmp"}
_FORBIDDEN: Final = frozenset('<>:"/\\|?*')


def keep_archive(workspace: Workspace, archive: IO[bytes]) -> Path:
    """Write an uploaded zip into the workspace for the `unpack` task, which deletes it afterwards.

    Raises:
        DiskError: the upload cannot be written.
    """
    folder = workspace.home / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(suffix=".zip", dir=folder)
        with os.fdopen(descriptor, "wb") as file:
            archive.seek(0)  # its directory may already have been read
            shutil.copyfileobj(archive, file)
    except OSError as error:
        raise DiskError(f"The upload cannot be saved ({error.strerror or error}); free some disk space.") from error
    return Path(name)


def check_label(label: str) -> str:
    """The class name, if it is also a valid folder name on every system.

    Raises:
        DataError: it is not.
    """
    name = label.strip()
    odd = name.endswith(".") or any(c in _FORBIDDEN or ord(c) < 32 for c in name)
    odd = odd or is_passed_over(name) or is_reserved(name)
    if not name or odd or len(name.encode()) > 120:
        raise DataError(f"{label!r} is not a valid class name; use letters, digits, spaces and dashes.")
    return name


def add_pictures(folder: Path, label: str, files: Iterable[tuple[str, bytes]]) -> tuple[int, tuple[Unreadable, ...]]:
    """Write uploads, (name, bytes) each, into a class of a folder that the lab owns; returns their number and the rest.

    Every picture is decoded first. Files are named after their content, so uploading a picture twice changes nothing.

    Raises:
        DataError: the label is not a valid folder name.
        DiskError: a file cannot be written.
    """
    target, written, refused = folder / check_label(label), 0, []
    for name, data in files:
        try:
            decoded = decode_with_size(data)
        except PictureError as error:
            refused.append(Unreadable(file=name, reason=str(error)))
            continue
        suffix = Path(name).suffix.lower()
        if suffix not in PICTURE_SUFFIXES:
            suffix = _SUFFIXES.get(decoded.format, ".png")  # readers detect the format from the content anyway
        path = target / f"{hashlib.sha256(data).hexdigest()[:16]}{suffix}"
        try:
            target.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            raise DiskError(f"{name!r} cannot be saved ({error.strerror or error}); free some disk space.") from error
        written += 1
    return written, tuple(refused)
