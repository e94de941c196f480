"""Recipes: ways of training under a name, and the one place where recipe, flags and `--set` become a configuration.

The command line and the forms both call `make_config`; what comes later wins: defaults, recipe, flags, settings. Knows
neither torch nor any data set.
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
    """A way of training: settings by path, and a pipeline preset. `image_size` None: what the architecture likes."""

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
            help="A small folder in about a minute: AdamW with one cycle and light augmentation.",
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
            help="Longer and milder, against overfitting: strong augmentation, smoothed labels, balanced classes, a "
            "cosine schedule with warm-up, and an early end when validation no longer improves.",
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
            help="As the source article trains: one picture a step, Adam at 0.0002, 300 epochs, no validation.",
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

# What a flag or a form field is called, and the setting that it means.
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

_TEXTS: Final = frozenset({"name", "data.path"})  # never a number, whatever they look like


def get_recipe(name: str) -> Recipe:
    """The recipe of that name; a `ConfigError` lists the known ones."""
    if name not in RECIPES:
        raise ConfigError(f"No recipe is called {quoted(name)}; choose one of {', '.join(RECIPES)}.")
    return RECIPES[name]


def parse_setting(text: str) -> tuple[str, object]:
    """`key=value` as it stands after `--set`; the value is read as YAML: `1e-3`, `true`, `null`, `[1, 2]`."""
    key, equals, value = text.partition("=")
    key = key.strip()
    if not equals or not key:
        raise ConfigError(f"A setting is written key=value (got {quoted(text)}), for example training.epochs=5.")
    return key, value.strip() if key in _TEXTS else parse_value(value.strip())


def parse_value(text: str) -> object:
    """A value as YAML reads it, and `1e-3`, which YAML takes for text, as the number that is meant."""
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

    `settings` is `--set` as texts (`key=value`) or as a mapping: a bare key is an option of the architecture, one with
    dots a path in the configuration; there None means None. `pipeline` replaces the recipe's; a text is the name of a
    pipeline preset. `flags` are values of `FLAGS` by name; there None means "not given".

    Raises:
        ConfigError: whatever does not fit, in a sentence.
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


def _pipeline(wanted: Pipeline | Mapping[str, Any] | str, image_size: int) -> Mapping[str, Any]:
    if isinstance(wanted, Pipeline):
        return wanted.model_dump(mode="json")
    if isinstance(wanted, str):
        return make_pipeline(wanted, image_size).model_dump(mode="json")
    return wanted
