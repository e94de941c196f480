import subprocess
import sys

import pytest
import torch

from cnnlab.models.blocks import Network
from cnnlab.models.build import build_model
from cnnlab.models.registry import (
    family_names,
    last_map_size,
    resolve_options,
    smallest_input,
)


@pytest.mark.parametrize("family", family_names())
def test_the_last_map_has_the_size_computed_without_torch(family):
    for layout in ("small", "published", "article") if family != "vgg" else ("average",):
        option = "layout" if family != "vgg" else "head"
        options = resolve_options(family, "small", {option: layout})
        for size in (smallest_input(family, options), 40, 61, 64, 97):
            model = build_model(family, options=options, image_size=size).eval()
            seen: list[int] = []
            model.avgpool.register_forward_pre_hook(lambda _, inputs, seen=seen: seen.append(inputs[0].shape[-1]))
            model(torch.zeros(1, 3, size, size))
            assert seen == [last_map_size(family, options, size)]


def test_the_articles_vgg_has_a_smaller_head_below_224_pixels_and_the_original_one_from_there_on():
    def inputs(size):
        return build_model("vgg", preset="article", image_size=size).classifier[0].in_features

    assert [inputs(size) for size in (64, 224, 256)] == [128 * 2 * 2, 128 * 7 * 7, 128 * 7 * 7]


def test_auxiliary_logits_are_returned_only_in_training_mode():
    model = build_model("googlenet", options={"auxiliary": True}, num_classes=3)
    logits, auxiliary = model(torch.zeros(2, 3, 64, 64))
    assert [each.shape for each in (logits, *auxiliary)] == [(2, 3)] * 3
    assert isinstance(model.eval()(torch.zeros(2, 3, 64, 64)), torch.Tensor)


@pytest.mark.parametrize("family", family_names())
def test_no_layer_works_in_place_so_that_hooks_see_each_output(family):
    for preset in ("small", "article"):
        assert not any(getattr(module, "inplace", False) for module in build_model(family, preset=preset).modules())


@pytest.mark.parametrize("family", family_names())
def test_channels_last_changes_nothing(family):
    model = build_model(family, seed=0).eval()
    pictures = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        expected = model(pictures)
        swapped = model.to(memory_format=torch.channels_last)(pictures.to(memory_format=torch.channels_last))
    torch.testing.assert_close(swapped, expected, rtol=1e-4, atol=1e-5)


PROJECTION_STEPS = """
import torch
from cnnlab.models.blocks import SubsampledProjection

torch.set_num_threads(2)
layer = SubsampledProjection({inputs}, {outputs}, 1, 2, bias=False)
plain = torch.nn.Conv2d({inputs}, {outputs}, 1, 2, bias=False)
plain.load_state_dict(layer.state_dict())
layer.to(memory_format=torch.channels_last)
for pictures in (7, 8, 15) * 10:
    maps = torch.randn(pictures, {inputs}, 28, 28)
    swapped = maps.to(memory_format=torch.channels_last)
    for network, values in ((plain, maps), (layer, swapped)):
        network.zero_grad()
        values.requires_grad_()
        network(values).square().sum().backward()
    torch.testing.assert_close(swapped.grad, maps.grad, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(layer.weight.grad, plain.weight.grad, rtol=1e-3, atol=1e-1)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("inputs", "outputs"), [(12, 24), (12, 4), (16, 32)])
def test_a_strided_projection_trains_with_channels_last_and_several_threads(inputs, outputs):
    """In a process of its own, because with 12 channels torch's own convolution crashes it."""
    code = PROJECTION_STEPS.format(inputs=inputs, outputs=outputs)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def test_a_zero_initialised_residual_makes_every_block_the_identity():
    model = build_model("resnet", options={"zero_init_residual": True}, seed=0)
    block = model.layer1[0]
    maps = torch.rand(2, 12, 8, 8)
    torch.testing.assert_close(block(maps), maps)


def test_a_network_records_what_it_was_built_from():
    model = build_model("resnet", options={"depth": "34"}, num_classes=5, image_size=96)
    assert isinstance(model, Network)
    record = model.architecture
    assert (record.family, record.preset, record.image_size, record.num_classes) == ("resnet", "small", 96, 5)
    assert record.options["depth"] == 34
