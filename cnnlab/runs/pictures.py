"""The pictures of a run: how they are split, and whether they are still the same as at its start."""

from typing import Final

from cnnlab.data.splits import make_split
from cnnlab.errors import DataError
from cnnlab.runs.folder import RunFolder
from cnnlab.store.datasets import keep_split, pictures_of, register_folder, relative_path, split_of
from cnnlab.store.records import DataSetRecord, RunRecord, SplitRecord
from cnnlab.store.store import Store
from cnnlab.training.config import DataConfig

NAMES_SHOWN: Final = 3


def ensure_split(store: Store, dataset: DataSetRecord, data: DataConfig) -> SplitRecord:
    """The split that a configuration names or describes; a new one keeps each picture in the part of an earlier one.

    Raises:
        DataError: the configuration names a split that does not exist.
    """
    if data.split is not None:
        record = store.datasets.split(dataset.dataset_id, data.split)
        if record is None:
            raise DataError(f"Data set {dataset.name!r} has no split {data.split}; choose one of its splits, or none.")
        return record
    similar = [
        record
        for record in store.datasets.splits(dataset.dataset_id)
        if (record.seed, record.val_fraction, record.test_fraction)
        == (data.split_seed, data.val_fraction, data.test_fraction)
    ]
    if similar and similar[-1].parts.keys() == set(store.datasets.picture_ids(dataset.dataset_id)):
        return similar[-1]
    split = make_split(
        pictures_of(store, dataset),
        val_fraction=data.val_fraction,
        test_fraction=data.test_fraction,
        seed=data.split_seed,
        previous=split_of(similar[-1]) if similar else None,
    )
    return keep_split(store, dataset, split)


def check_unchanged(store: Store, run: RunRecord) -> None:
    """Check that the pictures of a run are the same as at its start.

    Raises:
        DataError: they are not; the message names missing and new pictures.
    """
    if run.fingerprint is None:
        return  # it never started
    dataset = register_folder(store, run.config["data"]["path"])
    if dataset.fingerprint == run.fingerprint:
        return
    rows_before = RunFolder(store.workspace.runs / run.run_id).read_pictures()
    rows_now = store.datasets.pictures(dataset.dataset_id)
    before = {(row["label"], row["id"]): row["path"] for row in rows_before}
    now = {(row["label"], row["picture_id"]): relative_path(dataset, row["path"]) for row in rows_now}
    gone = [path for key, path in before.items() if key not in now]
    new = [path for key, path in now.items() if key not in before]
    raise DataError(
        f"The pictures in {dataset.path!r} have changed since run {run.run_id} began "
        f"({_names('missing or changed', gone)}; {_names('new', new)}); restore them to resume the run, or clone it "
        "to train on the current pictures."
    )


def _names(what: str, paths: list[str]) -> str:
    if not paths:
        return f"none {what}"
    more = f" and {len(paths) - NAMES_SHOWN} more" if len(paths) > NAMES_SHOWN else ""
    return f"{what}: {', '.join(sorted(paths)[:NAMES_SHOWN])}{more}"
