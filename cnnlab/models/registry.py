"""The available families, and all checks that are possible before building a network. Does not import torch."""

from collections.abc import Mapping
from typing import Final

from cnnlab.errors import ConfigError
from cnnlab.models.descriptions.family import BATCH_NORM, FamilySpec, PresetSpec
from cnnlab.models.descriptions.googlenet import GOOGLENET
from cnnlab.models.descriptions.resnet import RESNET
from cnnlab.models.descriptions.vgg import VGG
from cnnlab.models.geometry import map_size, smallest_image
from cnnlab.models.options import Options, OptionValue
from cnnlab.parameters import IMAGE_SIZE
from cnnlab.plain_yaml import quoted

FAMILIES: Final[Mapping[str, FamilySpec]] = {family.name: family for family in (VGG, GOOGLENET, RESNET)}
DEFAULT_PRESET: Final = "small"
MAX_CLASSES: Final = 10_000


def family_names() -> tuple[str, ...]:
    """Names of the families, in the article's order."""
    return tuple(FAMILIES)


def get_family(name: str) -> FamilySpec:
    """The family of that name.

    Raises:
        ConfigError: there is none; the message lists the known ones.
    """
    if name not in FAMILIES:
        raise ConfigError(f"No family is called {quoted(name)}; choose one of {', '.join(FAMILIES)}.")
    return FAMILIES[name]


def preset_names(family: str) -> tuple[str, ...]:
    """Names of a family's presets, the default first."""
    return tuple(preset.name for preset in get_family(family).presets)


def get_preset(family: str, name: str) -> PresetSpec:
    """The preset of that name.

    Raises:
        ConfigError: there is none; the message lists the known ones, or names the family that has it.
    """
    for preset in get_family(family).presets:
        if preset.name == name:
            return preset
    owner = next((other for other in FAMILIES if name in preset_names(other)), None)
    if owner is not None:
        raise ConfigError(f"Preset {name!r} belongs to the family {owner}, not to {family}; choose family {owner}.")
    raise ConfigError(
        f"{get_family(family).title} has no preset {name!r}; choose one of {', '.join(preset_names(family))}."
    )


def default_image_size(family: str, preset: str = DEFAULT_PRESET) -> int:
    """Image side in pixels that the preset was made for."""
    return get_preset(family, preset).image_size


def resolve_options(
    family: str, preset: str = DEFAULT_PRESET, overrides: Mapping[str, object] | None = None
) -> dict[str, OptionValue]:
    """All options of the family: the overrides, else the preset's values, else the defaults; values may be text.

    `check_architecture` checks whether options conflict.

    Raises:
        ConfigError: an option is unknown or invalid; names it and what was expected.
    """
    return _complete(family, {**get_preset(family, preset).options, **(overrides or {})})


def check_architecture(
    family: str,
    options: Mapping[str, object],
    *,
    image_size: int,
    num_classes: int,
    batch_size: int | None = None,
) -> None:
    """Check that a network can be built and trained.

    Raises:
        ConfigError: it cannot; names the option and the remedy.
    """
    complete = _complete(family, options)
    invalid_reason = get_family(family).invalid_reason(complete)
    if invalid_reason is not None:
        raise ConfigError(invalid_reason)
    if not 2 <= num_classes <= MAX_CLASSES:
        raise ConfigError(f"`num_classes` must be between 2 and {MAX_CLASSES} (got {num_classes}).")
    smallest = smallest_input(family, complete)
    largest = IMAGE_SIZE.high
    if largest is None or not smallest <= image_size <= largest:
        raise ConfigError(
            f"`image_size` must be between {smallest} and {largest:g} pixels for this {get_family(family).title} "
            f"(got {image_size}); choose a size in that range."
        )
    if batch_size == 1 and complete.get(BATCH_NORM.name):
        _check_batch_of_one(get_family(family), complete, image_size)


def smallest_input(family: str, options: Mapping[str, object]) -> int:
    """Smallest image side in pixels that the network accepts."""
    return smallest_image(get_family(family).windows(_complete(family, options)))


def last_map_size(family: str, options: Mapping[str, object], image_size: int) -> int:
    """Side of the last feature map in cells."""
    return map_size(image_size, get_family(family).windows(_complete(family, options)))


def _check_batch_of_one(family: FamilySpec, options: Options, image_size: int) -> None:
    windows = family.windows(options)
    normalised = windows[: len(windows) - family.windows_after_norm]
    if map_size(image_size, normalised) > 1:
        return
    enough = smallest_image(normalised, last_map=2)
    raise ConfigError(
        f"`batch_norm` cannot normalise a single value: at image size {image_size} the last map is 1x1 and a batch "
        f"holds one picture; use a batch size of at least 2, an image size of at least {enough}, or batch_norm=false."
    )


def _complete(family: str, options: Mapping[str, object]) -> dict[str, OptionValue]:
    """Defaults filled in and every value parsed, in the order of the description."""
    specs = get_family(family).options
    unknown = sorted(set(options) - {spec.name for spec in specs})
    if unknown:
        known = ", ".join(spec.name for spec in specs)
        raise ConfigError(f"{get_family(family).title} has no option {unknown[0]!r}; its options are {known}.")
    return {spec.name: spec.parse(options.get(spec.name, spec.default)) for spec in specs}
