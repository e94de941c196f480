"""The component's files, and how they reach the browser.

Streamlit serves files from folders that a package declares in its manifest. Two are declared here at run time: the
component's own and the plotly package's, so that each browser fetches plotly.min.js (4.7 MB) only once, instead of
getting it with every page. The manifest is a part of Streamlit without a public name; a test watches it.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import plotly
import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

if TYPE_CHECKING:
    from streamlit.components.v2.bidi_component import ComponentResult

NAME: Final = "cnnlab.live_figure"
ENGINE: Final = "cnnlab.plotly"


def mount(**arguments: Any) -> "ComponentResult":  # noqa: ANN401
    """Render one instance; takes `key`, `data`, `height` and callbacks like Streamlit's own components."""
    manager = get_bidi_component_manager()
    if manager.get_component_asset_root(NAME) is None:
        for name, folder in _folders().items():
            manager.register_from_manifest(_manifest(name, folder), folder.parent)
    return st.components.v2.component(NAME, css="live_figure.css", js="live_figure.js")(**arguments)


def engine_version() -> str:
    """The version of plotly.min.js, part of its address in the browser's cache."""
    return str(plotly.__version__)


def _folders() -> dict[str, Path]:
    assert plotly.__file__ is not None
    return {NAME: Path(__file__).parent / "assets", ENGINE: Path(plotly.__file__).parent / "package_data"}


def _manifest(name: str, folder: Path) -> ComponentManifest:
    package, _, component = name.partition(".")
    return ComponentManifest(package, "1", [ComponentConfig(name=component, asset_dir=folder.name)])
