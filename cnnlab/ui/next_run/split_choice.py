"""How the pictures of each data set are split: fractions, a seed, and the existing splits.

A choice belongs to its data set and is kept with it: choosing one changes no other data set, and a recipe changes
none.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Final, Self

from cnnlab.errors import ConfigError
from cnnlab.runs.pictures import ensure_split
from cnnlab.store.records import DataSetRecord, SplitRecord
from cnnlab.store.store import Store
from cnnlab.training.config import DataConfig
from cnnlab.training.recipes import get_recipe
from cnnlab.ui import drafts
from cnnlab.ui.resources import store

VAL, TEST, SEED = "data.val_fraction", "data.test_fraction", "data.split_seed"
PATHS: Final = (VAL, TEST, SEED)
_DEFAULTS: Final = {path: DataConfig.model_fields[path.partition(".")[2]].default for path in PATHS}


@dataclass(frozen=True)
class SplitChoice:
    """Fractions of each class, and the seed that decides which pictures go where."""

    val_fraction: float
    test_fraction: float
    seed: int

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """The choice described by settings by path; missing ones have their defaults."""
        values = {**_DEFAULTS, **{path: value for path, value in settings.items() if path in _DEFAULTS}}
        return cls(float(values[VAL]), float(values[TEST]), int(values[SEED]))

    def settings(self) -> dict[str, Any]:
        """As settings by path."""
        return {VAL: self.val_fraction, TEST: self.test_fraction, SEED: self.seed}

    def config(self, dataset: DataSetRecord) -> DataConfig:
        """As part of a run's configuration.

        Raises:
            ConfigError: nothing would be left to train on.
        """
        return DataConfig(
            path=dataset.path,
            val_fraction=self.val_fraction,
            test_fraction=self.test_fraction,
            split_seed=self.seed,
        )


def current(dataset: DataSetRecord) -> SplitChoice:
    """How the data set will be split for its next run."""
    kept = drafts.recall(_name(dataset))
    try:
        return SplitChoice(**kept) if kept else SplitChoice.of({})
    except TypeError:
        return SplitChoice.of({})


def choose(dataset: DataSetRecord, split_choice: SplitChoice) -> None:
    """Choose how the data set will be split for its next run."""
    drafts.remember(_name(dataset), asdict(split_choice))


def proposed(dataset: DataSetRecord, recipe: str) -> SplitChoice | None:
    """The split that a recipe is designed for, if it differs from the data set's; else None."""
    wanted = {path: value for path, value in get_recipe(recipe).settings.items() if path in _DEFAULTS}
    now = current(dataset)
    split_choice = SplitChoice.of({**now.settings(), **wanted})
    return split_choice if split_choice != now else None


def current_split(dataset: DataSetRecord) -> SplitRecord:
    """The split of the next run; made if there is none yet, with known pictures staying in their parts."""
    try:
        return _split(store(), dataset.dataset_id, dataset.scanned, current(dataset).config(dataset))
    except ConfigError:  # the Train page shows what is wrong
        return _split(store(), dataset.dataset_id, dataset.scanned, DataConfig(path=dataset.path))


def _name(dataset: DataSetRecord) -> str:
    return f"division.{dataset.dataset_id}"


@lru_cache(maxsize=8)  # a split never changes, and a new scan has a new time
def _split(opened: Store, dataset_id: int, scanned: float, config: DataConfig) -> SplitRecord:
    dataset = opened.datasets.get(dataset_id)
    assert dataset is not None, f"data set {dataset_id} is listed but not in the store"
    return ensure_split(opened, dataset, config)
