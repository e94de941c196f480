"""Which hyperparameters the form shows, in which group, and of what kind each is. Draws nothing.

Titles, limits and help come from `training.limits`, kinds and defaults from the configuration itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, Literal, get_args

from cnnlab.models.registry import default_image_size
from cnnlab.training.config import ArchitectureConfig, ComputeConfig, DataConfig, RunConfig, Section, TrainingConfig
from cnnlab.training.limits import LIMITS, Limit
from cnnlab.training.recipes import get_recipe
from cnnlab.ui.next_run.choices import IMAGE_SIZE

Kind = Literal["integer", "number", "switch", "choice", "text"]

BASICS: Final = (
    "training.epochs",
    "training.batch_size",
    "training.learning_rate",
    "training.optimiser",
    "pipeline.image_size",
    "seed",
)
FOLDED: Final[Mapping[str, tuple[str, ...]]] = {
    "Schedule": ("training.schedule", "training.warmup_epochs", "training.step_epochs", "training.step_factor"),
    "Against overfitting": (
        "training.weight_decay",
        "training.label_smoothing",
        "training.class_weights",
        "training.patience",
    ),
    "Gradients": ("training.momentum", "training.clip_norm", "training.accumulate", "training.precision"),
    "Start from weights": ("architecture.init_from", "architecture.freeze"),
    "Computing": (
        "compute.device",
        "compute.threads",
        "compute.loaders",
        "compute.memory_layout",
        "compute.deterministic",
    ),
}
ALL: Final = (*BASICS, *(path for group in FOLDED.values() for path in group))

WIDEST_CHOICE: Final = 8
WIDEST_SWITCH: Final = 6
"""Letters that fit half of the form on a school laptop, in longer languages than this one too."""
ORIGIN: Final = "architecture.init_from"
_IMAGE_SIZE_LIMIT: Final = Limit(
    title="Image size",
    help="Side of the square that the network sees. Twice the side is four times the arithmetic.",
    low=8,
    high=512,
    unit="pixels",
)
_SECTIONS: Final[Mapping[str, type[Section]]] = {
    "data": DataConfig,
    "architecture": ArchitectureConfig,
    "training": TrainingConfig,
    "compute": ComputeConfig,
}


def limit_of(path: str) -> Limit:
    """Title, bounds and help of a setting."""
    return _IMAGE_SIZE_LIMIT if path == IMAGE_SIZE else LIMITS[path]


@cache
def kind_of(path: str) -> Kind:
    """Which widget a setting takes."""
    if path == IMAGE_SIZE:
        return "integer"
    if limit_of(path).choices is not None:
        return "choice"
    types = _types_of(path)
    if bool in types:
        return "switch"
    if float in types:
        return "number"
    return "integer" if int in types else "text"


@cache
def may_be_empty(path: str) -> bool:
    """Whether a setting may be left out."""
    return path != IMAGE_SIZE and type(None) in _types_of(path)


def rows(paths: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Settings in pairs, those alone that need the width of two for what they show."""
    waiting: tuple[str, ...] = ()
    for path in paths:
        if _is_wide(path):
            yield (path,)
            continue
        waiting = (*waiting, path)
        if len(waiting) == 2:
            yield waiting
            waiting = ()
    if waiting:
        yield waiting


def _is_wide(path: str) -> bool:
    longest = max((len(str(choice)) for choice in limit_of(path).choices or ()), default=0)
    is_long_switch = kind_of(path) == "switch" and len(limit_of(path).title) > WIDEST_SWITCH
    return longest > WIDEST_CHOICE or is_long_switch or path == ORIGIN


def default_of(path: str, *, recipe: str, family: str, preset: str) -> Any:  # noqa: ANN401
    """What the form holds until somebody changes it: the recipe's value, else the configuration's."""
    chosen = get_recipe(recipe)
    if path == IMAGE_SIZE:
        return chosen.image_size or default_image_size(family, preset)
    if path in chosen.settings:
        return chosen.settings[path]
    return _field_of(path).default


def fitted(path: str, value: Any) -> Any:  # noqa: ANN401
    """A value as the widget wants it: JSON and people write 1 for 1.0; what is out of bounds is brought inside."""
    limit, kind = limit_of(path), kind_of(path)
    if value is None or kind not in ("integer", "number"):
        return value
    if limit.low is not None and limit.high is not None:
        value = min(max(value, limit.low), limit.high)
    return int(value) if kind == "integer" else float(value)


def _types_of(path: str) -> tuple[Any, ...]:
    annotation = _field_of(path).annotation
    return get_args(annotation) or (annotation,)


def _field_of(path: str) -> Any:  # noqa: ANN401 - pydantic's description of a field
    section, _, name = path.rpartition(".")
    return _SECTIONS[section].model_fields[name] if section else RunConfig.model_fields[name]
