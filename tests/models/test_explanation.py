import pytest
import torch

from cnnlab.models.build import build_model
from cnnlab.models.explanation import explanation_layer
from cnnlab.models.registry import family_names, resolve_options, smallest_input

OPTIONS = [
    ("vgg", "small", {}),
    ("vgg", "article", {}),
    ("googlenet", "small", {}),
    ("googlenet", "article", {"base_width": 16}),
    ("googlenet", "googlenet", {"base_width": 16}),
    ("resnet", "small", {}),
    ("resnet", "article", {"base_width": 8}),
    ("resnet", "resnet18", {"base_width": 16}),
]


def cells_at(family, preset, options, size):
    model = build_model(family, preset=preset, options=options, image_size=size).eval()
    maps: list[torch.Tensor] = []
    model.get_submodule(explanation_layer(model)).register_forward_hook(lambda _, __, output: maps.append(output))
    model(torch.zeros(1, 3, size, size))
    return maps[0].shape[-1]


@pytest.mark.parametrize(("family", "preset", "options"), OPTIONS)
def test_every_network_is_explained_on_a_map_of_comparable_size(family, preset, options):
    sizes = {64: (4, 4), 96: (6, 6), 128: (4, 8), 224: (7, 14)}
    for size, (low, high) in sizes.items():
        assert low <= cells_at(family, preset, options, size) <= high


@pytest.mark.parametrize("family", family_names())
def test_the_smallest_picture_still_has_a_layer_to_explain(family):
    size = smallest_input(family, resolve_options(family))
    assert cells_at(family, "small", {}, size) >= 2


@pytest.mark.slow
@pytest.mark.parametrize(("family", "preset", "options"), OPTIONS)
def test_captum_can_explain_every_network_at_the_chosen_layer(family, preset, options):
    captum = pytest.importorskip("captum.attr")
    model = build_model(family, preset=preset, options=options, image_size=64, seed=0).eval()
    method = captum.LayerGradCam(model, model.get_submodule(explanation_layer(model)))
    heat = method.attribute(torch.randn(1, 3, 64, 64), target=1)
    assert heat.shape[:2] == (1, 1) and torch.isfinite(heat).all()
