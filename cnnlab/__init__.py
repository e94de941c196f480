"""CNN Lab: which convolutional network suits your own pictures, and why.

Importing the package imports neither torch nor streamlit; each public name loads what it needs when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnnlab.errors import CnnLabError
    from cnnlab.models.build import build_model
    from cnnlab.models.inspection import inspect_model
    from cnnlab.runs.execute import train
    from cnnlab.training.config import RunConfig

_HOMES = {
    "CnnLabError": "cnnlab.errors",
    "RunConfig": "cnnlab.training.config",
    "build_model": "cnnlab.models.build",
    "inspect_model": "cnnlab.models.inspection",
    "train": "cnnlab.runs.execute",
}

__all__ = ["CnnLabError", "RunConfig", "build_model", "inspect_model", "train"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Import a public name from its home on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """All public names, loaded or not."""
    return __all__
