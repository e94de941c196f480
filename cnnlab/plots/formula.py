"""The formula OH = (H + 2P - FH) / S + 1 with a layer's own numbers, as text."""

from cnnlab.models.geometry import Window
from cnnlab.models.records import LayerRecord


def formula_text(size: int, window: Window) -> str:
    """The formula with its numbers: `(64 + 2·1 - 3) / 2 + 1 = 32.5, rounded down: 32`."""
    exact = (size + 2 * window.padding - window.kernel) / window.stride + 1
    result = window.output(size)
    text = f"({size} + 2·{window.padding} - {window.kernel}) / {window.stride} + 1 = {exact:g}"
    if exact == result:
        return text
    return f"{text}, rounded {'up' if result > exact else 'down'}: {result}"


def layer_formula(layer: LayerRecord) -> str | None:
    """The formula for one layer's height; None if the layer has no sliding window."""
    if layer.window is None or len(layer.input_shape) != 3:
        return None
    return formula_text(layer.input_shape[1], layer.window)
