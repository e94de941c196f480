"""The Architecture page: choose a network and look inside it."""

import streamlit as st

from cnnlab.errors import ConfigError
from cnnlab.helper import front
from cnnlab.ui import keys, messages, navigation, shell, wording
from cnnlab.ui.architecture_page import calculator, controls, drawing, figures, history, inspecting, layers, viewed
from cnnlab.ui.next_run.dataset import current_dataset

shell.ensure()
action = shell.header("architecture")
front.start_warming()  # torch takes seconds to load; meanwhile the controls are rendered
viewed.take_from_address()
controls_part, canvas = shell.controls_and_canvas()
with controls_part:
    controls.render()
viewed.show_in_address()

chosen = viewed.architecture()
dataset = current_dataset()
inspection, refusal = None, None
with canvas, messages.guard("the network"):
    network, why, sizes = st.tabs(["Network", "Why it was invented", "Map sizes"], key=keys.ARCHITECTURE_TAB)
    with network:
        try:
            inspection = inspecting.inspection(
                chosen,
                image_size=viewed.image_size(),
                num_classes=len(dataset.classes) if dataset is not None else 2,
            )
        except ConfigError as error:
            refusal = str(error)
            messages.show_error(refusal)
        else:
            figures.render(inspection)
            drawing.render(inspection)
            layers.render(inspection)
    with why:
        history.render(chosen.family)
    with sizes:
        calculator.render(inspection)

with action:
    if st.button(
        "Train this network",
        key=keys.ARCHITECTURE_TRAIN,
        type="primary",
        icon=":material/play_circle:",
        disabled=refusal is not None,
        help=wording.escape_markdown(refusal or "") or None,
        on_click=viewed.take_for_next_run,
    ):
        navigation.go_to("train")
navigation.next_step("train", missing="This network cannot be built yet." if refusal is not None else None)
