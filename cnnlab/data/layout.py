"""How folders stand for classes and parts: which file belongs to which; opens no file.

As torchvision's ImageFolder reads them: one folder a class, whose pictures may lie at any depth. Differs in that hidden
folders and those of vendors are passed over, that train / val / test folders are understood, that a link back into the
folder is not followed, and that what looks like something else than classes is doubted until somebody says what it is.
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
from cnnlab.errors import DataError, LayoutDoubtError
from cnnlab.names import readable

PART_NAMES: Final = {
    **dict.fromkeys(("train", "training"), Part.TRAIN),
    **dict.fromkeys(("val", "valid", "validation", "dev"), Part.VAL),
    **dict.fromkeys(("test", "testing"), Part.TEST),
}
_SUFFIXES_OF_PARTS: Final = re.compile(r"[ _-]*(set|data|images|imgs|split)$")
Reading = Literal["parts", "classes"]
"""What somebody said that the folders are, where their names leave a doubt."""
_OF_WINDOWS: Final = re.compile(r"^[A-Za-z]:[\\/]|^\\\\\\\\")
_NOT_OURS: Final = frozenset(
    (
        *("__macosx", "system volume information", "$recycle.bin", "recycler", "lost+found"),
        *("@eadir", "#recycle", "#snapshot", "thumbnails", "__pycache__"),
    )
)
"""Thumbnails and bins that systems and vendors leave in folders, in small letters; hidden ones begin with a dot."""
_NAMED_IN_MESSAGE: Final = 5


class Found(NamedTuple):
    """A file taken for a picture."""

    path: Path
    label: str
    part: Part | None


class Layout(NamedTuple):
    """The classes (sorted, empty ones too) and the files in them.

    `ignored` counts files of other kinds by their ending; `loose` are pictures that lie beside the folders; `closed`
    are folders that could not be read, with the reason; `merged` are names that are one class; `passed_over` are
    folders of vendors.
    """

    classes: tuple[str, ...]
    files: tuple[Found, ...]
    ignored: Counter[str]
    loose: tuple[str, ...]
    closed: tuple[tuple[str, str], ...] = ()
    merged: tuple[tuple[str, ...], ...] = ()
    passed_over: tuple[str, ...] = ()


class Glance(NamedTuple):
    """Class names, and pictures by their endings; all there are only if `is_complete`."""

    classes: tuple[str, ...]
    pictures: int
    is_complete: bool


def glance(root: Path, *, reading: Reading | None = None, most_files: int = 5_000) -> Glance:
    """What can be told of a folder at once, from the names of its first files, for somebody who is typing its path.

    Raises:
        DataError: the folder is missing, or cannot be a data set by its names.
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


