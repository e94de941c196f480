"""Works out from the folders which file belongs to which class and part, without opening any file.

Follows torchvision's ImageFolder: one folder per class, with pictures at any depth. The differences: hidden and system
folders are ignored, train / val / test folders are recognised, links back into the folder are not followed, and folders
that look like something other than classes are an error until the user says what they are.
"""

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePath
from typing import Final, Literal, NamedTuple
from urllib.parse import urlsplit
from urllib.request import url2pathname

from cnnlab.data.formats import is_picture_name
from cnnlab.data.records import Part
from cnnlab.errors import AmbiguousLayoutError, DataError
from cnnlab.names import as_unicode

PART_NAMES: Final = {
    **dict.fromkeys(("train", "training"), Part.TRAIN),
    **dict.fromkeys(("val", "valid", "validation", "dev"), Part.VAL),
    **dict.fromkeys(("test", "testing"), Part.TEST),
}
_SUFFIXES_OF_PARTS: Final = re.compile(r"[ _-]*(set|data|images|imgs|split)$")
Reading = Literal["parts", "classes"]
"""What the user says the folders are, if their names are ambiguous."""
_OF_WINDOWS: Final = re.compile(r"^[A-Za-z]:[\\/]|^\\\\\\\\")
_NOT_OURS: Final = frozenset(
    (
        *("__macosx", "system volume information", "$recycle.bin", "recycler", "lost+found"),
        *("@eadir", "#recycle", "#snapshot", "thumbnails", "__pycache__"),
    )
)
"""Folders such as thumbnails and bins that systems and devices create, in lower case; hidden ones start with a dot."""
_NAMED_IN_MESSAGE: Final = 5


class PictureFile(NamedTuple):
    """A file that counts as a picture."""

    path: Path
    label: str
    part: Part | None


class Layout(NamedTuple):
    """The classes (sorted, empty ones included) and the files in them.

    `ignored` counts files of other kinds by their extension; `loose` are pictures outside the class folders; `closed`
    are folders that could not be read, with the reason; `merged` are groups of names that count as one class;
    `passed_over` are folders that systems or devices created.
    """

    classes: tuple[str, ...]
    files: tuple[PictureFile, ...]
    ignored: Counter[str]
    loose: tuple[str, ...]
    closed: tuple[tuple[str, str], ...] = ()
    merged: tuple[tuple[str, ...], ...] = ()
    passed_over: tuple[str, ...] = ()


class Glance(NamedTuple):
    """Class names and the number of files with a picture's extension; a partial count unless `is_complete`."""

    classes: tuple[str, ...]
    pictures: int
    is_complete: bool


def glance(root: Path, *, reading: Reading | None = None, most_files: int = 5_000) -> Glance:
    """A quick look at the names of a folder's first files, as feedback while a user is typing its path.

    Raises:
        DataError: the folder is missing, or its names show that it cannot be a data set.
    """
    _check_folder(root)
    folders = _class_folders(root, _part_folders(root, reading), reading)
    names = tuple(sorted({folder.name for folder, _ in folders}, key=natural))
    seen = pictures = 0
    try:
        for folder, _ in folders:
            for path in files_below(folder, root):
                if seen == most_files:
                    return Glance(names, pictures, is_complete=False)
                seen += 1
                pictures += is_picture_name(path.name)
    except OSError as error:
        raise DataError(
            f"The folder {str(root)!r} cannot be read ({error.strerror or error}); check its permissions.",
            file=root,
        ) from error
    if not pictures:
        raise DataError(
            f"No file in {str(root)!r} has a picture's file extension; choose a folder of photos.", file=root
        )
    if len(names) == 1:
        raise DataError(
            f"{str(root)!r} contains only one class, {names[0]!r}; a network needs at least two to tell apart, "
            "so add a folder of other pictures.",
            file=root,
        )
    return Glance(names, pictures, is_complete=True)


