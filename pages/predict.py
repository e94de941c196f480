"""The Predict page: trained networks on other pictures, and where each one looked."""

import streamlit as st

from cnnlab.helper import front
from cnnlab.ui import guide, messages, navigation, shell
from cnnlab.ui.predict_page import answers, many_pictures, one_picture, runs_choice, sources

shell.ensure()
shell.header("predict")

usable = runs_choice.usable_runs()
if not usable:
    shell.entitle("predict", "")
    navigation.empty_state(
        "Predicting takes a network trained for at least one epoch, and there is none yet.",
        button="Train a network",
        page="train",
    )
    st.stop()

front.start_warming()  # torch takes seconds to load; meanwhile the user chooses a picture
controls, canvas = shell.controls_and_canvas(2.4)
with controls:
    runs = runs_choice.choose(usable)
    shell.entitle_runs("predict", runs)
    guide.choose_picture(runs)
    asked = sources.choose()

with canvas, messages.guard("the predictions"):
    if not runs:
        st.info("Choose a run to see what it recognises in your picture.")
    elif not asked:
        st.info("Choose a picture, or several. Each run says what it sees and shows where it looked.")
    else:
        guide.on_predict(runs)
        predictions = answers.predictions(runs, asked)
        index = many_pictures.choose_one(asked, predictions) if len(asked) > 1 else 0
        close = [answer.only(index) for answer in predictions]
        one_picture.render(runs, asked[index], close)

navigation.next_step("compare")
