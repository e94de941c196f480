"""The pipeline of the next run, and the callbacks of the editor that change it.

Until a step is changed, the recipe's own pipeline is used. The image size is one value shared with the Train page.
"""

from collections.abc import Sequence
from typing import Final

import streamlit as st
from pydantic import ValidationError

from cnnlab.data.pipeline import NORMALISATION_HELP, PIPELINE_PRESETS, Pipeline, Step, make_pipeline
from cnnlab.data.transforms import Value
from cnnlab.errors import ConfigError
from cnnlab.parameters import Parameter
from cnnlab.training.recipes import Recipe, get_recipe
from cnnlab.ui import keys, messages
from cnnlab.ui.messages import guard_callback
from cnnlab.ui.next_run import choices, form, settings

RECIPES_OWN: Final = "recipe"
CHANGED: Final = "changed"


def current() -> Pipeline:
    """The pipeline of the next run; the recipe's if this version no longer understands the saved one."""
    size = settings.setting(choices.IMAGE_SIZE)
    kept = choices.pipeline()
    if kept is not None:
        try:
            return Pipeline.model_validate({**kept, "image_size": size})
        except (ConfigError, ValidationError):
            choices.set_pipeline(None)
    return make_pipeline(recipe().pipeline, size)


def recipe() -> Recipe:
    """The recipe chosen on the Train page."""
    return get_recipe(form.current().recipe)


def preset_of(pipeline: Pipeline) -> str:
    """The name of the choice: the recipe's own steps, a preset, or changed steps."""
    if choices.pipeline() is None:
        return RECIPES_OWN
    for name, preset in PIPELINE_PRESETS.items():
        if (preset.steps, preset.normalisation) == (pipeline.steps, pipeline.normalisation):
            return name
    return CHANGED


def take_preset() -> None:
    """Start from another preset."""
    name = st.session_state[keys.AUGMENT_PRESET]
    if name == RECIPES_OWN:
        choices.set_pipeline(None)
    elif name != CHANGED:
        _keep(make_pipeline(name, current().image_size))


def take_size(pixels: int) -> None:
    """Take another image size."""
    settings.change(choices.IMAGE_SIZE, pixels)


def take_normalisation() -> None:
    """Take over the normalisation from its field."""
    chosen = st.session_state[keys.AUGMENT_NORMALISATION]
    if chosen in NORMALISATION_HELP:
        _keep(current().model_copy(update={"normalisation": chosen}))


def switch(index: int, key: str) -> None:
    """Switch a step on or off."""
    step = current().steps[index]
    _replace(index, (step.model_copy(update={"enabled": bool(st.session_state[key])}),))


def set_parameter(index: int, spec: Parameter, key: str) -> None:
    """Change the value of a step's parameter."""
    with guard_callback("the steps"):
        step = current().steps[index]
        value: Value = spec.parse(st.session_state[key])
        changed = Step(name=step.name, enabled=step.enabled, parameters={**step.parameters, spec.name: value})
        _replace(index, (changed,))


def move(index: int, by: int) -> None:
    """Move a step up (-1) or down (1)."""
    steps = list(current().steps)
    steps.insert(index + by, steps.pop(index))
    _keep_steps(steps)


def remove(index: int) -> None:
    """Remove a step."""
    _replace(index, ())


def add() -> None:
    """Append the chosen step."""
    name = st.session_state[keys.AUGMENT_ADD]
    if name is not None:
        _keep_steps([*current().steps, Step(name=name)])
        st.session_state[keys.AUGMENT_ADD] = None


def take_yaml() -> None:
    """Replace the pipeline by the pasted text."""
    with guard_callback("the steps"):
        pasted = Pipeline.from_yaml(st.session_state[keys.AUGMENT_YAML])
        settings.change(choices.IMAGE_SIZE, pasted.image_size)
        _keep(pasted)
        st.session_state[keys.AUGMENT_YAML] = ""
        messages.add_notice("Pipeline replaced by the pasted text.")


def _replace(index: int, steps: Sequence[Step]) -> None:
    before = current().steps
    _keep_steps([*before[:index], *steps, *before[index + 1 :]])


def _keep_steps(steps: Sequence[Step]) -> None:
    _keep(current().model_copy(update={"steps": tuple(steps)}))


def _keep(pipeline: Pipeline) -> None:
    choices.set_pipeline(pipeline.model_dump(mode="json"))
