"""Why a family was invented, with sources."""

import streamlit as st

from cnnlab.models.registry import get_family


def render(family: str) -> None:
    """Render the text and its sources."""
    described = get_family(family)
    st.markdown(f"**{described.title}.** {described.help}")
    st.markdown(described.history)
    st.markdown("**Sources**\n" + "\n".join(f"- [{source.title}]({source.url})" for source in described.sources))
