import pytest

from cnnlab.data.pipeline import make_pipeline
from cnnlab.errors import ConfigError
from cnnlab.models.registry import family_names, preset_names
from cnnlab.training.config import RunConfig
from cnnlab.training.recipes import FLAGS, RECIPES, make_config, parse_setting


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("family", family_names())
def test_every_recipe_suits_every_preset(recipe: str, family: str):
    for preset in preset_names(family):
        config = make_config(data="pictures", family=family, preset=preset, recipe=recipe)
        assert RunConfig.from_yaml(config.to_yaml()) == config


def test_the_article_recipe_matches_the_article():
    config = make_config(data="pictures", family="vgg", preset="article", recipe="article")
    training = config.training
    assert (training.batch_size, training.optimiser, training.learning_rate, training.epochs) == (
        1,
        "adam",
        0.0002,
        300,
    )
    assert (training.weight_decay, training.schedule, config.data.val_fraction) == (0.0, "constant", 0.0)
    assert [step.name for step in config.pipeline.active] == ["resize", "random_resized_crop", "horizontal_flip"]
    crop = config.pipeline.active[1].parameters
    assert (config.pipeline.leading_resize, config.pipeline.image_size) == (256, 224)
    assert (crop["scale"], crop["ratio"]) == ((0.08, 1.0), (3 / 4, 4 / 3))
    assert config.pipeline.normalisation == "none"


def test_settings_override_flags_and_flags_override_the_recipe():
    config = make_config(
        data="pictures",
        family="resnet",
        recipe="article",
        epochs=5,
        batch_size=4,
        image_size=96,
        settings=["training.epochs=7", "depth=18", "training.clip_norm=1", "seed=3"],
    )
    assert (config.training.epochs, config.training.batch_size, config.training.learning_rate) == (7, 4, 0.0002)
    assert (config.pipeline.image_size, config.training.clip_norm, config.seed) == (96, 1.0, 3)
    assert config.architecture.options == {"depth": 18}


def test_a_flag_that_was_not_given_changes_nothing():
    plain = make_config(data="pictures", family="vgg")
    assert make_config(data="pictures", family="vgg", **dict.fromkeys(FLAGS)) == plain


def test_none_in_settings_means_none():
    config = make_config(data="pictures", family="vgg", recipe="careful", settings={"training.patience": None})
    assert config.training.patience is None


def test_a_pipeline_replaces_that_of_the_recipe():
    pipeline = make_pipeline("none", 80)
    assert make_config(data="pictures", family="vgg", pipeline=pipeline).pipeline == pipeline
    named = make_config(data="pictures", family="vgg", pipeline="none", image_size=80).pipeline
    assert named == pipeline


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("training.learning_rate=1e-3", ("training.learning_rate", 0.001)),
        ("training.clip_norm=null", ("training.clip_norm", None)),
        ("batch_norm=true", ("batch_norm", True)),
        ("name=a=b", ("name", "a=b")),
        ("name=2024 run: first", ("name", "2024 run: first")),
        (" depth = 11 ", ("depth", 11)),
    ],
)
def test_a_setting_is_read_as_intended(text: str, pair: tuple[str, object]):
    assert parse_setting(text) == pair


@pytest.mark.parametrize("text", ["depth", "=3", ""])
def test_a_setting_without_key_or_value_is_an_error(text: str):
    with pytest.raises(ConfigError, match="key=value"):
        parse_setting(text)


def test_the_error_for_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ConfigError, match="choose one of quick, careful, article"):
        make_config(data="pictures", family="vgg", recipe="fast")
    with pytest.raises(ConfigError, match="did you mean `epochs`"):
        make_config(data="pictures", family="vgg", epoch=3)
    with pytest.raises(ConfigError, match="has no option 'dept'"):
        make_config(data="pictures", family="vgg", settings=["dept=11"])


def test_numbers_that_are_names_are_read_as_names():
    config = make_config(data="pictures", family="vgg", device="cuda", settings=["training.precision=16", "name=2024"])
    assert (config.training.precision, config.name) == ("16", "2024")
