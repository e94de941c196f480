"""Chooses the layer to use for explaining which part of a picture a network responded to."""

from typing import Final

from torch import nn

from cnnlab.models.blocks import Network

FEWEST_CELLS: Final = 4  # along a side: a coarser map is too vague to locate anything


def explanation_layer(model: nn.Module, image_size: int | None = None) -> str:
    """Name of the deepest layer whose map still has 4x4 cells at the image size (pixels; default: the model's own).

    Deep layers tell what is in a picture, shallow ones where; this is the deepest one that is still fine enough. The
    strides of all families are powers of two, so at equal image sizes they are compared at (nearly always) equal
    strides: 32 pixels at 224, 16 at 64.
    """
    assert isinstance(model, Network), "only networks made by build_model have feature layers"
    size = model.architecture.image_size if image_size is None else image_size
    fitting = [name for name, stride in model.feature_layers if size >= stride * FEWEST_CELLS]
    return fitting[-1] if fitting else model.feature_layers[0][0]
