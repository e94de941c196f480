"""How folders stand for classes and parts: which file belongs to which; opens no file.

As torchvision's ImageFolder reads them: one folder a class, whose pictures may lie at any depth. Differs in that hidden
folders are passed over, that train / val / test folders are understood, and that links which lead in circles end.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath
from typing import Final, NamedTuple

from cnnlab.data.formats import is_picture_name
from cnnlab.data.records import Part
from cnnlab.errors import DataError

PART_NAMES: Final = {
    **dict.fromkeys(("train", "training"), Part.TRAIN),
    **dict.fromkeys(("val", "valid", "validation", "dev"), Part.VAL),
    **dict.fromkeys(("test", "testing"), Part.TEST),
}
_NOT_OURS: Final = frozenset({"__MACOSX", "System Volume Information", "$RECYCLE.BIN"})
_NAMED_IN_MESSAGE: Final = 5


class Found(NamedTuple):
    """A file taken for a picture."""

    path: Path
    label: str
    part: Part | None


class Layout(NamedTuple):
    """The classes (sorted, empty ones too) and the files in them.

    `ignored` counts files of other kinds by their ending; `loose` are pictures that lie beside the folders.
    """

    classes: tuple[str, ...]
    files: tuple[Found, ...]
    ignored: Counter[str]
    loose: tuple[str, ...]


class Glance(NamedTuple):
    """Class names, and pictures by their endings; all there are only if `is_complete`."""

    classes: tuple[str, ...]
    pictures: int
    is_complete: bool


def glance(root: Path, *, most_files: int = 5_000) -> Glance:
    """What can be told of a folder at once, from the names of its first files, for somebody who is typing its path.

    Raises:
        DataError: the folder is missing, or cannot be a data set by its names.
    """
    _check_folder(root)
    folders = _class_folders(root, _part_folders(root))
    names = tuple(sorted({folder.name for folder, _ in folders}))
    seen = pictures = 0
    try:
        for folder, _ in folders:
            for path in _files(folder):
                if seen == most_files:
                    return Glance(names, pictures, is_complete=False)
                seen += 1
                pictures += is_picture_name(path.name)
    except OSError as error:
        raise DataError(
            f"The folder {str(root)!r} cannot be read ({error.strerror or error}); check its permissions."
        ) from error
    if not pictures:
        raise DataError(f"No file in {str(root)!r} has the ending of a picture; choose a folder of photos.")
    if len(names) == 1:
        raise DataError(
            f"{str(root)!r} holds one class only, {names[0]!r}; a network needs at least two to tell apart, "
            "so add a folder with others."
        )
    return Glance(names, pictures, is_complete=True)


def read_layout(root: Path) -> Layout:
    """Find the classes and their files.

    Raises:
        DataError: the folder is missing, or holds no classes; a sub-folder that does is named.
    """
    _check_folder(root)
    parts = _part_folders(root)
    class_folders = _class_folders(root, parts)
    names = sorted({folder.name for folder, _ in class_folders})
    files: list[Found] = []
    ignored: Counter[str] = Counter()
    for folder, part in sorted(class_folders):
        for path in _files(folder):
            if is_picture_name(path.name):
                files.append(Found(path, folder.name, part))
            else:
                ignored[path.suffix.lower() or "no ending"] += 1
    loose = [path.name for top in (root, *(top for top, _ in parts)) for path in _loose(top)]
    return Layout(tuple(names), tuple(files), ignored, tuple(loose))


def _class_folders(root: Path, parts: Sequence[tuple[Path, Part]]) -> list[tuple[Path, Part | None]]:
    """The folders that stand for classes.

    Raises:
        DataError: there are none.
    """
    folders: list[tuple[Path, Part | None]] = (
        [(folder, part) for top, part in parts for folder in _folders(top)]
        if parts
        else [(folder, None) for folder in _folders(root)]
    )
    names = {folder.name for folder, _ in folders}
    if not names:
        raise DataError(_no_classes(root))
    if len(names) == 1 and (inner := propose_folder(root)) is not None:
        raise DataError(
            f"{str(root)!r} holds only the folder {relative_name(inner, root)!r}, "
            f"and the classes lie in there; use {str(inner)!r} instead."
        )
    return folders


def propose_folder(root: Path) -> Path | None:
    """The folder inside `root` that holds the classes, if `root` holds nothing but it (to any depth); else None."""
    folder = root
    for _ in range(5):
        inner = _folders(folder)
        if len(inner) != 1:
            return None
        folder = inner[0]
        if _part_folders(folder) or len([child for child in _folders(folder) if _has_picture(child)]) > 1:
            return folder
    return None


def _check_folder(root: Path) -> None:
    if not root.exists():
        raise DataError(f"The folder {str(root)!r} does not exist; check its name.")
    if not root.is_dir():
        raise DataError(f"{str(root)!r} is a file; give the folder that holds one folder a class.")
    try:
        next(os.scandir(root), None)
    except OSError as error:
        raise DataError(
            f"The folder {str(root)!r} cannot be read ({error.strerror or error}); check its permissions."
        ) from error


def _no_classes(root: Path) -> str:
    if _loose(root):
        return (
            f"The pictures in {str(root)!r} lie side by side; sort them into one folder a class, "
            "so that the folder's name says what they show."
        )
    return f"{str(root)!r} holds no folders; it needs one folder a class, with the pictures of that class in it."


def _part_folders(root: Path) -> list[tuple[Path, Part]]:
    """The train / val / test folders, if all folders in `root` are such, one of them trains, and holds classes."""
    folders = _folders(root)
    parts = [(folder, PART_NAMES[folder.name.lower()]) for folder in folders if folder.name.lower() in PART_NAMES]
    complete = bool(parts) and len(parts) == len(folders)
    if complete and any(part is Part.TRAIN and _folders(folder) for folder, part in parts):
        return parts
    return []


def _folders(folder: Path) -> list[Path]:
    """Sub-folders by name, without hidden ones and those that an operating system has left."""
    try:
        entries = [Path(entry.path) for entry in os.scandir(folder) if entry.is_dir() and not _hidden(entry.name)]
    except OSError:
        return []  # the scan says that the class is empty
    return sorted(entries, key=lambda path: path.name)


def _files(folder: Path) -> Iterator[Path]:
    """Files below `folder`, in a fixed order, each folder once, however many links lead to it."""
    seen: set[tuple[int, int]] = set()
    for parent, names, files in os.walk(folder, followlinks=True):
        status = os.stat(parent)  # noqa: PTH116 -- `parent` is a string already
        place = (status.st_dev, status.st_ino)
        if place in seen and status.st_ino:
            names.clear()
            continue
        seen.add(place)
        names[:] = sorted(name for name in names if not _hidden(name))
        for name in sorted(files):
            if not _hidden(name):
                yield Path(parent, name)


def _loose(folder: Path) -> list[Path]:
    """Pictures in `folder` itself."""
    return sorted(path for path in folder.iterdir() if is_picture_name(path.name) and not path.is_dir())


def _has_picture(folder: Path) -> bool:
    return any(is_picture_name(path.name) for path in _files(folder))


def _hidden(name: str) -> bool:
    return name.startswith(".") or name in _NOT_OURS


def relative_name(path: Path, root: Path) -> str:
    """The path below `root` with forward slashes."""
    return PurePath(path).relative_to(root).as_posix()


def listed(names: Sequence[str]) -> str:
    """The first few names in quotes, and how many more there are."""
    shown = ", ".join(repr(name) for name in names[:_NAMED_IN_MESSAGE])
    more = len(names) - _NAMED_IN_MESSAGE
    return f"{shown} and {more} more" if more > 0 else shown
