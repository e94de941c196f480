"""Makes number fields accept a decimal comma, as in `0,001`; see assets/number_fields.js."""

from functools import cache
from pathlib import Path
from typing import Final

import streamlit as st

_SCRIPT: Final = Path(__file__).parent / "assets" / "number_fields.js"


def listen() -> None:
    """Accept a decimal comma on this page and on all later ones."""
    st.components.v2.component("cnnlab_number_fields", html="<span></span>", js=_script())(key="frame_number_fields")


@cache
def _script() -> str:
    return _SCRIPT.read_text(encoding="utf-8")
