"""The pipeline of the next run and what the editor's buttons do to it, as callbacks. Draws nothing.

Until a step is changed the pipeline is the recipe's own. The image size is the Train page's: one value, two fields.
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
    """The pipeline of the next run; one that this version does not know any more gives way to the recipe's."""
    size = settings.setting(choices.IMAGE_SIZE)
    kept = choices.pipeline()
    if kept is not None:
        try:
            return Pipeline.model_validate({**kept, "image_size": size})
        except (ConfigError, ValidationError):
            choices.set_pipeline(None)
    return make_pipeline(recipe().pipeline, size)


def recipe() -> Recipe:
    """The recipe that the Train page has chosen."""
    return get_recipe(form.current().recipe)


def preset_of(pipeline: Pipeline) -> str:
    """The name of what is chosen: the recipe's own steps, a preset, or neither."""
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


def take_size() -> None:
    """Another image size."""
    settings.change(choices.IMAGE_SIZE, st.session_state[keys.AUGMENT_SIZE])


def take_normalisation() -> None:
    """Another normalisation."""
    chosen = st.session_state[keys.AUGMENT_NORMALISATION]
    if chosen in NORMALISATION_HELP:
        _keep(current().model_copy(update={"normalisation": chosen}))


def switch(place: int, key: str) -> None:
    """Switch a step on or off."""
    step = current().steps[place]
    _replace(place, (step.model_copy(update={"enabled": bool(st.session_state[key])}),))


def set_parameter(place: int, spec: Parameter, key: str) -> None:
    """Give a parameter of a step another value."""
    with guard_callback("the steps"):
        step = current().steps[place]
        value: Value = spec.parse(st.session_state[key])
        changed = Step(name=step.name, enabled=step.enabled, parameters={**step.parameters, spec.name: value})
        _replace(place, (changed,))


def move(place: int, by: int) -> None:
    """Put a step before the one above it (-1) or behind the one below it (1)."""
    steps = list(current().steps)
    steps.insert(place + by, steps.pop(place))
    _keep_steps(steps)


def remove(place: int) -> None:
    """Take a step out."""
    _replace(place, ())


def add() -> None:
    """Put the step that was chosen at the end."""
    name = st.session_state[keys.AUGMENT_ADD]
    if name is not None:
        _keep_steps([*current().steps, Step(name=name)])
        st.session_state[keys.AUGMENT_ADD] = None


def take_yaml() -> None:
    """Replace the pipeline by the text that was pasted."""
    with guard_callback("the steps"):
        pasted = Pipeline.from_yaml(st.session_state[keys.AUGMENT_YAML])
        settings.change(choices.IMAGE_SIZE, pasted.image_size)
        _keep(pasted)
        st.session_state[keys.AUGMENT_YAML] = ""
        messages.tell("The pipeline is taken from the text.")


def _replace(place: int, steps: Sequence[Step]) -> None:
    before = current().steps
    _keep_steps([*before[:place], *steps, *before[place + 1 :]])


def _keep_steps(steps: Sequence[Step]) -> None:
    _keep(current().model_copy(update={"steps": tuple(steps)}))


def _keep(pipeline: Pipeline) -> None:
    choices.set_pipeline(pipeline.model_dump(mode="json"))
