"""One look at a folder of pictures: every file is read and decoded once, and either used or named with a reason.

Knows nothing of stores, splits and tensors.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from cnnlab.data.decoding import decode_with_size, read_file
from cnnlab.data.identity import content_hash, fingerprint, numbered, picture_id
from cnnlab.data.layout import Found, absolute, Layout, Reading, listed, read_layout, relative_name
from cnnlab.data.progress import Progress, Stopped, check_stopped, report
from cnnlab.data.records import Finding, Part, Picture, Scan, Severity, Unreadable
from cnnlab.errors import DataError, PictureError

# Decoding to a small size lets the JPEG decoder skip the arithmetic, but not a byte: a truncated file is still found.
_CHECK_SIDE: Final = 32
_THREADS: Final = min(8, os.cpu_count() or 1)  # Pillow and hashlib leave the interpreter to others while they work


class _Examined(NamedTuple):
    """A file with what was found in it: a reason, or else a picture."""

    found: Found
    content: str = ""
    width: int = 0
    height: int = 0
    format: str = ""
    size_bytes: int = 0
    reason: str | None = None


def scan_folder(
    path: Path | str,
    *,
    reading: Reading | None = None,
    progress: Progress | None = None,
    stopped: Stopped | None = None,
) -> Scan:
    """Read all pictures below `path`, one folder a class, also with train / val / test folders around the classes.

    `reading` says what the folders are, where that was doubted. `progress` is called with (files done, files in all),
    `stopped` asked before each file.

    Raises:
        DataError: no folder, no classes, nothing readable, or one class only.
        StoppedError: `stopped` said so.
    """
    root = absolute(path)
    layout = read_layout(root, reading)
    examined = list(_examine_all(layout.files, progress, stopped))
    pictures = _pictures(examined)
    unreadable = tuple(
        Unreadable(file=relative_name(item.found.path, root), reason=item.reason)
        for item in examined
        if item.reason is not None
    ) + tuple(
        Unreadable(file=folder, reason=f"The folder cannot be read ({reason}); check its permissions.")
        for folder, reason in layout.closed
    )
    _check_usable(root, layout, pictures, unreadable)
    readable = {picture.label for picture in pictures}
    empty = tuple(name for name in layout.classes if name not in readable)
    return Scan(
        root=root,
        classes=tuple(name for name in layout.classes if name in readable),
        pictures=pictures,
        unreadable=unreadable,
        duplicates=tuple(
            tuple(relative_name(picture.path, root) for picture in group) for group in _identical(pictures)
        ),
        empty_classes=empty,
        ignored=layout.ignored.total(),
        findings=tuple(_findings(layout, pictures, unreadable, empty)),
        fingerprint=fingerprint((picture.label, picture.id) for picture in pictures),
    )


def _examine_all(files: Sequence[Found], progress: Progress | None, stopped: Stopped | None) -> Iterator[_Examined]:
    """In the order of `files`, with several threads, a few files ahead of the caller."""
    report(progress, 0, len(files))
    todo = iter(files)
    with ThreadPoolExecutor(_THREADS) as pool:
        waiting = [pool.submit(_examine, found) for found in islice(todo, 4 * _THREADS)]
        try:
            for done in range(1, len(files) + 1):
                check_stopped(stopped, "The scan")
                yield waiting.pop(0).result()
                waiting.extend(pool.submit(_examine, found) for found in islice(todo, 1))
                report(progress, done, len(files))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _examine(found: Found) -> _Examined:
    try:
        data = read_file(found.path)
        decoded = decode_with_size(data, short_side=_CHECK_SIDE)
    except PictureError as error:
        return _Examined(found, reason=str(error))
    return _Examined(found, picture_id(data), decoded.width, decoded.height, decoded.format, len(data))


def _pictures(examined: Iterable[_Examined]) -> tuple[Picture, ...]:
    """The readable ones, by label and path, so that the counters of identical files do not depend on other classes."""
    readable = sorted(
        (item for item in examined if item.reason is None), key=lambda item: (item.found.label, item.found.path)
    )
    return tuple(
        Picture(
            id=identifier,
            path=item.found.path,
            label=item.found.label,
            width=item.width,
            height=item.height,
            format=item.format,
            size_bytes=item.size_bytes,
            folder_part=item.found.part,
        )
        for identifier, item in zip(numbered(item.content for item in readable), readable, strict=True)
    )


def _check_usable(root: Path, layout: Layout, pictures: Sequence[Picture], unreadable: Sequence[Unreadable]) -> None:
    if not pictures:
        why = f"; the first of {len(unreadable)}, {unreadable[0].file!r}: {unreadable[0].reason}" if unreadable else "."
        raise DataError(f"No picture in {str(root)!r} can be read; two classes of them are needed{why}")
    labels = sorted({picture.label for picture in pictures})
    if len(labels) == 1:
        others = [name for name in layout.classes if name != labels[0]]
        empty = f" ({listed(others)} held nothing readable)" if others else ""
        raise DataError(
            f"{str(root)!r} holds pictures of one class only, {labels[0]!r}{empty}; "
            "a network needs at least two to tell apart, so add a folder with others."
        )


def _identical(pictures: Iterable[Picture]) -> list[list[Picture]]:
    groups: dict[str, list[Picture]] = defaultdict(list)
    for picture in pictures:
        groups[content_hash(picture.id)].append(picture)
    return [group for group in groups.values() if len(group) > 1]


def _findings(
    layout: Layout, pictures: Sequence[Picture], unreadable: Sequence[Unreadable], empty: Sequence[str]
) -> Iterator[Finding]:
    """The gravest first: what spoils a comparison, then what is missing, then what was passed over."""
    groups = _identical(pictures)
    yield from _several("classes", "keep each in one class only", groups, lambda picture: picture.label)
    yield from _several("parts", "they are used for training only", groups, lambda picture: picture.folder_part)
    yield from _missing_in_training(pictures)
    for folder, reason in layout.closed:
        yield Finding(
            kind="closed_folder",
            severity=Severity.WARNING,
            sentence=f"The folder {folder!r} cannot be read ({reason}), so its pictures are missing; check its "
            "permissions.",
            files=((folder, reason),),
        )
    for name in empty:
        yield Finding(
            kind="empty_class",
            severity=Severity.WARNING,
            sentence=f"The class {name!r} holds no readable picture and is left out; add pictures or remove the folder.",
            files=tuple((item.file, item.reason) for item in unreadable if name in Path(item.file).parts[:-1]),
        )
    yield from _passed_over(layout)


def _several(what: str, remedy: str, groups: Iterable[list[Picture]], of: Callable[[Picture], object]) -> Iterator[Finding]:
    """Pictures that lie in several classes, or in several parts."""
    mixed = [group for group in groups if len({of(picture) for picture in group}) > 1]
    if mixed:
        names = listed([group[0].path.name for group in mixed])
        yield Finding(
            kind=f"several_{what}",
            severity=Severity.WARNING,
            sentence=f"{len(mixed)} pictures lie in several {what} ({names}); {remedy}.",
            pictures=tuple(picture.id for group in mixed for picture in group),
        )


def _missing_in_training(pictures: Iterable[Picture]) -> Iterator[Finding]:
    parts: dict[str, Counter[Part | None]] = defaultdict(Counter)
    for picture in pictures:
        parts[picture.label][picture.folder_part] += 1
    for label, counts in sorted(parts.items()):
        if None not in counts and Part.TRAIN not in counts:
            yield Finding(
                kind="no_training_pictures",
                severity=Severity.WARNING,
                sentence=f"The class {label!r} has no training pictures; it cannot be learnt, so add some to its "
                "train folder.",
                classes=(label,),
            )


def _passed_over(layout: Layout) -> Iterator[Finding]:
    for folders in layout.merged:
        yield Finding(
            kind="merged_classes",
            severity=Severity.NOTE,
            sentence=f"The folders {listed(folders)} differ in letter case or accents only and are one class; rename "
            "one if not.",
            classes=tuple(folders),
        )
    if layout.loose:
        yield Finding(
            kind="beside_the_classes",
            severity=Severity.NOTE,
            sentence=f"{len(layout.loose)} pictures beside the class folders were passed over ({listed(layout.loose)}).",
            files=tuple((name, "It lies beside the class folders.") for name in layout.loose),
        )
    if layout.ignored:
        endings = ", ".join(f"{count} {ending}" for ending, count in sorted(layout.ignored.items()))
        yield Finding(
            kind="no_pictures",
            severity=Severity.NOTE,
            sentence=f"{layout.ignored.total()} files do not have a picture's file extension and were passed over "
            f"({endings}).",
        )
    if layout.passed_over:
        names = sorted(set(layout.passed_over))
        yield Finding(
            kind="system_folders",
            severity=Severity.NOTE,
            sentence=f"Folders of the system or of a vendor were passed over ({listed(names)}).",
            files=tuple((name, "It is a folder of the system or of a vendor.") for name in names),
        )
