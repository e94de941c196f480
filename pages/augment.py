"""The Augment page: what the network will see of each picture."""

import streamlit as st

from cnnlab.helper import front
from cnnlab.ui import keys, messages, navigation, shell
from cnnlab.ui.augment_page import canvas, editing, editor, picture_choice
from cnnlab.ui.next_run.dataset import current_dataset

shell.ensure()
action = shell.header("augment")
dataset = current_dataset()
with action:
    st.button(
        "Resample",
        key=keys.AUGMENT_AGAIN,
        type="primary",
        icon=":material/casino:",
        help="Shows the samples of the next epochs." if dataset else "Add pictures first.",
        on_click=canvas.sample_again,
        disabled=dataset is None,
    )
controls_part, canvas_part = shell.controls_and_canvas()
with controls_part:
    pipeline = editing.current()
    editor.render(pipeline)

with canvas_part:
    if dataset is None:
        navigation.empty_state(
            "There are no pictures yet. Once you add some, you will see here what these steps do to them.",
            button="Choose pictures",
            page="data",
        )
    else:
        front.start_warming()  # torch takes seconds to load
        with messages.guard("the samples"):
            with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="augment_view"):
                view = canvas.choose_view()
                picture = picture_choice.choose(dataset)
            if picture is None:
                st.info("No picture in this data set could be read. The Data page shows why.")
            else:
                canvas.render(picture, pipeline, dataset, view)
navigation.next_step("architecture")
