"""A collection of uploaded photos, which becomes a data set once it has two classes."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cnnlab.data.formats import is_picture_name
from cnnlab.store.records import DataSetRecord
from cnnlab.tasks.kinds import slug
from cnnlab.ui import drafts
from cnnlab.ui.resources import store

DRAFT: Final = "collection"
NEW_NAME: Final = "my pictures"


def owned() -> dict[str, DataSetRecord]:
    """Data sets whose files the lab made, by path: pictures can only be added to these."""
    return {dataset.path: dataset for dataset in store().datasets.all() if dataset.owned}


def begun() -> Path:
    """The folder of the collection that is not a data set yet; a new folder if there is none."""
    datasets = store().workspace.datasets
    kept = drafts.recall(DRAFT)
    folder = datasets / kept if isinstance(kept, str) else None
    if folder is None or folder.parent != datasets or str(folder) in owned():
        folder = datasets / f"{slug(NEW_NAME)}-{secrets.token_hex(4)}"
        drafts.remember(DRAFT, folder.name)
    return folder


def classes_in(folder: Path) -> Mapping[str, int]:
    """Number of pictures in each class, judged by file extension."""
    if not folder.is_dir():
        return {}
    inner = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    return {path.name: sum(is_picture_name(file.name) for file in path.iterdir()) for path in inner}
