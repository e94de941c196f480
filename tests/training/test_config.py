import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlab.errors import ConfigError
from cnnlab.training.config import RunConfig, TrainingConfig
from cnnlab.training.recipes import make_config
from cnnlab.training.settings import SETTINGS

MINIMAL = {"data": {"path": "pictures"}, "architecture": {"family": "vgg"}}


def _numbers(name: str) -> st.SearchStrategy[Any]:
    limit = SETTINGS[f"training.{name}"]
    if limit.choices:
        return st.sampled_from(limit.choices)
    assert limit.low is not None and limit.high is not None
    if limit.type == "integer":
        return st.integers(int(limit.low), int(limit.high))
    return st.floats(limit.low, limit.high)


trainings = st.fixed_dictionaries(
    {"epochs": st.integers(1000, 10_000)},  # long enough for any warm-up
    optional={name: _numbers(name) for name in TrainingConfig.model_fields if name not in ("epochs", "precision")},
)


@given(training=trainings, seed=st.integers(0, 2**31 - 1), name=st.none() | st.text(max_size=20))
def test_a_configuration_survives_yaml_to_the_bit(training: dict[str, Any], seed: int, name: str | None):
    config = RunConfig.from_dict({**MINIMAL, "training": training, "seed": seed, "name": name})
    assert RunConfig.from_yaml(config.to_yaml()) == config
    assert RunConfig.from_dict(config.to_dict()) == config


@pytest.mark.parametrize("path", [path for path, limit in SETTINGS.items() if limit.high is not None])
@pytest.mark.parametrize("side", [-1, 1])
def test_the_error_for_a_value_out_of_range_gives_name_value_and_limits(path: str, side: int):
    limit = SETTINGS[path]
    assert limit.low is not None and limit.high is not None
    value = limit.high * 2 if side > 0 else limit.low - 1
    with pytest.raises(ConfigError) as caught:
        make_config(data="pictures", family="vgg", settings={path: value})
    for text in (
        f"`{path.rpartition('.')[2]}`" if path.startswith("pipeline") else f"`{path}`",
        limit.expected,
        repr(value),
    ):
        assert text in str(caught.value)


@pytest.mark.parametrize("path", [path for path, limit in SETTINGS.items() if limit.choices])
def test_the_error_for_an_unknown_choice_lists_the_known_ones(path: str):
    with pytest.raises(ConfigError, match=f"`{path}` must be one of .*got 'nonsense'"):
        make_config(data="pictures", family="vgg", settings={path: "nonsense"})


def test_every_setting_has_a_title_and_a_help_text():
    described = {path for path in SETTINGS if SETTINGS[path].title and SETTINGS[path].help}
    sections = {"data": "DataConfig", "training": "TrainingConfig", "compute": "ComputeConfig"}
    for name, field in RunConfig.model_fields.items():
        inner = getattr(field.annotation, "model_fields", None) if name in (*sections, "architecture") else None
        paths = [f"{name}.{leaf}" for leaf in inner] if inner else [name]
        assert set(paths) - {"pipeline"} <= described


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({**MINIMAL, "sed": 3}, r"There is no setting `sed`; did you mean `seed`\?"),
        (
            {**MINIMAL, "training": {"epoch": 3}},
            "There is no setting `training.epoch`; did you mean `training.epochs`",
        ),
        ({**MINIMAL, "training": {"epochs": "many"}}, r"`training.epochs` .*a whole number.* \(got 'many'\)"),
        ({"architecture": {"family": "vgg"}}, "`data` is missing"),
        ({**MINIMAL, "data": {}}, "`data.path` is missing"),
        ({**MINIMAL, "compute": {"device": "tpu"}}, "`compute.device` must be auto, cpu.*'tpu'"),
        ({**MINIMAL, "architecture": {"family": "lenet"}}, "No family is called 'lenet'"),
        ({**MINIMAL, "architecture": {"family": "vgg", "options": {"depth": 99}}}, "`depth` must be"),
        ({**MINIMAL, "training": {"epochs": 2, "warmup_epochs": 3.0}}, "`training.warmup_epochs` must be at most"),
        ({**MINIMAL, "data": {"path": "x", "val_fraction": 0.5, "test_fraction": 0.5}}, "must leave at least 0.05"),
        (
            {**MINIMAL, "training": {"precision": "16"}, "compute": {"device": "cpu"}},
            "`training.precision` 16 works on CUDA only",
        ),
    ],
)
def test_an_invalid_configuration_gives_one_sentence(values: dict[str, Any], sentence: str):
    with pytest.raises(ConfigError, match=sentence) as caught:
        RunConfig.from_dict(values)
    assert "\n" not in str(caught.value)


@given(value=st.sampled_from([float("nan"), float("inf"), -float("inf")]))
def test_nan_and_infinity_are_rejected(value: float):
    with pytest.raises(ConfigError, match=r"`training\.learning_rate`"):
        RunConfig.from_dict({**MINIMAL, "training": {"learning_rate": value}})


@pytest.mark.parametrize("text", ["just text", "[1, 2]", "a: [", ""])
def test_text_that_is_not_a_configuration_is_rejected(text: str):
    with pytest.raises(ConfigError):
        RunConfig.from_yaml(text)


def test_a_setting_is_replaced_by_its_path_in_a_copy():
    config = RunConfig.from_dict(MINIMAL)
    changed = config.with_overrides({"training.epochs": 7, "architecture.options": {"depth": 11}, "seed": 4})
    assert (changed.training.epochs, changed.architecture.options, changed.seed) == (7, {"depth": 11}, 4)
    assert (config.training.epochs, config.architecture.options, config.seed) == (30, {}, 0)
    with pytest.raises(ConfigError, match=r"`seed` is a single value, not a section"):
        config.with_overrides({"seed.x": 1})


def test_text_from_a_command_line_becomes_the_options_own_type():
    options = {"base_width": "32", "batch_norm": "true"}
    config = RunConfig.from_dict({**MINIMAL, "architecture": {"family": "vgg", "options": options}})
    assert config.architecture.options == {"base_width": 32, "batch_norm": True}


def test_a_configuration_does_not_import_torch():
    code = "import sys; from cnnlab.training.recipes import make_config; make_config(data='x', family='vgg')"
    code += "; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
