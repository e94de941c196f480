"""How the pictures are divided: the fractions and the seed that the Train page's form holds, and the splits on record.

One truth for both pages: the split shown here is the one that the next run gets. Draws nothing.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import streamlit as st

from cnnlab.errors import ConfigError
from cnnlab.runs.datasets import ensure_split
from cnnlab.runs.records import DataSetRecord, SplitRecord
from cnnlab.runs.store import Store
from cnnlab.training.config import DataConfig
from cnnlab.training.recipes import RECIPES
from cnnlab.ui import choices, drafts, keys
from cnnlab.ui.resources import store
from cnnlab.ui.train_page import fields, form

PATHS: Final = ("data.val_fraction", "data.test_fraction", "data.split_seed")


@dataclass(frozen=True)
class Division:
    """Fractions of each class, and the seed that decides which pictures go where."""

    val_fraction: float
    test_fraction: float
    seed: int

    def config(self, dataset: DataSetRecord) -> DataConfig:
        """As a part of a run's configuration.

        Raises:
            ConfigError: nothing would be left to train on.
        """
        return DataConfig(
            path=dataset.path,
            val_fraction=self.val_fraction,
            test_fraction=self.test_fraction,
            split_seed=self.seed,
        )


def current() -> Division:
    """What the next run is divided by."""
    drafts.restore(form.FORM, map(keys.train_setting, PATHS))
    val, test, seed = (_held(path) for path in PATHS)
    return Division(float(val), float(test), int(seed))


def choose(division: Division) -> None:
    """Let the next run be divided so."""
    values = dict(zip(PATHS, (division.val_fraction, division.test_fraction, division.seed), strict=True))
    for path, value in values.items():
        st.session_state[keys.train_setting(path)] = value
    drafts.keep(form.FORM, {keys.train_setting(path): value for path, value in values.items()})


def current_split(dataset: DataSetRecord) -> SplitRecord:
    """The split of the next run; made if there is none yet, old pictures keeping their places."""
    try:
        return _split(store(), dataset.dataset_id, dataset.scanned, current().config(dataset))
    except ConfigError:  # the Train page says what is wrong with its form
        return _split(store(), dataset.dataset_id, dataset.scanned, DataConfig(path=dataset.path))


@lru_cache(maxsize=8)  # a split never changes, and a scan that finds other pictures has another time
def _split(opened: Store, dataset_id: int, scanned: float, config: DataConfig) -> SplitRecord:
    dataset = opened.datasets.get(dataset_id)
    assert dataset is not None, f"data set {dataset_id} is on the list, but not in the store"
    return ensure_split(opened, dataset, config)


def _held(path: str) -> float:
    value = st.session_state.get(keys.train_setting(path))
    if value is not None:
        return float(value)
    recipe = drafts.recall(form.RECIPE, form.QUICK)
    chosen = choices.architecture()
    default = fields.default_of(
        path, recipe=recipe if recipe in RECIPES else form.QUICK, family=chosen.family, preset=chosen.preset
    )
    return float(default)
