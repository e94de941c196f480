import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from cnnlab.errors import ConfigError
from cnnlab.models.build import build_model, build_structure
from cnnlab.models.inspection import INPUT, inspect_model
from cnnlab.models.registry import family_names, preset_names, smallest_input

PRESETS = [
    pytest.param(family, preset, marks=pytest.mark.slow if preset not in {"small", "article"} else ())
    for family in family_names()
    for preset in preset_names(family)
]
VARIANTS = [
    ("vgg", {"one_by_one": True, "head": "article"}),
    ("googlenet", {"auxiliary": True, "transform_input": True, "batch_norm": False}),
    ("resnet", {"shortcut": "zero_padding", "block": "bottleneck"}),
    ("resnet", {"skip": False, "layout": "article"}),
]


@pytest.mark.parametrize(("family", "preset"), PRESETS)
def test_totals_and_layers_of_every_preset_agree_with_the_built_network(family, preset):
    inspection = inspect_model(family, preset=preset)
    network = build_structure(family, preset=preset).eval()
    size = inspection.architecture.image_size
    with FlopCounterMode(display=False) as counter:
        network(torch.empty(1, 3, size, size, device="meta"))
    assert inspection.flops == counter.get_total_flops()
    assert inspection.parameters == sum(parameter.numel() for parameter in network.parameters())
    assert inspection.parameters == sum(layer.parameters for layer in inspection.layers)
    assert inspection.smallest_input == smallest_input(family, inspection.architecture.options)
    assert inspection.layers[-1].output_shape == (2,)


def test_resnet50_takes_8_2_gigaflops():
    assert inspect_model("resnet", preset="resnet50", num_classes=1000).flops == pytest.approx(8.2e9, rel=0.005)


@pytest.mark.parametrize(
    ("family", "preset", "pixels"), [("vgg", "vgg16", 212), ("resnet", "resnet18", 435), ("resnet", "resnet50", 427)]
)
def test_receptive_fields_match_known_values(family, preset, pixels):
    assert inspect_model(family, preset=preset).receptive_field == pixels


@pytest.mark.parametrize("family", family_names())
def test_the_receptive_field_matches_the_reach_of_the_gradient(family):
    """For a cell in the middle of a shallow map, all pixels inside its field have a gradient and none outside."""
    inspection = inspect_model(family, image_size=64)
    name = {"vgg": "features.6", "googlenet": "conv3.act", "resnet": "layer1.0.act"}[family]
    layer = next(layer for layer in inspection.layers if layer.name == name)
    model = build_model(family, image_size=64, options={"activation": "tanh"}, seed=0).eval()
    model.get_submodule(name).register_forward_hook(lambda _, __, output: maps.append(output))
    maps: list[torch.Tensor] = []
    picture = torch.randn(1, 3, 64, 64, requires_grad=True)
    model(picture)
    middle = maps[0].shape[-1] // 2
    maps[0][0, :, middle, middle].sum().backward()
    reached = picture.grad.abs().sum(dim=(0, 1, 2)).nonzero().flatten()
    seen = int(reached.max() - reached.min()) + 1
    # a max-pool passes the gradient to only one of its cells, so the reach may fall short of the field by a stride
    assert layer.receptive_field - layer.stride <= seen <= layer.receptive_field


@pytest.mark.parametrize(("family", "options"), VARIANTS)
def test_each_layer_has_the_output_shape_of_a_real_run(family, options):
    inspection = inspect_model(family, options=options, num_classes=3)
    model = build_model(family, options=options, num_classes=3)
    shapes: dict[str, tuple] = {}

    def note(name: str, output: object) -> None:
        if isinstance(output, torch.Tensor):
            shapes[name] = tuple(output.shape[1:])

    for name, module in model.named_modules():
        module.register_forward_hook(lambda _, __, output, name=name: note(name, output))
    model(torch.randn(2, 3, 64, 64))
    modules = [layer for layer in inspection.layers if layer.name in shapes]
    assert len(modules) > 20
    assert all(layer.output_shape == shapes[layer.name] for layer in modules)


@pytest.mark.parametrize(("family", "options"), VARIANTS)
def test_every_layer_has_a_unique_name_a_block_and_a_path_from_the_input(family, options):
    inspection = inspect_model(family, options=options)
    names = [layer.name for layer in inspection.layers]
    assert len(set(names)) == len(names)
    assert all(layer.block for layer in inspection.layers)
    known = {INPUT}
    for layer in inspection.layers:
        sources = {edge.source for edge in inspection.edges if edge.target == layer.name}
        assert sources and sources <= known
        known.add(layer.name)


def kinds(inspection, kind):
    return [edge for edge in inspection.edges if edge.kind == kind]


def test_skip_connections_are_listed_unless_switched_off():
    inspection = inspect_model("resnet", preset="resnet18")
    sums = [layer.name for layer in inspection.layers if layer.type == "Add"]
    assert len(sums) == 8
    assert {edge.target for edge in kinds(inspection, "skip")} >= set(sums)
    projections = [
        layer.name for layer in inspection.layers if layer.block[-1] == "shortcut" and layer.type == "Conv2d"
    ]
    assert projections == [f"layer{stage}.0.downsample.0" for stage in (2, 3, 4)]
    plain = inspect_model("resnet", preset="resnet18", options={"skip": False})
    assert not kinds(plain, "skip")
    assert not [layer for layer in plain.layers if layer.type == "Add"]


def test_each_inception_module_joins_four_branches():
    inspection = inspect_model("googlenet", preset="article")
    joined = [layer.name for layer in inspection.layers if layer.type == "Concatenate"]
    assert len(joined) == 9
    for name in joined:
        branches = {edge.source.split(".")[1] for edge in kinds(inspection, "concatenation") if edge.target == name}
        assert branches == {"branch1", "branch2", "branch3", "branch4"}
    last = next(layer for layer in inspection.layers if layer.name == joined[-1])
    assert last.output_shape == (1024, 7, 7)
    assert last.block == ("inception 5b",)


def test_auxiliary_classifiers_branch_off_where_the_paper_has_them():
    inspection = inspect_model("googlenet", preset="googlenet", options={"auxiliary": True}, num_classes=1000)
    assert [(edge.source, edge.target) for edge in kinds(inspection, "auxiliary")] == [
        ("inception4a.concatenate", "aux1.avgpool"),
        ("inception4d.concatenate", "aux2.avgpool"),
    ]
    assert inspection.parameters == 13_004_888


def test_convolutions_and_poolings_have_their_window_and_obey_the_formula():
    inspection = inspect_model("vgg", preset="article")
    for layer in inspection.layers:
        if layer.type in {"Conv2d", "MaxPool2d"}:
            assert layer.window is not None
            assert layer.window.output(layer.input_shape[-1]) == layer.output_shape[-1]
    pools = [layer for layer in inspection.layers if layer.type == "MaxPool2d"]
    assert [layer.stride for layer in pools] == [2, 4, 8, 16, 32]


def test_inspection_rejects_what_building_rejects():
    with pytest.raises(ConfigError, match="`image_size`"):
        inspect_model("vgg", image_size=31)