def absolute(folder: Path | str) -> Path:
    """The absolute path of a folder that a user entered; links in it are not resolved.

    Raises:
        DataError: it is a URL, a path from another system, or not a path at all.
    """
    text = os.fspath(folder)
    if _OF_WINDOWS.match(text) and os.name != "nt":
        raise DataError(f"{text[:80]!r} is a Windows path, but this is another system; give the folder's path here.")
    if text.startswith("file://"):
        text = url2pathname(urlsplit(text).path)
    elif "://" in text[:20]:
        raise DataError(f"{text[:80]!r} is a URL; give the path of a folder on this machine.")
    try:
        path = Path(os.path.abspath(Path(text).expanduser()))  # noqa: PTH100 -- resolve() would follow links
        os.stat(path)  # noqa: PTH116
    except FileNotFoundError:
        return path
    except PermissionError:
        return path
    except (RuntimeError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{text[:80]!r} is not a valid folder path ({reason}); check it.") from error
    return path


def read_layout(root: Path, reading: Reading | None = None) -> Layout:
    """Find the classes and their files; `reading` says what the folders are, if that is ambiguous.

    Raises:
        DataError: the folder is missing or contains no classes; the message names a sub-folder that does.
    """
    _check_folder(root)
    parts = _part_folders(root, reading)
    class_folders = _class_folders(root, parts, reading)
    label_of, merged = _labels(folder.name for folder, _ in class_folders)
    names = sorted(set(label_of.values()), key=natural)
    files: list[PictureFile] = []
    ignored: Counter[str] = Counter()
    closed: list[tuple[str, str]] = []
    for folder, part in sorted(class_folders):
        for path in files_below(folder, root, closed):
            if is_picture_name(path.name):
                files.append(PictureFile(path, label_of[folder.name], part))
            else:
                ignored[path.suffix.lower() or "no extension"] += 1
    tops = (root, *(top for top, _ in parts))
    loose = [path.name for top in tops for path in _loose(top)]
    passed_over = [name for top in (*tops, *(folder for folder, _ in class_folders)) for name in _vendors_folders(top)]
    return Layout(tuple(names), tuple(files), ignored, tuple(loose), tuple(closed), merged, tuple(passed_over))


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key that orders names as people do: 2 before 10."""
    pieces = re.split(r"(\d+)", name)
    return tuple((0, int(piece), piece) if piece.isdecimal() else (1, 0, piece) for piece in pieces if piece)


def _labels(names: Iterable[str]) -> tuple[dict[str, str], tuple[tuple[str, ...], ...]]:
    """The class of each folder name, and the groups of names that differ only in letter case or Unicode form."""
    groups: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        groups.setdefault(unicodedata.normalize("NFC", name).casefold(), []).append(name)
    label_of = {name: unicodedata.normalize("NFC", min(group)) for group in groups.values() for name in group}
    label_of |= {group[0]: group[0] for group in groups.values() if len(group) == 1}
    label_of = {name: as_unicode(label) for name, label in label_of.items()}  # a folder's name can be invalid Unicode
    return label_of, tuple(tuple(sorted(group)) for group in groups.values() if len(group) > 1)


def _class_folders(
    root: Path, parts: Sequence[tuple[Path, Part]], reading: Reading | None
) -> list[tuple[Path, Part | None]]:
    """The class folders, each with its part.

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
        raise DataError(_no_classes(root), file=root)
    if len(names) == 1 and (inner := propose_folder(root)) is not None:
        raise DataError(
            f"{str(root)!r} contains only the folder {relative_name(inner, root)!r}, "
            f"which contains the classes; use {str(inner)!r} instead.",
            file=root,
        )
    if reading is None and not parts:
        _doubt(root, [folder for folder, _ in folders])
    return folders


def _doubt(root: Path, folders: Sequence[Path]) -> None:
    """Make sure that parts of a data set are not silently trained as classes.

    Raises:
        LayoutDoubtError: some folders are named like parts, or all contain the same folders.
    """
    named = [folder.name for folder in folders if _part_of(folder.name) is not None]
    inside = [frozenset(child.name for child in _folders(folder)) for folder in folders]
    same = len(folders) > 1 and len(inside[0]) > 1 and all(names == inside[0] for names in inside)
    if len(named) < 2 and not same:
        return
    why = f"are named like parts ({listed(named)})" if len(named) > 1 else f"all contain {listed(sorted(inside[0]))}"
    raise AmbiguousLayoutError(
        f"The folders in {str(root)!r} {why}, so they may be the parts of one data set and not classes; choose whether "
        "to read them as parts or as classes (--reading parts or --reading classes).",
        file=root,
    )


def _part_of(name: str) -> Part | None:
    """The part that a folder's name stands for, also in variants such as `training_set` and `Test`."""
    return PART_NAMES.get(_SUFFIXES_OF_PARTS.sub("", name.lower()))


def propose_folder(root: Path) -> Path | None:
    """The folder inside `root` with the classes, if every folder on the way to it is the only one; else None."""
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
    if not os.path.lexists(root):
        raise DataError(f"The folder {str(root)!r} does not exist; check its name.", file=root)
    if not root.is_dir():
        raise DataError(
            f"{str(root)!r} is not a folder; give the folder that contains one folder per class.", file=root
        )
    try:
        with os.scandir(root) as entries:
            next(entries, None)
    except OSError as error:
        raise DataError(
            f"The folder {str(root)!r} cannot be read ({error.strerror or error}); check its permissions.",
            file=root,
        ) from error


def _no_classes(root: Path) -> str:
    if _loose(root):
        return (
            f"The pictures in {str(root)!r} are not sorted by class; move them into one folder per class, "
            "named after what they show."
        )
    return f"{str(root)!r} contains no folders; it needs one folder per class, with the pictures of that class in it."


def _part_folders(root: Path, reading: Reading | None = None) -> list[tuple[Path, Part]]:
    """The train / val / test folders in `root`, if all its folders are plainly named so and a train folder has classes.

    If `reading` is `parts`, names with a suffix count as well, and other folders are left out.
    """
    if reading == "classes":
        return []
    folders = _folders(root)
    known = [(folder, _part_of(folder.name)) for folder in folders]
    parts = [(folder, part) for folder, part in known if part is not None]
    plain = all(folder.name.lower() in PART_NAMES for folder, _ in parts)
    complete = bool(parts) and (reading == "parts" or (plain and len(parts) == len(folders)))
    if complete and any(part is Part.TRAIN and _folders(folder) for folder, part in parts):
        return parts
    return []


def _folders(folder: Path) -> list[Path]:
    """Sub-folders by name, without hidden ones and those that systems or devices created."""
    try:
        with os.scandir(folder) as found:
            entries = [Path(entry.path) for entry in found if entry.is_dir() and not is_passed_over(entry.name)]
        here = os.path.realpath(folder)
        entries = [path for path in entries if not _lies_in(here, os.path.realpath(path))]  # a link to itself, or above
    except OSError:
        return []  # the scan reports the class as empty
    return sorted(entries, key=lambda path: path.name)


def files_below(folder: Path, root: Path, closed: list[tuple[str, str]] | None = None) -> Iterator[Path]:
    """Files below `folder`, in a fixed order, for the scan and for the check whether anything has changed since.

    Links to folders elsewhere are followed, once each. Links back into `root` or above it are not, because those files
    are listed already. Folders that cannot be read are added to `closed`, with the reason.
    """
    real_root = os.path.realpath(root)
    seen: set[str] = set()

    def note(error: OSError) -> None:
        if closed is not None:
            closed.append((relative_name(Path(error.filename), root), error.strerror or str(error)))

    for parent, names, files in os.walk(folder, followlinks=True, onerror=note):
        names[:] = sorted(
            name for name in names if not is_passed_over(name) and _may_enter(parent, name, real_root, seen)
        )
        for name in sorted(files):
            if not is_passed_over(name):
                yield Path(parent, name)


def _may_enter(parent: str, name: str, real_root: str, seen: set[str]) -> bool:
    path = os.path.join(parent, name)  # noqa: PTH118 -- strings, for a hundred thousand folders
    if not os.path.islink(path):  # noqa: PTH114
        return True
    target = os.path.realpath(path)
    if target in seen or _lies_in(target, real_root) or _lies_in(real_root, target):
        return False
    seen.add(target)
    return True


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _vendors_folders(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.name.lower() in _NOT_OURS)
    except OSError:
        return []  # reported elsewhere as a folder that cannot be read


def _loose(folder: Path) -> list[Path]:
    """Pictures in `folder` itself."""
    return sorted(path for path in folder.iterdir() if is_picture_name(path.name) and not path.is_dir())


def _has_picture(folder: Path) -> bool:
    return any(is_picture_name(path.name) for path in files_below(folder, folder))


def is_passed_over(name: str) -> bool:
    """Whether a file or folder of that name is hidden, or created by a system or a device."""
    return name.startswith(".") or name.lower() in _NOT_OURS


def relative_name(path: Path, root: Path) -> str:
    """The path relative to `root` with forward slashes, as valid Unicode."""
    return as_unicode(PurePath(path).relative_to(root).as_posix())


def listed(names: Sequence[str]) -> str:
    """The first few names in quotes, and how many more there are."""
    shown = ", ".join(repr(as_unicode(name)) for name in names[:_NAMED_IN_MESSAGE])
    more = len(names) - _NAMED_IN_MESSAGE
    return f"{shown} and {more} more" if more > 0 else shown
