"""The choice of a network: family, preset, image size, options. The next run uses it, unless a link is shown."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import streamlit as st

from cnnlab.models.descriptions.family import FamilySpec
from cnnlab.models.options import Options, OptionSpec
from cnnlab.models.registry import family_names, get_family, resolve_options
from cnnlab.ui import keys, parameter_field
from cnnlab.ui.architecture_page import viewed
from cnnlab.ui.architecture_page.family_drawings import family_drawing
from cnnlab.ui.messages import guard_callback
from cnnlab.ui.next_run import network_fields
from cnnlab.ui.next_run.choices import ArchitectureChoice
from cnnlab.ui.theme import is_dark

COMMON: Final = ("activation", "initialisation", "dropout", "auxiliary_weight", "transform_input", "zero_init_residual")
"""Options that do not change the diagram: folded."""

# The button of a family also covers the drawing beside it, so both can be clicked.
PRESSABLE_DRAWING: Final = """<style>
[class*=st-key-architecture_family_row_] { position: relative }
[class*=st-key-architecture_family_row_] :is(.stElementContainer, .stButton, .stTooltipIcon, .stTooltipHoverTarget,
    button) { position: static }
[class*=st-key-architecture_family_row_] button::after { content: ""; position: absolute; inset: 0; cursor: pointer }
</style>"""


def render() -> None:
    """Render the controls."""
    viewed.render_choice()
    chosen = viewed.architecture()
    _render_families(chosen)
    _render_preset(chosen)
    family = get_family(chosen.family)
    values = resolve_options(chosen.family, chosen.preset, chosen.options)
    shaping = [spec for spec in family.options if spec.name not in COMMON]
    _render_options(family, shaping, values, first=_render_size)
    others = [spec for spec in family.options if spec.name in COMMON]
    changed = sum(spec.name in chosen.options for spec in others)
    with st.expander("More options" + (f" · {changed} changed" if changed else ""), key=keys.ARCHITECTURE_MORE):
        _render_options(family, others, values)


def _render_families(chosen: ArchitectureChoice) -> None:
    st.html(PRESSABLE_DRAWING)
    with st.container(gap="xsmall", key="architecture_families"):
        for name in family_names():
            family = get_family(name)
            row = f"architecture_family_row_{name}"
            with st.container(horizontal=True, vertical_alignment="center", gap="small", key=row):
                drawing = family_drawing(name, is_dark=is_dark())
                st.image(drawing, width=96, alt=f"The idea of {family.title}: {family.idea}")
                st.button(
                    family.title,
                    key=keys.architecture_family(name),
                    type="primary" if name == chosen.family else "secondary",
                    icon=f":material/radio_button_{'checked' if name == chosen.family else 'unchecked'}:",
                    help=family.help,
                    width="stretch",
                    on_click=_choose,
                    args=(name,),
                )


def _render_preset(chosen: ArchitectureChoice) -> None:
    network_fields.render_preset(keys.ARCHITECTURE_PRESET, chosen, partial(_choose, chosen.family))
    if chosen.options:
        st.button(
            f"{len(chosen.options)} changed: reset to preset",
            key=keys.ARCHITECTURE_RESET,
            icon=":material/undo:",
            type="tertiary",
            on_click=lambda: viewed.choose(ArchitectureChoice(chosen.family, chosen.preset)),
        )


def _render_size() -> None:
    network_fields.render_image_size(keys.ARCHITECTURE_SIZE, viewed.image_size(), viewed.choose_image_size)


def _render_options(
    family: FamilySpec, specs: Sequence[OptionSpec], values: Options, first: Callable[[], None] | None = None
) -> None:
    """Fields in pairs, switches below them; `first` renders a field before the options."""
    fields: list[Callable[[], None]] = [first] if first is not None else []
    fields += [partial(_render_option, family.name, spec, values) for spec in specs if spec.type != "switch"]
    for pair in (fields[start : start + 2] for start in range(0, len(fields), 2)):
        for column, field in zip(st.columns(2, gap="small", vertical_alignment="bottom"), pair, strict=False):
            with column:
                field()
    for spec in specs:
        if spec.type == "switch":
            _render_option(family.name, spec, values)


def _render_option(family: str, spec: OptionSpec, values: Options) -> None:
    key = keys.architecture_option(family, spec.name)
    idle = spec.ignored(values)
    st.session_state[key] = parameter_field.fitted(spec, values[spec.name])
    described = parameter_field.explained(spec)
    parameter_field.render(
        spec,
        key=key,
        explanation=described if idle is None else f"**{idle}** {described}",
        disabled=idle is not None,
        on_change=_option_changed,
        args=(family, spec),
    )
    if idle is not None:
        st.caption(idle)


def _choose(family: str, preset: str | None = None) -> None:
    """Choose another family or preset, with its own options and image size."""
    with guard_callback("the network"):
        chosen = ArchitectureChoice(family) if preset is None else ArchitectureChoice(family, preset)
        now = viewed.architecture()
        if (chosen.family, chosen.preset) != (now.family, now.preset):
            viewed.choose(chosen)


def _option_changed(family: str, spec: OptionSpec) -> None:
    """Keep the options that differ from the preset."""
    with guard_callback("the network"):
        chosen = viewed.architecture()
        value = spec.parse(st.session_state[keys.architecture_option(family, spec.name)])
        options = {**chosen.options, spec.name: value}
        usual = resolve_options(chosen.family, chosen.preset)
        differing = {name: chosen_value for name, chosen_value in options.items() if chosen_value != usual[name]}
        viewed.choose(ArchitectureChoice(chosen.family, chosen.preset, differing))
