"""Which hyperparameters the form shows, and in which group; `training.settings` describes each of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from cnnlab.models.registry import default_image_size
from cnnlab.training.recipes import get_recipe
from cnnlab.training.settings import SETTINGS
from cnnlab.ui import parameter_field
from cnnlab.ui.next_run.choices import IMAGE_SIZE

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
"""Letters that fit half the form's width on a small laptop, even in a language with longer words."""
ORIGIN: Final = "architecture.init_from"


def rows(paths: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Settings in pairs; those that need the full width get a row of their own."""
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
    longest = max((len(str(choice)) for choice in SETTINGS[path].choices or ()), default=0)
    is_long_switch = SETTINGS[path].type == "switch" and len(SETTINGS[path].title) > WIDEST_SWITCH
    return longest > WIDEST_CHOICE or is_long_switch or path == ORIGIN


def default_of(path: str, *, recipe: str, family: str, preset: str) -> Any:  # noqa: ANN401
    """The value before anyone changes it: the recipe's, else the configuration's default."""
    chosen = get_recipe(recipe)
    if path == IMAGE_SIZE:
        return chosen.image_size or default_image_size(family, preset)
    return chosen.settings.get(path, SETTINGS[path].default)


def fitted(path: str, value: Any) -> Any:  # noqa: ANN401
    """A value in the form that the setting's widget accepts."""
    return parameter_field.fitted(SETTINGS[path], value)
