"""The Architecture page: the families, and why each was invented."""

import streamlit as st

from cnnlab.models.registry import FAMILIES
from cnnlab.ui import shell

shell.ensure()
shell.header("architecture")

for column, family in zip(st.columns(len(FAMILIES)), FAMILIES.values(), strict=True):
    with column.container(border=True, height="stretch"):
        st.subheader(family.title, anchor=False)
        st.markdown(family.help)
        st.caption(family.history)
        for source in family.sources:
            st.caption(f"[{source.title}]({source.url})")
shell.next_step("train")
