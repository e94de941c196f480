"""Numbers as people type them in every number field: `0,001` is understood; see assets/number_fields.js."""

from functools import cache
from pathlib import Path
from typing import Final

import streamlit as st

_SCRIPT: Final = Path(__file__).parent / "assets" / "number_fields.js"


def listen() -> None:
    """Let the browser understand a decimal comma, on this page and on those that follow."""
    st.components.v2.component("cnnlab_number_fields", html="<span></span>", js=_script())(key="frame_number_fields")


@cache
def _script() -> str:
    return _SCRIPT.read_text(encoding="utf-8")
