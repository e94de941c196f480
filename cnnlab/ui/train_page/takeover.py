"""Fills the form of the Train page with a run's configuration: what is started next is a copy of it, to be changed."""

from typing import Any

import streamlit as st

from cnnlab.runs.records import RunRecord
from cnnlab.training.recipes import RECIPES
from cnnlab.ui import choices, drafts, keys
from cnnlab.ui.choices import ArchitectureChoice
from cnnlab.ui.resources import store
from cnnlab.ui.state import session
from cnnlab.ui.train_page import fields
from cnnlab.ui.train_page.form import FORM, QUICK, RECIPE


def take_over(run: RunRecord) -> None:
    """Put data set, architecture, pipeline and every setting of a run into the form."""
    config = run.run_config().to_dict()
    architecture = config["architecture"]
    choices.set_architecture(
        ArchitectureChoice(architecture["family"], architecture["preset"], architecture["options"])
    )
    choices.set_pipeline(config["pipeline"])
    drafts.remember(RECIPE, run.recipe if run.recipe in RECIPES else QUICK)
    values = {keys.train_setting(path): _value(config, path) for path in fields.ALL}
    drafts.keep(FORM, values)
    if run.dataset_id in {dataset.dataset_id for dataset in store().datasets.all()}:
        session.chosen_dataset = run.dataset_id
    st.session_state.update(values)


def _value(config: dict[str, Any], path: str) -> Any:  # noqa: ANN401 - settings have several types
    value: Any = config
    for name in path.split("."):
        value = value[name]
    return value
