"""The Compare page: runs side by side, and what can be concluded about them."""

import streamlit as st

from cnnlab.analysis.comparison import compare, sentence
from cnnlab.ui import guide, keys, messages, navigation, shell, wording
from cnnlab.ui.compare_page import disagreement, figures, manage, mistakes, panels, runs_choice
from cnnlab.ui.resources import store

PANELS = {
    "Curves": panels.curves,
    "Figures": figures.render,
    "Settings": panels.settings,
    "Confusion": mistakes.confusion,
    "Disagreement": disagreement.render,
    "Cost": panels.cost,
    "Article's plot": panels.article,
    "Manage": manage.render,
}

shell.ensure()
shell.header("compare")

if not store().runs.list(limit=1):
    shell.entitle("compare", "")
    navigation.empty_state("Comparing takes two runs, and there are none yet.", button="Train a network", page="train")
    st.stop()

controls, canvas = shell.controls_and_canvas(2.0)  # the table of runs has four columns
with controls:
    runs = runs_choice.choose()
    shell.entitle_runs("compare", runs)

with canvas, messages.guard("the comparison"):
    if not runs:
        st.info("Tick a run to see it, or several to compare them.")
    else:
        guide.on_compare(runs)
        if len(runs) > 1:
            comparison = compare(runs)
            (st.markdown if comparison.comparable else st.warning)(
                f"**{wording.escape_markdown(sentence(comparison, runs))}**"
            )
        tabs = st.tabs(list(PANELS), key=keys.COMPARE_PANEL, on_change="rerun")
        for tab, render in zip(tabs, PANELS.values(), strict=True):
            if tab.open:
                with tab, messages.guard("this panel"):
                    render(runs)

navigation.next_step("predict")
