"""Recipes, which are named ways of training, and `make_config`, which combines recipe, flags and `--set`.

Both the command line and the forms call `make_config`. Later sources override earlier ones: defaults, recipe, flags,
settings. Does not import torch.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from cnnlab.data.pipeline import Pipeline, make_pipeline
from cnnlab.errors import ConfigError
from cnnlab.models.registry import DEFAULT_PRESET, default_image_size
from cnnlab.plain_yaml import quoted, read_yaml
from cnnlab.training.config import ComputeConfig, DataConfig, RunConfig, TrainingConfig, set_path
from cnnlab.training.messages import unknown_setting


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A way of training: settings by path, and a pipeline preset. `image_size` None: the architecture's default."""

    name: str
    title: str
    help: str
    pipeline: str
    settings: Mapping[str, object]
    image_size: int | None = None


def _recipe(**values: Any) -> Recipe:  # noqa: ANN401
    return Recipe(**{**values, "settings": MappingProxyType(values["settings"])})


DEFAULT_RECIPE: Final = "quick"

RECIPES: Final[Mapping[str, Recipe]] = {
    recipe.name: recipe
    for recipe in (
        _recipe(
            name="quick",
            title="Quick",
            help="For a small folder, in about a minute: AdamW with a one-cycle schedule and light augmentation.",
            pipeline="light",
            settings={
                "training.epochs": 40,
                "training.batch_size": 16,
                "training.optimiser": "adamw",
                "training.learning_rate": 2e-3,
                "training.weight_decay": 0.05,
                "training.schedule": "one_cycle",
            },
        ),
        _recipe(
            name="careful",
            title="Careful",
            help="Longer and gentler, against overfitting: strong augmentation, smoothed labels, balanced classes, a "
            "cosine schedule with warm-up, and early stopping when the validation loss no longer improves.",
            pipeline="strong",
            settings={
                "training.epochs": 120,
                "training.batch_size": 16,
                "training.optimiser": "adamw",
                "training.learning_rate": 1e-3,
                "training.weight_decay": 0.05,
                "training.schedule": "cosine",
                "training.warmup_epochs": 3.0,
                "training.label_smoothing": 0.1,
                "training.class_weights": "balanced",
                "training.clip_norm": 5.0,
                "training.patience": 40,
            },
        ),
        _recipe(
            name="article",
            title="Article",
            help="The training of the source article: one picture per step, Adam at 0.0002, 300 epochs, no validation.",
            pipeline="article",
            image_size=224,
            settings={
                "training.epochs": 300,
                "training.batch_size": 1,
                "training.optimiser": "adam",
                "training.learning_rate": 0.0002,
                "training.weight_decay": 0.0,
                "training.schedule": "constant",
                "data.val_fraction": 0.0,
                "data.test_fraction": 0.0,
            },
        ),
    )
}

# Flags and form fields, and the setting that each one stands for.
FLAGS: Final[Mapping[str, str]] = {
    "name": "name",
    "seed": "seed",
    "image_size": "pipeline.image_size",
    "normalisation": "pipeline.normalisation",
    "init_from": "architecture.init_from",
    "freeze": "architecture.freeze",
    **{name: f"data.{name}" for name in DataConfig.model_fields if name != "path"},
    **{name: f"training.{name}" for name in TrainingConfig.model_fields},
    **{name: f"compute.{name}" for name in ComputeConfig.model_fields},
}

_TEXTS: Final = frozenset({"name", "data.path"})  # always text, even if it looks like a number


def get_recipe(name: str) -> Recipe:
    """The recipe with that name; the `ConfigError` for an unknown one lists all."""
    if name not in RECIPES:
        raise ConfigError(f"There is no recipe {quoted(name)}; choose one of {', '.join(RECIPES)}.")
    return RECIPES[name]


def parse_setting(text: str) -> tuple[str, object]:
    """Split a `key=value` argument of `--set`; the value is read as YAML: `1e-3`, `true`, `null`, `[1, 2]`."""
    key, equals, value = text.partition("=")
    key = key.strip()
    if not equals or not key:
        raise ConfigError(
            f"A setting must be written as key=value (got {quoted(text)}), for example training.epochs=5."
        )
    return key, value.strip() if key in _TEXTS else parse_value(value.strip())


def parse_value(text: str) -> object:
    """A value as YAML reads it, except that `1e-3`, which YAML takes for text, becomes a number."""
    try:
        value = read_yaml(text, "The value")
    except ConfigError:
        return text
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value


def make_config(
    *,
    data: Path | str,
    family: str,
    preset: str = DEFAULT_PRESET,
    recipe: str = DEFAULT_RECIPE,
    settings: Mapping[str, object] | Iterable[str] = (),
    pipeline: Pipeline | Mapping[str, Any] | str | None = None,
    **flags: object,
) -> RunConfig:
    """The configuration that a command line or a form describes.

    `settings` holds the arguments of `--set` (`key=value`), or a mapping: a key without a dot is an option of the
    architecture, one with dots a path in the configuration, and a None is set as such. `pipeline` replaces that of the
    recipe; a string is the name of a pipeline preset. `flags` are named as in `FLAGS`; None means "not given".

    Raises:
        ConfigError: a name is unknown, or a value is invalid or conflicts with another.
    """
    chosen = get_recipe(recipe)
    by_path = dict(chosen.settings)
    for flag, value in flags.items():
        if flag not in FLAGS:
            raise ConfigError(unknown_setting(flag, list(FLAGS)))
        if value is not None:
            by_path[FLAGS[flag]] = value
    options: dict[str, object] = {}
    pairs = settings.items() if isinstance(settings, Mapping) else [parse_setting(text) for text in settings]
    for key, value in pairs:
        if "." in key or key in ("name", "seed"):
            by_path[key] = value
        else:
            options[key] = value
    values: dict[str, Any] = {
        "data": {"path": str(data)},
        "architecture": {"family": family, "preset": preset, "options": options},
        "pipeline": _pipeline(pipeline or chosen.pipeline, chosen.image_size or default_image_size(family, preset)),
    }
    for path, value in by_path.items():
        set_path(values, path, value)
    return RunConfig.from_dict(values)


def _pipeline(pipeline: Pipeline | Mapping[str, Any] | str, image_size: int) -> Mapping[str, Any]:
    if isinstance(pipeline, Pipeline):
        return pipeline.model_dump(mode="json")
    if isinstance(pipeline, str):
        return make_pipeline(pipeline, image_size).model_dump(mode="json")
    return pipeline
