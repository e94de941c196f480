"""The widget of one parameter, made from its description; every form consists of these."""

from typing import Any, Final

import streamlit as st

from cnnlab.parameters import Parameter

LOGARITHMIC_STEP: Final = 0.0001
STEP: Final = 0.05


def render(
    parameter: Parameter,
    *,
    key: str,
    explanation: str | None = None,
    empty: str = "none",
    as_slider: bool = False,
    **more: Any,  # noqa: ANN401 - whatever else Streamlit's widgets take
) -> None:
    """Render the widget; its value is `st.session_state[key]`, which must be set already.

    `explanation` replaces the description's own; `empty` is the placeholder of a field without a value.
    """
    title = parameter.title
    common: dict[str, Any] = {"key": key, "help": explained(parameter) if explanation is None else explanation, **more}
    if parameter.type == "choice":
        st.selectbox(title, parameter.choices, format_func=_choice_text, **common)
    elif parameter.type == "switch":
        st.toggle(title, **common)
    elif parameter.type == "text":
        st.text_input(title, placeholder=empty, **common)
    elif as_slider and not parameter.optional:
        st.slider(title, step=_slider_step(parameter), **_bounds(parameter), **common)
    else:
        if parameter.optional:
            common |= {"value": None, "placeholder": empty}
        st.number_input(title, step=_field_step(parameter), format=_format(parameter), **_bounds(parameter), **common)


def explained(parameter: Parameter) -> str:
    """Help, unit and effect of a parameter."""
    unit = f" In {parameter.unit}." if parameter.unit else ""
    effect = f"\n\n**Effect.** {parameter.effect}" if parameter.effect else ""
    return f"{parameter.help}{unit}{effect}"


def fitted(parameter: Parameter, value: Any) -> Any:  # noqa: ANN401 - its type is the parameter's
    """A value of the type that the widget needs (JSON and people write 1 for 1.0), clamped to its bounds."""
    if value is None or parameter.type not in ("integer", "number"):
        return value
    if parameter.low is not None and parameter.high is not None:
        value = min(max(value, parameter.low), parameter.high)
    return int(value) if parameter.type == "integer" else float(value)


def _choice_text(choice: object) -> str:
    return str(choice).replace("_", " ")


def _bounds(parameter: Parameter) -> dict[str, Any]:
    if parameter.low is None or parameter.high is None:
        return {}
    number = int if parameter.type == "integer" else float
    return {"min_value": number(parameter.low), "max_value": number(parameter.high)}


def _format(parameter: Parameter) -> str:
    return "%d" if parameter.type == "integer" else "%g"


def _field_step(parameter: Parameter) -> float:
    if parameter.type == "integer":
        return int(parameter.step or 1)
    return parameter.step or (LOGARITHMIC_STEP if parameter.logarithmic else STEP)


def _slider_step(parameter: Parameter) -> float:
    if parameter.type == "integer":
        return 1
    span = (parameter.high or 0) - (parameter.low or 0)
    return 1.0 if span > 30 else 0.05 if span > 1 else 0.005 if span <= 0.5 else 0.01
