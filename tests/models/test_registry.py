import subprocess
import sys

import pytest

from cnnlab.errors import ConfigError
from cnnlab.models import registry

FAMILIES = registry.family_names()
PRESETS = [(family, preset) for family in FAMILIES for preset in registry.preset_names(family)]


def test_families_are_in_the_articles_order_and_their_first_preset_is_small():
    assert FAMILIES == ("vgg", "googlenet", "resnet")
    assert all(registry.preset_names(family)[:2] == ("small", "article") for family in FAMILIES)


def test_published_presets_have_torchvisions_names():
    assert set(registry.preset_names("vgg")[2:]) == {f"vgg{d}{bn}" for d in (11, 13, 16, 19) for bn in ("", "_bn")}
    assert registry.preset_names("googlenet")[2:] == ("googlenet",)
    assert registry.preset_names("resnet")[2:] == ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")


@pytest.mark.parametrize("family", FAMILIES)
def test_every_option_has_help_and_accepts_its_own_default(family):
    spec = registry.get_family(family)
    names = [option.name for option in spec.options]
    assert len(set(names)) == len(names)
    for option in spec.options:
        assert option.title and option.help.endswith(".") and option.effect.endswith(".")
        assert option.parse(option.default) == option.default
        assert option.parse(str(option.default)) == option.default
    assert len(spec.history) > 1000
    assert all(source.url.startswith("https://arxiv.org/abs/") for source in spec.sources)


@pytest.mark.parametrize(("family", "preset"), PRESETS)
def test_every_preset_is_valid_at_its_own_image_size(family, preset):
    options = registry.resolve_options(family, preset)
    size = registry.default_image_size(family, preset)
    registry.check_architecture(family, options, image_size=size, num_classes=2, batch_size=1)


def test_overrides_may_be_text_from_the_command_line():
    options = registry.resolve_options("resnet", "small", {"depth": "50", "skip": "off", "base_width": "8"})
    assert (options["depth"], options["skip"], options["base_width"]) == (50, False, 8)


@pytest.mark.parametrize(
    ("family", "overrides", "sentence"),
    [
        ("vgg", {"depth": 12}, "`depth` must be one of 11, 13, 16, 19"),
        ("vgg", {"dropout": 0.95}, "`dropout` must be a number between 0 and 0.9"),
        ("vgg", {"dropout": "nan"}, "`dropout` must be a number"),
        ("vgg", {"base_width": 1.5}, "`base_width` must be a whole number between 4 and 128"),
        ("resnet", {"skip": "perhaps"}, "`skip` must be true or false"),
        ("resnet", {"heads": 3}, "ResNet has no option 'heads'"),
    ],
)
def test_the_error_names_a_wrong_option_and_what_was_expected(family, overrides, sentence):
    with pytest.raises(ConfigError, match=sentence):
        registry.resolve_options(family, "small", overrides)


def test_unknown_names_list_the_known_ones():
    with pytest.raises(ConfigError, match="choose one of vgg, googlenet, resnet"):
        registry.get_family("alexnet")
    with pytest.raises(ConfigError, match="belongs to the family resnet"):
        registry.resolve_options("vgg", "resnet18")
    with pytest.raises(ConfigError, match="choose one of small, article, googlenet"):
        registry.resolve_options("googlenet", "large")


@pytest.mark.parametrize(
    ("change", "named", "remedy"),
    [
        ({"skip": False}, "`skip`", "switch `skip` on"),
        ({"batch_norm": False}, "`batch_norm`", "switch `batch_norm` on"),
        ({"layout": "article"}, "`layout`", "choose layout published"),
    ],
)
def test_a_zero_initialised_residual_is_rejected_if_it_could_never_learn(change, named, remedy):
    options = registry.resolve_options("resnet", "small", {"zero_init_residual": True, **change})
    with pytest.raises(ConfigError, match=f"`zero_init_residual`.*{named}.*{remedy}"):
        registry.check_architecture("resnet", options, image_size=64, num_classes=2)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_error_gives_the_limits_of_image_size_and_classes(family):
    options = registry.resolve_options(family)
    smallest = registry.smallest_input(family, options)
    for size in (smallest - 1, 513):
        with pytest.raises(ConfigError, match=f"`image_size` must be between {smallest} and 512.*got {size}"):
            registry.check_architecture(family, options, image_size=size, num_classes=2)
    with pytest.raises(ConfigError, match="`num_classes`"):
        registry.check_architecture(family, options, image_size=64, num_classes=1)


def test_one_picture_on_a_map_of_one_cell_is_rejected_with_three_remedies():
    options = registry.resolve_options("resnet", "resnet18")
    with pytest.raises(
        ConfigError, match="batch size of at least 2, an image size of at least 33, or batch_norm=false"
    ):
        registry.check_architecture("resnet", options, image_size=32, num_classes=2, batch_size=1)
    registry.check_architecture("resnet", options, image_size=33, num_classes=2, batch_size=1)
    registry.check_architecture("resnet", options, image_size=32, num_classes=2, batch_size=2)
    plain = {**options, "batch_norm": False}
    registry.check_architecture("resnet", plain, image_size=32, num_classes=2, batch_size=1)


def test_descriptions_and_checks_do_not_import_torch():
    code = (
        "import sys, cnnlab.models.registry as r, cnnlab.models.records\n"
        "r.check_architecture('vgg', r.resolve_options('vgg'), image_size=64, num_classes=2)\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
