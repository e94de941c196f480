"""The registry of transforms and the pipelines built from it."""

import pytest
from pydantic import ValidationError

from cnnlab.data.pipeline import PIPELINE_PRESETS, Pipeline, Step, default_pipeline, make_pipeline, working_side
from cnnlab.data.transforms import get_transform, transform_names
from cnnlab.errors import ConfigError


def test_the_registry_contains_the_promised_transforms():
    promised = {
        "resize", "center_crop", "random_resized_crop", "horizontal_flip", "vertical_flip", "rotation", "affine",
        "perspective", "color_jitter", "grayscale", "gaussian_blur", "erasing", "trivial_augment", "rand_augment",
    }  # fmt: skip
    assert promised <= set(transform_names())


@pytest.mark.parametrize("name", transform_names())
def test_every_transform_describes_itself_and_accepts_its_own_limits(name):
    spec = get_transform(name)
    assert spec.title
    assert spec.help.endswith((".", ")."))
    for parameter in spec.parameters:
        assert parameter.help.endswith(".")
        assert parameter.parse(parameter.default) == parameter.default
        if parameter.type in ("integer", "number"):
            kind = int if parameter.type == "integer" else float
            assert parameter.parse(kind(parameter.low)) == parameter.low
            for value in (parameter.low - 1, parameter.high + 1, "much", True, float("nan")):
                with pytest.raises(ConfigError, match=parameter.name):
                    parameter.parse(value)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({"name": "zoom"}, "No transform is called 'zoom'"),
        ({"name": "rotation", "parameters": {"degree": 3}}, "no parameter 'degree'. Known: degrees, fill"),
        ({"name": "rotation", "parameters": {"degrees": 200}}, "between 0 and 180"),
        ({"name": "random_resized_crop", "parameters": {"scale": [0.9, 0.1]}}, "in ascending order"),
        ({"name": "random_resized_crop", "parameters": {"scale": 0.3}}, "two numbers"),
    ],
)
def test_invalid_steps_are_rejected_in_one_sentence(step, message):
    with pytest.raises(ConfigError, match=message):
        Pipeline.model_validate({"steps": [step]})


@pytest.mark.parametrize("preset", PIPELINE_PRESETS)
@pytest.mark.parametrize("size", [8, 32, 224, 512])
def test_every_preset_survives_yaml(preset, size):
    pipeline = make_pipeline(preset, size)
    assert Pipeline.from_yaml(pipeline.to_yaml()) == pipeline
    assert Pipeline.model_validate(pipeline.model_dump()) == pipeline


def test_a_step_knows_all_of_its_parameters():
    assert Step(name="rotation", parameters={"degrees": 30}).parameters == {"degrees": 30.0, "fill": 0}
    assert Step(name="rotation") == Step(name="rotation", parameters={"degrees": 15})


def test_a_pipeline_cannot_be_changed():
    with pytest.raises(ValidationError):
        default_pipeline().image_size = 3


def test_the_article_preset_matches_the_article():
    pipeline = make_pipeline("article", 224)
    assert pipeline.leading_resize == 256
    assert pipeline.normalisation == "none"
    assert [(step.name, step.parameters) for step in pipeline.following] == [
        ("random_resized_crop", {"scale": (0.08, 1.0), "ratio": (3 / 4, 4 / 3)}),
        ("horizontal_flip", {"probability": 0.5}),
    ]


def test_the_leading_steps_start_with_a_resize_and_end_before_the_first_random_one():
    steps = tuple(Step(name=name) for name in ("to_grayscale", "horizontal_flip", "center_crop"))
    pipeline = Pipeline(image_size=64, steps=(Step(name="rotation", enabled=False), *steps))
    assert [step.name for step in pipeline.leading] == ["resize", "to_grayscale"]
    assert [step.name for step in pipeline.following] == ["horizontal_flip", "center_crop"]
    assert pipeline.leading_resize == working_side(64) == 73


@pytest.mark.parametrize("text", ["steps: [", "image_size: 4000", "image_size: [1]", "colour: red", "- 1", ""])
def test_invalid_yaml_is_rejected_in_one_line(text):
    with pytest.raises(ConfigError) as caught:
        Pipeline.from_yaml(text)
    assert "\n" not in str(caught.value)


def test_an_unknown_preset_lists_the_known_ones():
    with pytest.raises(ConfigError, match="none, light, article"):
        make_pipeline("heavy", 224)
