"""What is chosen on one page and used on another: architecture and pipeline of the next run.

Kept in the store, so that pages, tabs and a restarted server agree.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import streamlit as st

from cnnlab.errors import ConfigError
from cnnlab.models.registry import DEFAULT_PRESET, family_names, get_preset
from cnnlab.ui import drafts, keys

FORM: Final = "train"
"""The draft that keeps the settings of the next run."""
IMAGE_SIZE: Final = "pipeline.image_size"
ARCHITECTURE: Final = "architecture"
PIPELINE: Final = "pipeline"


@dataclass(frozen=True)
class ArchitectureChoice:
    """A family, a preset of it, and the options that differ from the preset."""

    family: str
    preset: str = DEFAULT_PRESET
    options: Mapping[str, Any] = field(default_factory=dict)


def architecture() -> ArchitectureChoice:
    """The architecture of the next run; the default if this version no longer knows the one chosen."""
    kept = drafts.recall(ARCHITECTURE)
    try:
        choice = ArchitectureChoice(**kept)
        get_preset(choice.family, choice.preset)
    except (TypeError, ConfigError):
        return ArchitectureChoice(family_names()[-1])
    return choice


def set_architecture(choice: ArchitectureChoice) -> None:
    """Choose the architecture of the next run; another network resets the image size to its own default."""
    now = architecture()
    if (choice.family, choice.preset) != (now.family, now.preset):
        key = keys.train_setting(IMAGE_SIZE)
        st.session_state.pop(key, None)
        drafts.keep(FORM, {key: None})
    drafts.remember(ARCHITECTURE, asdict(choice))


def pipeline() -> dict[str, Any] | None:
    """The pipeline of the next run as plain values; None means the recipe's own."""
    kept = drafts.recall(PIPELINE)
    return kept if isinstance(kept, dict) else None


def set_pipeline(values: Mapping[str, Any] | None) -> None:
    """Choose the pipeline of the next run."""
    drafts.remember(PIPELINE, None if values is None else dict(values))
