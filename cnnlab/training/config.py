"""The configuration of a run: frozen, checked when it is made, written as YAML. Does not import torch.

Equal configurations and equal pictures give equal runs (on a CPU, deterministic, with the same versions and threads).
Limits and help texts are in `settings`, suggested values in `recipes`. Anything invalid raises a `ConfigError`: one
sentence that gives the path of the setting.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ModelWrapValidatorHandler, ValidationError, model_validator

from cnnlab.data.pipeline import Pipeline, default_pipeline
from cnnlab.errors import ConfigError
from cnnlab.models.registry import check_architecture, default_image_size, resolve_options
from cnnlab.plain_yaml import quoted, read_yaml, write_yaml
from cnnlab.training.messages import config_error
from cnnlab.training.settings import SETTINGS, default


class Section(BaseModel):
    """A frozen section of a configuration; `SETTINGS` holds the limits and defaults of its values."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())
    prefix: ClassVar[str] = ""

    @model_validator(mode="wrap")
    @classmethod
    def _one_sentence(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:  # noqa: ANN401
        if isinstance(values, Mapping):
            values = {name: cls._parsed(name, value) for name, value in values.items()}
        try:
            return handler(values)
        except ValidationError as error:
            raise config_error(error, cls.prefix, cls) from None

    @classmethod
    def _parsed(cls, name: str, value: object) -> object:
        setting = SETTINGS.get(f"{cls.prefix}{name}")
        return value if setting is None else setting.parse(value)


class DataConfig(Section):
    """Which pictures, and how they are split. If `split` is given, the fractions and seed only document its origin."""

    prefix: ClassVar[str] = "data."
    path: str
    val_fraction: float = default("data.val_fraction")
    test_fraction: float = default("data.test_fraction")
    split_seed: int = default("data.split_seed")
    split: int | None = default("data.split")

    @model_validator(mode="after")
    def _leaves_some_to_train_on(self) -> Self:
        if self.val_fraction + self.test_fraction > 0.95:
            raise ConfigError(
                "`data.val_fraction` and `data.test_fraction` together must leave at least 0.05 to train on "
                f"(got {self.val_fraction:g} and {self.test_fraction:g})."
            )
        return self


class ArchitectureConfig(Section):
    """Which network. `options` holds only what differs from the preset."""

    prefix: ClassVar[str] = "architecture."
    family: str
    preset: str = default("architecture.preset")
    options: dict[str, Any] = Field(default_factory=dict)
    init_from: str | None = default("architecture.init_from")
    freeze: bool = default("architecture.freeze")

    @model_validator(mode="after")
    def _options_are_known(self) -> Self:
        resolved = resolve_options(self.family, self.preset, self.options)
        for name in self.options:
            self.options[name] = resolved[name]  # text from a command line becomes the option's own type
        return self

    def resolved(self) -> dict[str, Any]:
        """All options of the network: those of the preset, with the changes applied."""
        return dict(resolve_options(self.family, self.preset, self.options))


class TrainingConfig(Section):
    """How the network learns."""

    prefix: ClassVar[str] = "training."
    epochs: int = default("training.epochs")
    batch_size: int = default("training.batch_size")
    accumulate: int = default("training.accumulate")
    optimiser: str = default("training.optimiser")
    learning_rate: float = default("training.learning_rate")
    momentum: float = default("training.momentum")
    weight_decay: float = default("training.weight_decay")
    schedule: str = default("training.schedule")
    warmup_epochs: float = default("training.warmup_epochs")
    step_epochs: int = default("training.step_epochs")
    step_factor: float = default("training.step_factor")
    label_smoothing: float = default("training.label_smoothing")
    class_weights: str = default("training.class_weights")
    clip_norm: float | None = default("training.clip_norm")
    patience: int | None = default("training.patience")
    precision: str = default("training.precision")

    @model_validator(mode="after")
    def _warms_up_in_time(self) -> Self:
        if self.warmup_epochs > self.epochs:
            raise ConfigError(
                f"`training.warmup_epochs` must be at most `training.epochs`, which is {self.epochs} "
                f"(got {self.warmup_epochs:g})."
            )
        return self


class ComputeConfig(Section):
    """Where and how the run is computed. `auto` and None are replaced by actual values when the run is filed."""

    prefix: ClassVar[str] = "compute."
    device: str = default("compute.device")
    threads: int | None = default("compute.threads")
    loaders: int = default("compute.loaders")
    deterministic: bool = default("compute.deterministic")
    memory_layout: str = default("compute.memory_layout")

    @model_validator(mode="after")
    def _device_is_known(self) -> Self:
        if not re.fullmatch(r"auto|cpu|mps|cuda(:\d{1,2})?", self.device):
            raise ConfigError(
                f"`compute.device` must be auto, cpu, cuda, cuda:0 (or 1, ...) or mps (got {quoted(self.device)})."
            )
        return self


class RunConfig(Section):
    """Everything that defines a run, except the pictures themselves.

    Raises:
        ConfigError: a setting is unknown, has the wrong type, is out of range or conflicts with another one.
    """

    name: str | None = default("name")
    data: DataConfig
    architecture: ArchitectureConfig
    pipeline: Pipeline
    training: TrainingConfig = TrainingConfig()
    compute: ComputeConfig = ComputeConfig()
    seed: int = default("seed")

    @model_validator(mode="before")
    @classmethod
    def _pipeline_of_the_architecture(cls, values: Any) -> Any:  # noqa: ANN401
        if not isinstance(values, Mapping) or values.get("pipeline") is not None or "architecture" not in values:
            return values
        architecture = ArchitectureConfig.model_validate(values["architecture"])
        size = default_image_size(architecture.family, architecture.preset)
        return {**values, "architecture": architecture, "pipeline": default_pipeline(size)}

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        if self.training.precision == "16" and self.compute.device in ("cpu", "mps"):
            raise ConfigError(
                f"`training.precision` 16 works on CUDA only (the device is {self.compute.device}); choose 32 or bf16."
            )
        check_architecture(
            self.architecture.family,
            self.architecture.resolved(),
            image_size=self.pipeline.image_size,
            num_classes=2,
            batch_size=self.training.batch_size,
        )
        return self

    def to_dict(self) -> dict[str, Any]:
        """The configuration as plain values for JSON and YAML."""
        return self.model_dump(mode="json")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of `to_dict`."""
        return cls.model_validate(dict(values))

    def to_yaml(self) -> str:
        """The configuration as YAML; `from_yaml` reads it back."""
        return write_yaml(self.to_dict())

    @classmethod
    def from_yaml(cls, text: str) -> Self:
        """The configuration in a YAML text; settings that are missing get their defaults."""
        values = read_yaml(text, "The configuration")
        if not isinstance(values, dict):
            raise ConfigError(
                f"A configuration is a mapping with `data` and `architecture` (got {type(values).__name__})."
            )
        return cls.from_dict(values)

    def with_overrides(self, overrides: Mapping[str, object]) -> Self:
        """A copy with some settings replaced, given by path: `{"training.epochs": 5}`."""
        values = self.to_dict()
        for path, value in overrides.items():
            set_path(values, path, value)
        return type(self).from_dict(values)


def set_path(values: dict[str, Any], path: str, value: object) -> None:
    """Set a value by its path in a nested configuration mapping; missing sections are created."""
    *sections, leaf = path.split(".")
    for section in sections:
        values = values.setdefault(section, {})
        if not isinstance(values, dict):
            raise ConfigError(f"There is no setting `{path}`; `{section}` is a single value, not a section.")
    values[leaf] = value
