"""Helper calls about networks; the records they return need no torch."""

from collections.abc import Mapping

from cnnlab.models.records import Inspection
from cnnlab.models.registry import DEFAULT_PRESET


def inspect(
    family: str,
    *,
    preset: str = DEFAULT_PRESET,
    options: Mapping[str, object] | None = None,
    image_size: int | None = None,
    num_classes: int = 2,
) -> Inspection:
    """Layers, edges and totals of a network, including auxiliary classifiers.

    Raises:
        ConfigError: the network cannot be built.
    """
    from cnnlab.models.inspection import inspect_model

    return inspect_model(family, preset=preset, options=options, image_size=image_size, num_classes=num_classes)
