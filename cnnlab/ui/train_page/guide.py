"""What *Show me* says on the Train page: what is seen now, and where the way goes on. Knows no curves."""

from collections.abc import Sequence

import streamlit as st

from cnnlab.runs.records import RunRecord, Status
from cnnlab.ui import keys, shell
from cnnlab.ui.state import session


def draw(runs: Sequence[RunRecord]) -> None:
    """Draw the sentence, while *Show me* is going on."""
    if not session.is_guided:
        return
    is_done = all(run.status is Status.FINISHED for run in runs)
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="train_guide"):
        st.markdown(_done_text() if is_done else _running_text())
        if is_done and st.button("Compare them", key=keys.GUIDE_NEXT, type="primary", icon=":material/compare_arrows:"):
            shell.go_to("compare")


def _running_text() -> str:
    return (
        "Three small networks learn to tell drawn poodles from Siamese cats, one after the other. Each step they see "
        "16 pictures; the **loss** falls as they become surer of the right answer. The thick line is what counts: "
        "pictures that were kept out of learning."
    )


def _done_text() -> str:
    return (
        "All three have learned. Where the thick line of one lies above another's, it judges unknown pictures better; "
        "the ring marks the epoch whose weights are kept."
    )
