"""The pipeline editor: preset, size, normalisation, and the steps in order."""

from typing import Final

import streamlit as st

from cnnlab.data.pipeline import NORMALISATION_HELP, PIPELINE_PRESETS, Pipeline, Step
from cnnlab.data.transforms import get_transform, transform_names
from cnnlab.ui import keys
from cnnlab.ui.augment_page import editing, step_fields
from cnnlab.ui.next_run import network_fields
from cnnlab.ui.state import Slot

NORMALISATIONS: Final = {"none": "0 to 1", "imagenet": "ImageNet", "dataset": "These pictures"}


class _Slots:
    unfolded: Slot[tuple[int, str] | None] = Slot(None)
    """Index and name of the unfolded step. Its parameters are shown below it, so that the samples stay in view."""


_slots = _Slots()


def render(pipeline: Pipeline) -> None:
    """Render the controls."""
    _render_preset(pipeline)
    left, right = st.columns([1, 1.25], gap="small")
    with left:
        network_fields.render_image_size(keys.AUGMENT_SIZE, pipeline.image_size, editing.take_size)
    with right:
        _render_normalisation(pipeline)
    st.markdown("**Steps**, in this order")
    with st.container(gap=None, key="augment_steps"):
        for index, step in enumerate(pipeline.steps):
            _render_step(index, step, last=len(pipeline.steps) - 1)
    if not pipeline.steps:
        st.caption("None. The network sees the centre of each picture, the same in every epoch.")
    st.selectbox(
        "Add a step",
        transform_names(),
        index=None,
        format_func=lambda name: get_transform(name).title,
        key=keys.AUGMENT_ADD,
        placeholder="Add a step",
        label_visibility="collapsed",
        help="Adds the step at the end; you can then move it up.",
        on_change=editing.add,
    )
    _render_yaml(pipeline)


def _render_preset(pipeline: Pipeline) -> None:
    chosen = editing.preset_of(pipeline)
    names = [editing.RECIPES_OWN, *PIPELINE_PRESETS] + ([editing.CHANGED] if chosen == editing.CHANGED else [])
    st.session_state[keys.AUGMENT_PRESET] = chosen
    st.selectbox(
        "Preset",
        names,
        format_func=_preset_title,
        key=keys.AUGMENT_PRESET,
        help="\n".join(f"- **{preset.title}**: {preset.help}" for preset in PIPELINE_PRESETS.values()),
        on_change=editing.take_preset,
    )


def _preset_title(name: str) -> str:
    if name == editing.RECIPES_OWN:
        recipe = editing.recipe()
        return f"Recipe {recipe.title}: {PIPELINE_PRESETS[recipe.pipeline].title}"
    return "Your own" if name == editing.CHANGED else PIPELINE_PRESETS[name].title


def _render_normalisation(pipeline: Pipeline) -> None:
    st.session_state[keys.AUGMENT_NORMALISATION] = pipeline.normalisation
    st.selectbox(
        "Normalisation",
        list(NORMALISATIONS),
        format_func=lambda name: NORMALISATIONS[name],
        key=keys.AUGMENT_NORMALISATION,
        help="\n".join(f"- **{NORMALISATIONS[name]}**: {text}" for name, text in NORMALISATION_HELP.items()),
        on_change=editing.take_normalisation,
    )


def _render_step(index: int, step: Step, *, last: int) -> None:
    """One line: a switch, and a button with a summary that unfolds the parameters below it."""
    spec = get_transform(step.name)
    key = keys.augment_step(index, step.name, "enabled")
    st.session_state[key] = step.enabled
    is_open = _slots.unfolded == (index, step.name)
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap=None):
        st.toggle(
            spec.title,
            key=key,
            width="stretch",
            on_change=editing.switch,
            args=(index, key),
        )
        st.button(
            step_fields.summary(step) or "–",
            icon=":material/expand_less:" if is_open else ":material/expand_more:",
            icon_position="right",
            type="tertiary",
            key=keys.augment_step(index, step.name, "open"),
            on_click=_unfold,
            args=(None if is_open else (index, step.name),),
        )
    if is_open:
        _render_unfolded(index, step, last=last)


def _render_unfolded(index: int, step: Step, *, last: int) -> None:
    spec = get_transform(step.name)
    with st.container(key="augment_unfolded", gap="small", border=True):
        when = "Random, new in every epoch." if spec.random else "Also applied in validation."
        st.caption(f"{spec.help} {when}")
        for parameter in spec.parameters:
            step_fields.render(index, step, parameter)
        with st.container(horizontal=True, gap="medium"):
            _button("Up", ":material/arrow_upward:", index, step, is_off=index == 0)
            _button("Down", ":material/arrow_downward:", index, step, is_off=index == last)
            _button("Remove", ":material/delete:", index, step, is_off=False)


def _button(label: str, icon: str, index: int, step: Step, *, is_off: bool) -> None:
    key = keys.augment_step(index, step.name, label.lower())
    if label == "Remove":
        st.button(label, icon=icon, key=key, type="tertiary", on_click=editing.remove, args=(index,))
    else:
        by = -1 if label == "Up" else 1
        st.button(
            label, icon=icon, key=key, type="tertiary", on_click=_move, args=(index, by, step.name), disabled=is_off
        )


def _move(index: int, by: int, name: str) -> None:
    editing.move(index, by)
    _unfold((index + by, name))


def _unfold(step: tuple[int, str] | None) -> None:
    _slots.unfolded = step


def _render_yaml(pipeline: Pipeline) -> None:
    with st.expander("As text (YAML)", icon=":material/code:"):
        st.caption("The whole pipeline, to copy and save.")
        st.code(pipeline.to_yaml(), language=None, wrap_lines=True)  # colours would be too faint on a light page
        st.text_area(
            "Or paste a pipeline",
            key=keys.AUGMENT_YAML,
            height=100,
            placeholder="image_size: 224\nsteps: ...",
            help="Replaces all steps, the image size and the normalisation.",
            persist_state="session",
        )
        st.button("Use this text", key=keys.AUGMENT_USE_YAML, on_click=editing.take_yaml)
