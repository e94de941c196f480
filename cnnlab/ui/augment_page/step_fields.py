"""The widgets of one step's parameters, made from their description, and the step in a few figures. Keeps nothing."""

from typing import Any, Final

import streamlit as st

from cnnlab.data.pipeline import Step
from cnnlab.data.transforms import ParameterSpec, Value, get_transform
from cnnlab.ui import keys
from cnnlab.ui.augment_page import editing

SHOWN: Final = 1
"""Parameters in a step's summary: the first says most."""
_SHARES: Final = frozenset(("probability", "translate"))


def draw(place: int, step: Step, spec: ParameterSpec) -> None:
    """The widget of one parameter; a change becomes part of the pipeline at once."""
    key = keys.augment_step(place, step.name, spec.name)
    st.session_state[key] = step.parameters[spec.name]
    common: dict[str, Any] = {
        "key": key,
        "help": spec.help,
        "on_change": editing.set_parameter,
        "args": (place, spec, key),
    }
    label = spec.name.replace("_", " ").capitalize()
    low, high = spec.low, spec.high
    if spec.type == "bool":
        st.toggle(label, **common)
    elif spec.type == "choice":
        st.selectbox(label, spec.choices, **common)
    elif spec.optional:
        st.number_input(label, _whole(low), _whole(high), value=None, placeholder="automatic", **common)
    elif spec.type == "int":
        st.slider(label, _whole(low), _whole(high), step=1, **common)
    else:
        st.slider(label, float(low or 0), float(high or 0), step=_step(spec), **common)


def summary(step: Step) -> str:
    """What the step does, in a few figures: `50–100 %`."""
    spec = get_transform(step.name)
    shown = (text(one, step.parameters[one.name]) for one in spec.parameters[:SHOWN])
    return ", ".join(filter(None, shown))


def text(spec: ParameterSpec, value: Value) -> str:
    """One value as people read it."""
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


def _step(spec: ParameterSpec) -> float:
    span = (spec.high or 0) - (spec.low or 0)
    return 1.0 if span > 30 else 0.05 if span > 1 else 0.005 if span <= 0.5 else 0.01


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)
