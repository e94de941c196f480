"""The kinds of tasks; each takes plain arguments and returns a plain result.

scan        path, name, reading, again      a folder, left in place -> dataset_id
unpack      archive, name                   a zip into the workspace -> dataset_id, ignored, notes
samples     samples, per_class, seed        bundled pictures into the workspace -> dataset_id
thumbnails  dataset_id, side                thumbnails for a data set's first pages -> made
"""

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from cnnlab.data.layout import listed
from cnnlab.errors import CnnLabError
from cnnlab.store.store import Store

if TYPE_CHECKING:
    from cnnlab.data.archives import Unpacked
    from cnnlab.data.layout import Reading


class Report(Protocol):
    """How a task reports its progress and learns whether to stop."""

    def stage(self, message: str) -> None:
        """Name the current stage."""

    def progress(self, done: int, total: int) -> None:
        """Report progress within the stage."""

    def stopped(self) -> bool:
        """Whether the task was asked to stop."""


MAX_BEFOREHAND: Final = 3_000
"""Thumbnails after these are made when their page is opened: few people go that far, and 100,000 take half an hour."""

Arguments = Mapping[str, Any]
Kind = Callable[[Store, Arguments, Report], dict[str, Any]]


def scan(store: Store, arguments: Arguments, report: Report) -> dict[str, Any]:
    """Register a folder as a data set; the lab owns it if it is in the workspace.

    Raises:
        DataError: it is not a data set.
    """
    path = Path(arguments["path"])
    owned = path.resolve().is_relative_to(store.workspace.datasets)
    return _register(
        store,
        path,
        report,
        name=arguments.get("name"),
        owned=owned,
        reading=arguments.get("reading"),
        again=bool(arguments.get("again")),
    )


def unpack(store: Store, arguments: Arguments, report: Report) -> dict[str, Any]:
    """Unpack a zip into the workspace and register it.

    An archive in the workspace, which is the lab's own copy, is deleted in any case. The same archive is unpacked only
    once.

    Raises:
        DataError: the zip is not acceptable, or holds no data set.
        DiskError: the disk is full.
    """
    archive = Path(arguments["archive"])
    try:
        return _unpack(store, archive, str(arguments["name"]), report)
    finally:
        if archive.is_relative_to(store.workspace.home):
            archive.unlink(missing_ok=True)


def _unpack(store: Store, archive: Path, name: str, report: Report) -> dict[str, Any]:
    from cnnlab.data.archives import unpack_zip
    from cnnlab.data.identity import picture_id

    target = store.workspace.datasets / f"{slug(name)}-{picture_id(archive)[:8]}"
    ignored, notes = 0, []
    if not target.exists():
        report.stage("Unpacking")
        half = target.with_name(f".{target.name}.unpacked")
        shutil.rmtree(half, ignore_errors=True)
        try:
            unpacked = unpack_zip(archive, half, progress=report.progress, stopped=report.stopped)
            ignored, notes = unpacked.ignored, _notes(unpacked)
            root_of(half).rename(target)
        finally:
            shutil.rmtree(half, ignore_errors=True)
    try:
        result = _register(store, target, report, name=name, owned=True)
    except CnnLabError:
        if store.datasets.at(str(target)) is None:
            shutil.rmtree(target, ignore_errors=True)  # otherwise it could be neither used nor found and deleted
        raise
    return {**result, "ignored": ignored, "notes": notes}


def _notes(unpacked: "Unpacked") -> list[str]:
    """What the user should check before training on an archive."""
    notes = []
    if unpacked.encoding is not None:
        notes.append(
            f"The names in the zip were read as {unpacked.encoding}: check that the classes are spelt correctly."
        )
    if unpacked.refused:
        names = listed(unpacked.refused)
        notes.append(f"{len(unpacked.refused)} pictures were left out because not every system can store {names}.")
    return notes


def samples(store: Store, arguments: Arguments, report: Report) -> dict[str, Any]:
    """Write bundled pictures into the workspace and register them.

    Raises:
        UsageError: there are no bundled pictures with that name.
    """
    from cnnlab.data.samples import write_samples

    name, per_class, seed = str(arguments["samples"]), int(arguments["per_class"]), int(arguments["seed"])
    report.stage("Painting pictures")
    folder = store.workspace.datasets / f"{slug(name)}-{per_class}-{seed}"
    write_samples(name, folder, per_class=per_class, seed=seed, progress=report.progress)
    return _register(store, folder, report, name=name, owned=True)


def thumbnails(store: Store, arguments: Arguments, report: Report) -> dict[str, Any]:
    """Make the missing thumbnails for a data set's first pages, so that the gallery shows them at once."""
    from cnnlab.data.thumbnails import make_thumbnails
    from cnnlab.store.datasets import pictures_of

    dataset = store.datasets.get(int(arguments["dataset_id"]))
    pictures = () if dataset is None else pictures_of(store, dataset, limit=MAX_BEFOREHAND)
    report.stage("Making thumbnails")
    made = make_thumbnails(
        [(picture.path, picture.id) for picture in pictures],
        side=int(arguments["side"]),
        cache=store.workspace.cache,
        progress=report.progress,
    )
    return {"made": made}


LOW_PRIORITY: Final = frozenset({"thumbnails"})
"""Kinds that nobody waits for, so that pages and runs take precedence."""
KINDS: Final[Mapping[str, Kind]] = {"scan": scan, "unpack": unpack, "samples": samples, "thumbnails": thumbnails}


def slug(name: str) -> str:
    """A name in a form that every system can store as part of a folder name."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40] or "pictures"


def root_of(folder: Path) -> Path:
    """The folder that holds the classes: most programs also pack the outer folder, which is then the only entry."""
    entries = list(folder.iterdir())
    while len(entries) == 1 and entries[0].is_dir() and any(inner.is_dir() for inner in entries[0].iterdir()):
        folder = entries[0]
        entries = list(folder.iterdir())
    return folder


def _register(
    store: Store,
    folder: Path,
    report: Report,
    *,
    name: str | None,
    owned: bool,
    reading: "Reading | None" = None,
    again: bool = False,
) -> dict[str, Any]:
    from cnnlab.store.datasets import register_folder

    report.stage("Scanning the pictures")
    record = register_folder(
        store,
        folder,
        name=name,
        owned=owned,
        reading=reading,
        again=again,
        progress=report.progress,
        stopped=report.stopped,
    )
    return {"dataset_id": record.dataset_id}
