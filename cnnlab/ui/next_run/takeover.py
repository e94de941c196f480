"""Fills the form of the Train page with a run's configuration, to start a changed copy of it."""

from typing import Any

import streamlit as st

from cnnlab.store.records import RunRecord
from cnnlab.training.config import RunConfig
from cnnlab.training.recipes import DEFAULT_RECIPE, RECIPES
from cnnlab.ui import drafts, keys
from cnnlab.ui.next_run import choices, fields, split_choice
from cnnlab.ui.next_run.choices import ArchitectureChoice
from cnnlab.ui.next_run.form import CLONED_FROM, RECIPE
from cnnlab.ui.next_run.split_choice import SplitChoice
from cnnlab.ui.resources import store
from cnnlab.ui.state import session


def take_over(run: RunRecord) -> None:
    """Put data set, architecture, pipeline and every setting of a run into the form."""
    config = RunConfig.from_dict(run.config).to_dict()
    architecture = config["architecture"]
    choices.set_architecture(
        ArchitectureChoice(architecture["family"], architecture["preset"], architecture["options"])
    )
    choices.set_pipeline(config["pipeline"])
    drafts.remember(RECIPE, run.recipe if run.recipe in RECIPES else DEFAULT_RECIPE)
    drafts.remember(CLONED_FROM, run.run_id)
    values = {keys.train_setting(path): _value(config, path) for path in fields.ALL}
    drafts.keep(choices.FORM, values)
    dataset = next((known for known in store().datasets.all() if known.dataset_id == run.dataset_id), None)
    if dataset is not None:
        session.chosen_dataset = run.dataset_id
        split_choice.choose(dataset, SplitChoice.of({path: _value(config, path) for path in split_choice.PATHS}))
    st.session_state.update(values)


def _value(config: dict[str, Any], path: str) -> Any:  # noqa: ANN401 - settings have several types
    value: Any = config
    for name in path.split("."):
        value = value[name]
    return value
