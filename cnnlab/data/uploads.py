"""Takes in what a browser sent: archives to be unpacked, pictures for a class. Trusts neither names nor contents."""

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
_ENDINGS: Final = {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif", "BMP": ".bmp"}
_FORBIDDEN: Final = frozenset('<>:"/\\|?*')


def keep_archive(workspace: Workspace, archive: IO[bytes]) -> Path:
    """Write an uploaded zip into the workspace, where the task `unpack` finds it and deletes it afterwards.

    Raises:
        DiskError: no room.
    """
    folder = workspace.home / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(suffix=".zip", dir=folder)
        with os.fdopen(descriptor, "wb") as file:
            archive.seek(0)  # its directory may have been read
            shutil.copyfileobj(archive, file)
    except OSError as error:
        raise DiskError(f"The upload cannot be kept ({error.strerror or error}); make room on the disk.") from error
    return Path(name)


def check_label(label: str) -> str:
    """A class name that is also the name of a folder on every system.

    Raises:
        DataError: it is none.
    """
    name = label.strip()
    odd = name.endswith(".") or any(c in _FORBIDDEN or ord(c) < 32 for c in name)
    odd = odd or is_passed_over(name) or is_reserved(name)
    if not name or odd or len(name.encode()) > 120:
        raise DataError(f"{label!r} cannot be the name of a class; use letters, digits, spaces and dashes.")
    return name


def add_pictures(folder: Path, label: str, files: Iterable[tuple[str, bytes]]) -> tuple[int, tuple[Unreadable, ...]]:
    """Write uploaded (name, bytes) into a class of a folder that the lab owns; gives how many, and those refused.

    Every picture is decoded first. Files are named by their content: the same picture again changes nothing.

    Raises:
        DataError: the label cannot be a folder.
        DiskError: no room.
    """
    target, written, refused = folder / check_label(label), 0, []
    for name, data in files:
        try:
            found = decode_with_size(data)
        except PictureError as error:
            refused.append(Unreadable(file=name, reason=str(error)))
            continue
        suffix = Path(name).suffix.lower()
        if suffix not in PICTURE_SUFFIXES:
            suffix = _ENDINGS.get(found.format, ".png")  # what it holds is found by its content anyway
        path = target / f"{hashlib.sha256(data).hexdigest()[:16]}{suffix}"
        try:
            target.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            raise DiskError(f"{name!r} cannot be kept ({error.strerror or error}); make room on the disk.") from error
        written += 1
    return written, tuple(refused)
