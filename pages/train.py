"""The Train page: set how a network learns, and watch it learn."""

import streamlit as st

from cnnlab.errors import ConfigError
from cnnlab.runs.worker import start_worker_if_none
from cnnlab.store.records import ACTIVE
from cnnlab.ui import guide, keys, messages, navigation, shell, wording
from cnnlab.ui.next_run import form
from cnnlab.ui.next_run.dataset import current_dataset
from cnnlab.ui.resources import store
from cnnlab.ui.train_page import actions, board, cost_line, live, runs_table

shell.ensure()
actions_slot = shell.header("train")
controls, canvas = shell.controls_and_canvas(is_canvas_first=bool(store().runs.list(status=ACTIVE, limit=1)))

dataset = current_dataset()
if dataset is None:
    shell.entitle("train", "")
    navigation.empty_state("Training needs pictures, and there are none yet.", button="Choose pictures", page="data")
    st.stop()

with controls:
    cost_slot = st.container()
    filled = form.render(dataset)

refusal = None
try:
    filled.config(dataset)
except ConfigError as error:
    refusal = str(error)

with actions_slot:
    st.button(
        "Train all three",
        key=keys.TRAIN_ALL,
        icon=":material/stacks:",
        help="Starts one run of each family with these settings; the other families use their small preset.",
        on_click=actions.start_all,
        args=(dataset,),
        disabled=refusal is not None,
    )
    st.button(
        "Start",
        key=keys.TRAIN_START,
        type="primary",
        icon=":material/play_arrow:",
        help=wording.escape_markdown(refusal or "") or None,
        on_click=actions.start,
        args=(dataset,),
        disabled=refusal is not None,
    )

with canvas:
    runs = []
    with messages.guard("the runs shown"):
        runs = runs_table.runs_shown()
    if refusal is not None:
        messages.show_error(refusal)
    shell.entitle_runs("train", runs)
    if runs:
        guide.on_train(runs)
        live.render([run.run_id for run in runs])
    board.render([run.run_id for run in runs], dataset)
    navigation.next_step("compare")

if refusal is None and not guide.is_busy(runs):  # measuring would slow down what is being shown
    with cost_slot, messages.guard("the cost"):
        cost_line.render(filled, dataset)

start_worker_if_none(store())  # it takes seconds to start, so begin before anyone presses Start
