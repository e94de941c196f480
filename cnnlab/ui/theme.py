"""Whether the page is light or dark, for elements that cannot follow the theme by themselves."""

import streamlit as st


def is_dark() -> bool:
    """True on a dark page; False until the browser has reported its theme."""
    return bool(st.context.theme.type == "dark")
