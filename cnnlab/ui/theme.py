"""Whether the page is drawn light or dark, for what cannot follow the theme by itself. Knows no colours."""

import streamlit as st


def is_dark() -> bool:
    """True on a dark page; light until the browser has said."""
    return bool(st.context.theme.type == "dark")
