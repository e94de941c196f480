"""Which layer to look at when a network is asked where in the picture it saw something. Computes no explanation."""

from typing import Final

from torch import nn

from cnnlab.models.blocks import Network

FEWEST_CELLS: Final = 4  # along a side: a coarser map cannot point at anything in the picture


def explanation_layer(model: nn.Module, image_size: int | None = None) -> str:
    """Name of the deepest layer whose map still has 4x4 cells at the image size (pixels; default: the model's own).

    Deep layers know classes, shallow ones know places; this is as deep as the size allows. All families halve the map
    in powers of two, so at equal size they are compared at (nearly always) equal stride: 32 pixels at 224, 16 at 64.
    """
    assert isinstance(model, Network), "only networks made by build_model know their layers"
    size = model.architecture.image_size if image_size is None else image_size
    fitting = [name for name, stride in model.feature_layers if size >= stride * FEWEST_CELLS]
    return fitting[-1] if fitting else model.feature_layers[0][0]