def absolute(path: Path | str) -> Path:
    """The whole path of a folder that somebody named; links in it stay as they are.

    Raises:
        DataError: it is an address or a path of another system, or no path at all.
    """
    text = os.fspath(path)
    if _OF_WINDOWS.match(text) and os.name != "nt":
        raise DataError(f"{text[:80]!r} is a path of Windows, and this is another system; give the path as it is here.")
    if text.startswith("file://"):
        text = url2pathname(urlsplit(text).path)
    elif "://" in text[:20]:
        raise DataError(f"{text[:80]!r} is an address; give the path of a folder on this machine.")
    try:
        found = Path(os.path.abspath(Path(text).expanduser()))  # noqa: PTH100 -- resolve() would follow links
        os.stat(found)  # noqa: PTH116
    except FileNotFoundError:
        return found
    except PermissionError:
        return found
    except (RuntimeError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{text[:80]!r} cannot be the path of a folder ({reason}); check it.") from error
    return found


def read_layout(root: Path, reading: Reading | None = None) -> Layout:
    """Find the classes and their files; `reading` says what the folders are, where that was doubted.

    Raises:
        DataError: the folder is missing, or holds no classes; a sub-folder that does is named.
    """
    _check_folder(root)
    parts = _part_folders(root, reading)
    class_folders = _class_folders(root, parts, reading)
    label_of, merged = _labels(folder.name for folder, _ in class_folders)
    names = sorted(set(label_of.values()), key=natural)
    files: list[Found] = []
    ignored: Counter[str] = Counter()
    closed: list[tuple[str, str]] = []
    for folder, part in sorted(class_folders):
        for path in files_below(folder, root, closed):
            if is_picture_name(path.name):
                files.append(Found(path, label_of[folder.name], part))
            else:
                ignored[path.suffix.lower() or "no ending"] += 1
    tops = (root, *(top for top, _ in parts))
    loose = [path.name for top in tops for path in _loose(top)]
    passed_over = [name for top in (*tops, *(folder for folder, _ in class_folders)) for name in _vendors_folders(top)]
    return Layout(tuple(names), tuple(files), ignored, tuple(loose), tuple(closed), merged, tuple(passed_over))


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sorts names as people do: 2 before 10."""
    pieces = re.split(r"(\d+)", name)
    return tuple((0, int(piece), piece) if piece.isdecimal() else (1, 0, piece) for piece in pieces if piece)


def _labels(names: Iterable[str]) -> tuple[dict[str, str], tuple[tuple[str, ...], ...]]:
    """Class of each folder's name, and the names that are one class: alike but for letter case and Unicode's forms."""
    groups: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        groups.setdefault(unicodedata.normalize("NFC", name).casefold(), []).append(name)
    label_of = {name: unicodedata.normalize("NFC", min(group)) for group in groups.values() for name in group}
    label_of |= {group[0]: group[0] for group in groups.values() if len(group) == 1}
    label_of = {name: readable(label) for name, label in label_of.items()}  # a folder's name need not be text
    return label_of, tuple(tuple(sorted(group)) for group in groups.values() if len(group) > 1)


def _class_folders(
    root: Path, parts: Sequence[tuple[Path, Part]], reading: Reading | None
) -> list[tuple[Path, Part | None]]:
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
    if reading is None and not parts:
        _doubt(root, [folder for folder, _ in folders])
    return folders


def _doubt(root: Path, folders: Sequence[Path]) -> None:
    """Refuse what would be trained silently wrong: parts taken for classes.

    Raises:
        LayoutDoubtError: some folders are named like parts, or all hold the same folders.
    """
    named = [folder.name for folder in folders if _part_of(folder.name) is not None]
    inside = [frozenset(child.name for child in _folders(folder)) for folder in folders]
    same = len(folders) > 1 and len(inside[0]) > 1 and all(one == inside[0] for one in inside)
    if len(named) < 2 and not same:
        return
    why = f"are named like parts ({listed(named)})" if len(named) > 1 else f"all hold {listed(sorted(inside[0]))}"
    raise LayoutDoubtError(
        f"The folders in {str(root)!r} {why}, so they may be parts of one data set and no classes; say which it is: "
        "read them as parts, or as classes (--reading parts or --reading classes)."
    )


def _part_of(name: str) -> Part | None:
    """The part that a folder's name means: `training_set` and `Test` too."""
    return PART_NAMES.get(_SUFFIXES_OF_PARTS.sub("", name.lower()))


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
    if not os.path.lexists(root):
        raise DataError(f"The folder {str(root)!r} does not exist; check its name.")
    if not root.is_dir():
        raise DataError(f"{str(root)!r} is a file; give the folder that holds one folder a class.")
    try:
        with os.scandir(root) as entries:
            next(entries, None)
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


def _part_folders(root: Path, reading: Reading | None = None) -> list[tuple[Path, Part]]:
    """The train / val / test folders, if all folders in `root` are such, one of them trains, and holds classes.

    Read as parts, other folders beside them are left out; names with a suffix count then only, or where all have one.
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
    """Sub-folders by name, without hidden ones and those that an operating system has left."""
    try:
        with os.scandir(folder) as found:
            entries = [Path(entry.path) for entry in found if entry.is_dir() and not is_passed_over(entry.name)]
        here = os.path.realpath(folder)
        entries = [path for path in entries if not _lies_in(here, os.path.realpath(path))]  # a link to itself, or above
    except OSError:
        return []  # the scan says that the class is empty
    return sorted(entries, key=lambda path: path.name)


def files_below(folder: Path, root: Path, closed: list[tuple[str, str]] | None = None) -> Iterator[Path]:
    """Files below `folder`, in a fixed order; the one way in which scan and look-again list a class.

    Links to folders elsewhere are followed, once each; one that leads back into `root` or above it is not: what lies
    there has its own place already. Folders that cannot be read go into `closed`, with the reason.
    """
    real_root = os.path.realpath(root)
    seen: set[str] = set()

    def note(error: OSError) -> None:
        if closed is not None:
            closed.append((relative_name(Path(error.filename), root), error.strerror or str(error)))

    for parent, names, files in os.walk(folder, followlinks=True, onerror=note):
        names[:] = sorted(name for name in names if not is_passed_over(name) and _may_enter(parent, name, real_root, seen))
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
        return []  # named as a folder that cannot be read


def _loose(folder: Path) -> list[Path]:
    """Pictures in `folder` itself."""
    return sorted(path for path in folder.iterdir() if is_picture_name(path.name) and not path.is_dir())


def _has_picture(folder: Path) -> bool:
    return any(is_picture_name(path.name) for path in files_below(folder, folder))


def is_passed_over(name: str) -> bool:
    """Whether a file or folder of that name is hidden, or left by a system or a vendor."""
    return name.startswith(".") or name.lower() in _NOT_OURS


def relative_name(path: Path, root: Path) -> str:
    """The path below `root` with forward slashes, as text that can be shown."""
    return readable(PurePath(path).relative_to(root).as_posix())


def listed(names: Sequence[str]) -> str:
    """The first few names in quotes, and how many more there are."""
    shown = ", ".join(repr(readable(name)) for name in names[:_NAMED_IN_MESSAGE])
    more = len(names) - _NAMED_IN_MESSAGE
    return f"{shown} and {more} more" if more > 0 else shown
