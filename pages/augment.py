"""The Augment page: what the network will see of each picture."""

import streamlit as st

from cnnlab.data.pipeline import PIPELINE_PRESETS
from cnnlab.ui import messages, shell, sidebar

shell.ensure()
shell.header("augment")

if sidebar.current_dataset() is None:
    messages.empty_state(
        "Augmentation changes pictures, and there are none yet.", button="Choose pictures", page="data"
    )
    st.stop()

st.markdown(
    "Each epoch shows the network every picture anew: cropped, mirrored, recoloured. So it learns what an animal is, "
    f"and not forty photos. The recipes on the Train page bring their own steps: {', '.join(PIPELINE_PRESETS)}."
)
shell.next_step("architecture")
