"""Three runs that grow while they are shown; used by tests/browser/test_live_figure.py.

Each run of the fragment adds a byte to the file named by `LIVE_COUNTER`.
"""

import os
from pathlib import Path

import numpy as np
import streamlit as st

from cnnlab.plots.bars import class_bars, class_bars_text
from cnnlab.plots.confusion import confusion_figure, confusion_text
from cnnlab.plots.curves import XAxis
from cnnlab.plots.scatter import RunPoint, cost_figure, cost_text
from cnnlab.ui import resources
from cnnlab.ui.live_figure.figures import figure, live_figure
from cnnlab.ui.live_figure.reading import CurveRequest

st.set_page_config(layout="wide")
page = st.query_params.get("page", "live")
store = resources.store()
POLL_SECONDS = float(os.environ.get("LIVE_POLL_SECONDS", "0.8"))
counter = Path(os.environ["LIVE_COUNTER"])
runs = tuple(run.run_id for run in store.runs.list())


@st.fragment
def live() -> None:
    with counter.open("a") as file:
        file.write("x")
    axis = XAxis(st.segmented_control("Axis", list(XAxis), default=XAxis.EPOCHS, key="axis") or XAxis.EPOCHS)
    left, right = st.columns(2)
    with left:
        live_figure("app.loss", CurveRequest(run_ids=runs, x_axis=axis, smoothing=20), poll_seconds=POLL_SECONDS)
    with right:
        live_figure("app.accuracy", CurveRequest(run_ids=runs, x_axis=axis, measure="accuracy"), poll_seconds=None)
    for column, measure in zip(st.columns(3), ("learning_rate", "gradient_norm", "images_per_second"), strict=True):
        with column:
            live_figure(f"app.{measure}", CurveRequest(run_ids=runs, measure=measure), poll_seconds=None, small=True)


if page == "live":
    st.toggle("Something else", key="other")
    live()
else:
    names = ["poodle", "siamese_cat", "a class whose name is longer than any column"]
    counts = {name: {"train": 16 + 4 * i, "val": 4 + i, "test": 2} for i, name in enumerate(names)}
    figure(class_bars(counts), "app.bars", class_bars_text(counts))
    matrix = np.array([[18, 2, 0], [3, 15, 2], [1, 1, 20]]).tolist()
    figure(confusion_figure(matrix, names), "app.confusion", confusion_text(matrix, names))
    points = [
        RunPoint(run_id="a", label="vgg-1", family="vgg", cost=1.59e6, accuracy=0.863, low=0.8, high=0.91),
        RunPoint(run_id="b", label="googlenet-2", family="googlenet", cost=6.2e6, accuracy=0.9),
        RunPoint(run_id="c", label="resnet-3", family="resnet", cost=2.5e7, accuracy=0.941),
    ]
    figure(cost_figure(points, cost_title="parameters"), "app.cost", cost_text(points, cost_title="parameters"))
