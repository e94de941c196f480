"""Known numbers of the article's, torchvision's and the small networks."""

import math

import pytest
import torch
import torchvision.models

from cnnlab.models.build import build_model, build_structure
from cnnlab.models.registry import family_names, preset_names

ARTICLE = {
    "vgg": (1_587_330, ((0.82737925466, -0.138032443852), (0.496064597238, 0.0801660617118))),
    "googlenet": (5_971_442, ((-6.29133061906, -6.28593534855), (-6.34462518555, -6.27855045915))),
    "resnet": (38_045_826, ((-8.68840177752, 0.910571665179), (-9.54323456576, 0.588036841961))),
}
PUBLISHED = {
    "vgg11": 132_863_336,
    "vgg13": 133_047_848,
    "vgg16": 138_357_544,
    "vgg19": 143_667_240,
    "vgg11_bn": 132_868_840,
    "vgg13_bn": 133_053_736,
    "vgg16_bn": 138_365_992,
    "vgg19_bn": 143_678_248,
    "googlenet": 6_624_904,
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "resnet101": 44_549_160,
    "resnet152": 60_192_808,
}
PRESETS = [(family, preset) for family in family_names() for preset in preset_names(family)[2:]]


def count(model: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def fill_as_the_contract_says(model: torch.nn.Module) -> None:
    with torch.no_grad():
        for k, parameter in enumerate(model.parameters()):
            n = parameter.numel()
            wave = torch.sin(12.9898 * torch.arange(n, dtype=torch.float64) + 78.233 * k) * 43758.5453
            scale = math.sqrt(6 / (n / parameter.shape[0])) if parameter.dim() > 1 else 0.01
            parameter.copy_((torch.frac(wave) * scale).reshape(parameter.shape))


@pytest.mark.parametrize(
    "family", ["vgg", *(pytest.param(name, marks=pytest.mark.slow) for name in ("googlenet", "resnet"))]
)
def test_the_articles_networks_give_the_articles_logits(family):
    parameters, logits = ARTICLE[family]
    model = build_model(family, preset="article").double().eval()
    assert count(model) == parameters
    fill_as_the_contract_says(model)
    pictures = torch.cos(0.01 * torch.arange(2 * 3 * 224 * 224, dtype=torch.float64)).reshape(2, 3, 224, 224)
    with torch.no_grad():
        result = model(pictures)
    torch.testing.assert_close(result, torch.tensor(logits, dtype=torch.float64), rtol=0, atol=1e-6)


@pytest.mark.parametrize(("family", "preset"), PRESETS)
def test_published_networks_have_torchvisions_parameters_and_names(family, preset):
    with torch.device("meta"):
        options = {"aux_logits": True, "init_weights": False} if family == "googlenet" else {}
        theirs = getattr(torchvision.models, preset)(**options).state_dict()
    ours = build_structure(family, preset=preset, num_classes=1000)
    assert count(ours) == PUBLISHED[preset]
    if family == "googlenet":
        ours = build_structure(family, preset=preset, num_classes=1000, options={"auxiliary": True})
        assert count(ours) == 13_004_888
    assert {name: tensor.shape for name, tensor in ours.state_dict().items()} == {
        name: tensor.shape for name, tensor in theirs.items()
    }


def outputs_equal(family: str, preset: str) -> None:
    options = {"aux_logits": True, "init_weights": False} if family == "googlenet" else {}
    theirs = getattr(torchvision.models, preset)(**options).eval()
    ours = build_structure(family, preset=preset, num_classes=1000, options={"auxiliary": True} if options else {})
    ours.to_empty(device="cpu").eval().load_state_dict(theirs.state_dict())
    pictures = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        expected = theirs(pictures)
        torch.testing.assert_close(ours(pictures), expected)
        swapped = ours.to(memory_format=torch.channels_last)(pictures.to(memory_format=torch.channels_last))
    torch.testing.assert_close(swapped, expected, rtol=1e-3, atol=1e-4 * expected.abs().max().item())


@pytest.mark.parametrize(("family", "preset"), [("googlenet", "googlenet"), ("resnet", "resnet18")])
def test_published_networks_give_torchvisions_outputs_with_its_weights(family, preset):
    outputs_equal(family, preset)


@pytest.mark.slow
@pytest.mark.parametrize(("family", "preset"), PRESETS)
def test_every_published_network_gives_torchvisions_outputs_with_its_weights(family, preset):
    outputs_equal(family, preset)


def test_googlenet_can_transform_its_input_as_torchvision_does():
    theirs = torchvision.models.googlenet(transform_input=True, init_weights=False, aux_logits=False).eval()
    ours = build_model("googlenet", preset="googlenet", num_classes=1000, options={"transform_input": True}).eval()
    ours.load_state_dict(theirs.state_dict())
    pictures = torch.randn(1, 3, 64, 64)
    torch.testing.assert_close(ours(pictures), theirs(pictures))


@pytest.mark.parametrize("family", family_names())
def test_small_networks_are_small_and_normalised(family):
    model = build_structure(family)
    assert 100_000 <= count(model) <= 500_000
    assert any(isinstance(module, torch.nn.BatchNorm2d) for module in model.modules())


@pytest.mark.parametrize("family", family_names())
@pytest.mark.parametrize("preset", ["small", "article"])
def test_parameters_are_registered_in_the_order_of_the_forward_pass(family, preset):
    model = build_model(family, preset=preset, options={"base_width": 8})
    names = [name for name, module in model.named_modules() if isinstance(module, torch.nn.Conv2d | torch.nn.Linear)]
    called: list[str] = []
    for name in names:
        model.get_submodule(name).register_forward_hook(lambda *_, name=name: called.append(name))
    model.eval()(torch.zeros(1, 3, 64, 64))
    assert called == names
