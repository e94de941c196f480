"""The widgets for the parameters of a step, made from their descriptions, and a short summary of a step."""

from typing import Final

import streamlit as st

from cnnlab.data.pipeline import Step
from cnnlab.data.transforms import Value, get_transform
from cnnlab.parameters import Parameter
from cnnlab.ui import keys, parameter_field
from cnnlab.ui.augment_page import editing

SHOWN: Final = 1
"""Number of parameters in a step's summary: the first is the most important."""
_SHARES: Final = frozenset(("probability", "translate"))


def render(index: int, step: Step, spec: Parameter) -> None:
    """Render the widget of one parameter; a change takes effect at once."""
    key = keys.augment_step(index, step.name, spec.name)
    st.session_state[key] = step.parameters[spec.name]
    parameter_field.render(
        spec, key=key, empty="automatic", as_slider=True, on_change=editing.set_parameter, args=(index, spec, key)
    )


def summary(step: Step) -> str:
    """What the step does, in a few figures, such as `50–100 %`."""
    spec = get_transform(step.name)
    shown = (text(parameter, step.parameters[parameter.name]) for parameter in spec.parameters[:SHOWN])
    return ", ".join(filter(None, shown))


def text(spec: Parameter, value: Value) -> str:
    """One value in readable form."""
    if value is None:
        return "automatic"
    if isinstance(value, tuple):
        return f"{text(spec, value[0]).removesuffix(' %')}–{text(spec, value[1])}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    is_share = spec.name in _SHARES or (spec.name == "scale" and spec.high is not None and spec.high <= 1)
    if is_share:
        return f"{100 * value:g} %"
    return f"{value:g}°" if spec.name == "degrees" else f"{value:g}"
