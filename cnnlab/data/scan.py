"""Scans a folder of pictures: reads and decodes every file once, and either uses it or reports why not."""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from cnnlab.data.decoding import decode_with_size, read_file
from cnnlab.data.identity import fingerprint, identical, numbered, picture_id
from cnnlab.data.layout import Layout, PictureFile, Reading, absolute, listed, read_layout, relative_name
from cnnlab.data.progress import ProgressCallback, Stopped, check_stopped, report_progress
from cnnlab.data.records import Finding, Part, Picture, Scan, Severity, Unreadable
from cnnlab.errors import DataError, PictureError

# Decoding to a small size saves the JPEG decoder computation, but it still reads every byte and finds truncated files.
_CHECK_SIDE: Final = 32
_THREADS: Final = min(8, os.cpu_count() or 1)  # Pillow and hashlib release the GIL while they work


class _Examined(NamedTuple):
    """An examined file: either a picture, or the reason why it cannot be read."""

    file: PictureFile
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
    progress: ProgressCallback | None = None,
    stopped: Stopped | None = None,
) -> Scan:
    """Read all pictures below `path`, with one folder per class, optionally inside train / val / test folders.

    `reading` says what the folders are, if that is ambiguous. `progress` is called with (files done, files in total),
    `stopped` before each file.

    Raises:
        DataError: no folder, no classes, nothing readable, or only one class.
        StoppedError: `stopped` returned True.
    """
    root = absolute(path)
    layout = read_layout(root, reading)
    examined = list(_examine_all(layout.files, progress, stopped))
    pictures = _pictures(examined)
    unreadable = tuple(
        Unreadable(file=relative_name(item.file.path, root), reason=item.reason)
        for item in examined
        if item.reason is not None
    ) + tuple(
        Unreadable(file=folder, reason=f"The folder cannot be read ({reason}); check its permissions.")
        for folder, reason in layout.closed
    )
    _check_usable(root, layout, pictures, unreadable)
    readable = {picture.label for picture in pictures}
    empty = tuple(name for name in layout.classes if name not in readable)
    groups = identical(pictures)
    return Scan(
        root=root,
        classes=tuple(name for name in layout.classes if name in readable),
        pictures=pictures,
        unreadable=unreadable,
        duplicates=tuple(tuple(relative_name(picture.path, root) for picture in group) for group in groups),
        empty_classes=empty,
        ignored=layout.ignored.total(),
        findings=tuple(_findings(layout, pictures, groups, unreadable, empty)),
        fingerprint=fingerprint((picture.label, picture.id) for picture in pictures),
    )


def _examine_all(
    files: Sequence[PictureFile], progress: ProgressCallback | None, stopped: Stopped | None
) -> Iterator[_Examined]:
    """Examine `files` in their order, in several threads, a few files ahead of the caller."""
    report_progress(progress, 0, len(files))
    todo = iter(files)
    with ThreadPoolExecutor(_THREADS) as pool:
        waiting = [pool.submit(_examine, file) for file in islice(todo, 4 * _THREADS)]
        try:
            for done in range(1, len(files) + 1):
                check_stopped(stopped, "The scan")
                yield waiting.pop(0).result()
                waiting.extend(pool.submit(_examine, file) for file in islice(todo, 1))
                report_progress(progress, done, len(files))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _examine(file: PictureFile) -> _Examined:
    try:
        data = read_file(file.path)
        decoded = decode_with_size(data, short_side=_CHECK_SIDE)
    except PictureError as error:
        return _Examined(file, reason=str(error))
    return _Examined(file, picture_id(data), decoded.width, decoded.height, decoded.format, len(data))


def _pictures(examined: Iterable[_Examined]) -> tuple[Picture, ...]:
    """The readable pictures, by label and path, so that the counters of identical files do not depend on scan order."""
    readable = sorted(
        (item for item in examined if item.reason is None), key=lambda item: (item.file.label, item.file.path)
    )
    return tuple(
        Picture(
            id=identifier,
            path=item.file.path,
            label=item.file.label,
            width=item.width,
            height=item.height,
            format=item.format,
            size_bytes=item.size_bytes,
            folder_part=item.file.part,
        )
        for identifier, item in zip(numbered(item.content for item in readable), readable, strict=True)
    )


def _check_usable(root: Path, layout: Layout, pictures: Sequence[Picture], unreadable: Sequence[Unreadable]) -> None:
    if not pictures:
        first = (
            f" (first of {len(unreadable)}: {unreadable[0].file!r}: {unreadable[0].reason.rstrip('.')})"
            if unreadable
            else ""
        )
        raise DataError(
            f"No picture in {str(root)!r} can be read{first}; add readable pictures of at least two classes.", file=root
        )
    labels = sorted({picture.label for picture in pictures})
    if len(labels) == 1:
        others = [name for name in layout.classes if name != labels[0]]
        empty = f" (no readable picture in {listed(others)})" if others else ""
        raise DataError(
            f"{str(root)!r} contains pictures of only one class, {labels[0]!r}{empty}; "
            "a network needs at least two to tell apart, so add a folder of other pictures.",
            file=root,
        )


def _findings(
    layout: Layout,
    pictures: Sequence[Picture],
    groups: Sequence[list[Picture]],
    unreadable: Sequence[Unreadable],
    empty: Sequence[str],
) -> Iterator[Finding]:
    """The most serious first: what distorts a comparison, then what is missing, then what was ignored."""
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
            sentence=f"The class {name!r} has no readable picture and is left out; add pictures or remove the folder.",
            files=tuple((item.file, item.reason) for item in unreadable if name in Path(item.file).parts[:-1]),
        )
    yield from _passed_over(layout)


def _several(
    what: str, remedy: str, groups: Iterable[list[Picture]], of: Callable[[Picture], object]
) -> Iterator[Finding]:
    """Pictures that are in several classes, or in several parts."""
    mixed = [group for group in groups if len({of(picture) for picture in group}) > 1]
    if mixed:
        names = listed([group[0].path.name for group in mixed])
        yield Finding(
            kind=f"several_{what}",
            severity=Severity.WARNING,
            sentence=f"{len(mixed)} pictures are in several {what} ({names}); {remedy}.",
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
                sentence=f"The class {label!r} has no training pictures and cannot be learnt; add some to its "
                "train folder.",
                classes=(label,),
            )


def _passed_over(layout: Layout) -> Iterator[Finding]:
    for folders in layout.merged:
        yield Finding(
            kind="merged_classes",
            severity=Severity.NOTE,
            sentence=f"The folders {listed(folders)} differ only in letter case or Unicode form and count as "
            "one class; rename one if they are not.",
            classes=tuple(folders),
        )
    if layout.loose:
        yield Finding(
            kind="beside_the_classes",
            severity=Severity.NOTE,
            sentence=f"{len(layout.loose)} pictures outside the class folders were ignored ({listed(layout.loose)}).",
            files=tuple((name, "It is outside the class folders.") for name in layout.loose),
        )
    if layout.ignored:
        extensions = ", ".join(f"{count} {extension}" for extension, count in sorted(layout.ignored.items()))
        yield Finding(
            kind="no_pictures",
            severity=Severity.NOTE,
            sentence=f"{layout.ignored.total()} files do not have a picture's file extension and were ignored "
            f"({extensions}).",
        )
    if layout.passed_over:
        names = sorted(set(layout.passed_over))
        yield Finding(
            kind="system_folders",
            severity=Severity.NOTE,
            sentence=f"Folders created by the system or a device were ignored ({listed(names)}).",
            files=tuple((name, "The system or a device created this folder.") for name in names),
        )
