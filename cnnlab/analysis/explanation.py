"""Shows where in a picture a run saw a class: Grad-CAM at a layer that is comparable across architectures.

Selvaraju et al., 2017, https://arxiv.org/abs/1610.02391; computed by Captum.
"""

import math
from pathlib import Path

import torch

from cnnlab.analysis.prediction import TrainedModel
from cnnlab.analysis.records import Explanation
from cnnlab.errors import UsageError
from cnnlab.models.explanation import explanation_layer


def explain(trained: TrainedModel, source: Path | bytes, *, label: str) -> Explanation:
    """Grad-CAM of one class in one picture, over the region that is the network's input.

    Raises:
        PictureError: the picture cannot be decoded.
        UsageError: the run has no such class.
    """
    from captum.attr import LayerAttribution, LayerGradCam

    if label not in trained.classes:
        raise UsageError(f"The run has no class {label!r}; choose one of {', '.join(trained.classes)}.")
    layer = explanation_layer(trained.module)
    picture = trained.augmentation.normalise(trained.prepare(source).unsqueeze(0))  # (1, 3, S, S)
    method = LayerGradCam(trained.module, trained.module.get_submodule(layer))
    with torch.enable_grad():
        map_ = method.attribute(picture, target=trained.classes.index(label), relu_attributions=True)  # (1, 1, h, w)
    heat = LayerAttribution.interpolate(map_.detach(), picture.shape[2:], "bilinear")[0, 0]  # (S, S)
    strongest = float(heat.max())
    is_seen = math.isfinite(strongest) and strongest > 0
    heat = heat / strongest if is_seen else torch.zeros_like(heat)
    return Explanation(
        label=label,
        is_seen=is_seen,
        layer=layer,
        stride=dict(trained.module.feature_layers)[layer],
        heat=tuple(tuple(row) for row in heat.tolist()),
    )
