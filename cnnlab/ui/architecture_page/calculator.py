"""A calculator for the size formula OH = (H + 2P - FH) / S + 1, with numbers of a layer or the user's own."""

from typing import Final

import streamlit as st

from cnnlab.errors import ConfigError
from cnnlab.models.geometry import Window, output_size
from cnnlab.models.records import Inspection, LayerRecord
from cnnlab.plots.formula import formula_text
from cnnlab.ui import keys, messages

OWN: Final = "your own numbers"
FIELDS: Final = (
    ("H", "Height of the map (H)", 64, 1, 1024),
    ("FH", "Height of the window (FH)", 3, 1, 64),
    ("P", "Padding (P)", 1, 0, 64),
    ("S", "Stride (S)", 2, 1, 64),
)


def render(inspection: Inspection | None) -> None:
    """Render the calculator; `inspection` has the layers to take numbers from."""
    st.latex(r"OH = \left\lfloor \frac{H + 2P - FH}{S} \right\rfloor + 1")
    layers = {layer.name: layer for layer in (inspection.layers if inspection else ()) if layer.window is not None}
    if st.session_state.get(keys.ARCHITECTURE_CALCULATED) not in {OWN, *layers}:
        st.session_state[keys.ARCHITECTURE_CALCULATED] = OWN
    st.selectbox(
        "Take numbers from",
        [OWN, *layers],
        format_func=lambda name: name if name == OWN else _title(layers[name]),
        key=keys.ARCHITECTURE_CALCULATED,
        help="A convolution or pooling layer of the chosen network to start from.",
        on_change=lambda: _take(layers.get(st.session_state[keys.ARCHITECTURE_CALCULATED])),
        width=420,
    )
    values = {}
    for column, (name, title, default, low, high) in zip(st.columns(4, gap="small"), FIELDS, strict=True):
        key = keys.architecture_calculator(name)
        st.session_state.setdefault(key, default)
        with column:
            values[name] = st.number_input(
                title, min_value=low, max_value=high, step=1, key=key, persist_state="session"
            )
    _answer(values, layers.get(st.session_state[keys.ARCHITECTURE_CALCULATED]))


def _answer(values: dict[str, int], layer: LayerRecord | None) -> None:
    size, kernel, padding, stride = values["H"], values["FH"], values["P"], values["S"]
    try:
        output_size(size, kernel, stride, padding)
    except ConfigError as error:
        messages.show_error(str(error))
        return
    is_layers = layer is not None and _numbers(layer) == values
    ceil = bool(is_layers and layer is not None and layer.window is not None and layer.window.ceil)
    window = Window(kernel, stride, padding, ceil)
    st.markdown(f"### OH = {window.output(size)}")
    st.code(formula_text(size, window), language=None)
    st.caption(_meaning(size, window) + (" This pooling rounds up: the last window may stick out." if ceil else ""))


def _meaning(size: int, window: Window) -> str:
    result = window.output(size)
    if result == size:
        return "The map keeps its size. With stride 1, this takes a padding of (FH - 1) / 2."
    if 2 * result == size:
        return "The map is halved."
    return f"The map goes from {size} x {size} to {result} x {result} cells."


def _take(layer: LayerRecord | None) -> None:
    if layer is not None:
        for name, value in _numbers(layer).items():
            st.session_state[keys.architecture_calculator(name)] = value


def _numbers(layer: LayerRecord) -> dict[str, int]:
    assert layer.window is not None
    window = layer.window
    return {"H": layer.input_shape[1], "FH": window.kernel, "P": window.padding, "S": window.stride}


def _title(layer: LayerRecord) -> str:
    return f"{', '.join(layer.block)}: {layer.name}"
