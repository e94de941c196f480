"""Registers folders of pictures as data sets and stores their splits, for pages and command line alike."""

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from cnnlab.data.layout import Reading, absolute, files_below
from cnnlab.data.records import Part, Picture, Scan
from cnnlab.data.splits import Split
from cnnlab.errors import DataError, RunStateError
from cnnlab.store.records import ACTIVE, DataSetRecord, SplitRecord, Status
from cnnlab.store.store import Store

GENERIC_NAMES: Final = frozenset(
    ("all", "data", "dataset", "images", "imgs", "photos", "pictures", "train", "training", "val", "test", "raw")
)
RAW_PATH: Final = "bytes:"


def register_folder(
    store: Store,
    path: Path | str,
    *,
    name: str | None = None,
    owned: bool = False,
    reading: Reading | None = None,
    again: bool = False,
    progress: Callable[[int, int], None] | None = None,
    stopped: Callable[[], bool] | None = None,
) -> DataSetRecord:
    """Scan a folder and record it as a data set; a known and unchanged one is scanned only if `again` is set.

    `reading` tells whether ambiguous folders are parts or classes; the answer is kept for later scans.

    Raises:
        DataError: the folder cannot be used as a data set.
        LayoutDoubtError: its folders may be parts or classes, and `reading` was never given.
    """
    from cnnlab.data.scan import scan_folder

    root = absolute(path).resolve()
    listing = list_folder(root)
    known = store.datasets.at(str(root))
    key = f"reading:{root}"
    answer: Reading | None = reading or store.settings.get(key)
    is_answered = reading is None or reading == store.settings.get(key)
    if known is not None and known.listing == listing and not known.forgotten and not again and is_answered:
        return known
    scan = scan_folder(root, reading=answer, progress=progress, stopped=stopped)
    if reading is not None:
        store.settings.put(key, reading)
    columns = _columns(scan, name or proposed_name(root), owned, listing)
    return store.datasets.put(str(root), columns, _picture_rows(scan))


def proposed_name(root: Path) -> str:
    """A name for the data set in a folder: one such as `all` or `train` means nothing without the parent folder's."""
    needs_parent = root.name.lower() in GENERIC_NAMES and root.parent.name
    return f"{root.parent.name}/{root.name}" if needs_parent else root.name


def list_folder(root: Path) -> str:
    """Hash of name, size, time and permissions of every file in a folder tree; takes seconds for 100,000 files.

    Raises:
        DataError: the folder does not exist.
    """
    if not root.is_dir():
        raise DataError(
            f"The folder {str(root)!r} does not exist; name a folder with one sub-folder for each class.", file=root
        )
    entries = []
    closed: list[tuple[str, str]] = []
    start = len(os.fsencode(root).rstrip(os.fsencode(os.sep))) + 1
    for file in files_below(root, root, closed):
        try:
            status = os.stat(file)  # noqa: PTH116 -- 100,000 of them
        except OSError:
            continue  # it vanished, or is a broken link: the scan reports it
        entries.append(f"{os.fsencode(file)[start:]!r} {status.st_size} {status.st_mtime_ns} {status.st_mode}")
    entries += [f"closed {folder!r}" for folder, _ in closed]
    return hashlib.sha256("\n".join(sorted(entries)).encode()).hexdigest()


def pictures_of(
    store: Store,
    dataset: DataSetRecord,
    *,
    label: str | None = None,
    beginning: str | None = None,
    offset: int = 0,
    limit: int | None = None,
) -> tuple[Picture, ...]:
    """The pictures of a data set as of its last scan: all, or those of a class, with an id prefix, or on one page."""
    rows = store.datasets.pictures(dataset.dataset_id, label=label, beginning=beginning, offset=offset, limit=limit)
    return tuple(picture_of(row) for row in rows)


def keep_split(store: Store, dataset: DataSetRecord, split: Split) -> SplitRecord:
    """Store a split of a data set; if an equal one exists, return that instead."""
    return store.datasets.add_split(
        dataset.dataset_id,
        seed=split.seed,
        val_fraction=split.val_fraction,
        test_fraction=split.test_fraction,
        split_hash=split.hash,
        parts={identifier: str(part) for identifier, part in split.parts.items()},
    )


def split_of(record: SplitRecord) -> Split:
    """The split in a record."""
    return Split(
        seed=record.seed,
        val_fraction=record.val_fraction,
        test_fraction=record.test_fraction,
        parts={identifier: Part(part) for identifier, part in record.parts.items()},
    )


def path_text(path: Path) -> str:
    """A path as text for the database; as hexadecimal bytes if it is not valid UTF-8."""
    raw = os.fsencode(path)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return RAW_PATH + raw.hex()


def path_from(text: str) -> Path:
    """The inverse of `path_text`."""
    return Path(os.fsdecode(bytes.fromhex(text.removeprefix(RAW_PATH))) if text.startswith(RAW_PATH) else text)


def relative_path(dataset: DataSetRecord, path: str) -> str:
    """A picture's path relative to its data set's folder, with forward slashes."""
    file, folder = str(path_from(path)) if path.startswith(RAW_PATH) else path, f"{dataset.path}{os.sep}"
    if file.startswith(folder):  # almost always; `relpath` would take seconds for 100,000 paths
        return file.removeprefix(folder).replace(os.sep, "/")
    return Path(os.path.relpath(file, dataset.path)).as_posix()


def forget(store: Store, dataset_id: int) -> None:
    """Take a data set off the list. Only files that the lab made are deleted; runs that used it stay.

    Raises:
        RunStateError: a run is using it.
    """
    dataset = store.datasets.get(dataset_id)
    if dataset is None:
        return
    using = [
        run for run in store.runs.list(status={*ACTIVE, Status.QUEUED}) if run.config["data"]["path"] == dataset.path
    ]
    if using:
        raise RunStateError(
            f"Data set {dataset.name!r} is used by run {using[0].run_id}; stop that run first.", run_id=using[0].run_id
        )
    store.datasets.forget(dataset_id)
    folder = Path(dataset.path)
    if dataset.owned and folder.is_relative_to(store.workspace.datasets) and folder != store.workspace.datasets:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(folder.with_name(f"{folder.name}_masks"), ignore_errors=True)  # beside bundled pictures


def _columns(scan: Scan, name: str, owned: bool, listing: str) -> Mapping[str, Any]:
    return {
        "name": name,
        "owned": owned,
        "fingerprint": scan.fingerprint,
        "listing": listing,
        "classes": list(scan.classes),
        "counts": dict(scan.counts),
        "unreadable": [{"file": item.file, "reason": item.reason} for item in scan.unreadable],
        "duplicates": [list(group) for group in scan.duplicates],
        "findings": [finding.as_json() for finding in scan.findings],
    }


def _picture_rows(scan: Scan) -> list[dict[str, Any]]:
    return [
        {
            "picture_id": picture.id,
            "path": path_text(picture.path),
            "label": picture.label,
            "width": picture.width,
            "height": picture.height,
            "format": picture.format,
            "size_bytes": picture.size_bytes,
            "folder_part": None if picture.folder_part is None else str(picture.folder_part),
        }
        for picture in scan.pictures
    ]


def picture_of(row: Mapping[Any, Any]) -> Picture:
    """A row of `pictures` as a `Picture`."""
    return Picture(
        id=row["picture_id"],
        path=path_from(row["path"]),
        label=row["label"],
        width=row["width"],
        height=row["height"],
        format=row["format"],
        size_bytes=row["size_bytes"],
        folder_part=None if row["folder_part"] is None else Part(row["folder_part"]),
    )
