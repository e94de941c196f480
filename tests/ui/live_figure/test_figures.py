"""What the server sends for figures, on a page run without a browser."""

import base64
import json
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnlab.store.metric_rows import Points, truncate_metrics
from cnnlab.store.records import Status

sys.path.insert(0, str(Path(__file__).parents[2] / "browser"))
import growing_runs

LIVE = """
import streamlit as st
from cnnlab.ui import resources
from cnnlab.ui.live_figure.figures import live_figure
from cnnlab.ui.live_figure.reading import CurveRequest

ids = tuple(run.run_id for run in resources.store().runs.list())
if not st.toggle("elsewhere", key="elsewhere"):
    live_figure("loss", CurveRequest(run_ids=(*ids, "gone"), x_axis="{axis}", smoothing=5))
"""


@pytest.fixture
def runs(store):
    return growing_runs.add_runs(store, points=500, epochs=10, steps_per_epoch=100)


def page(axis="epochs"):
    return AppTest.from_string(textwrap.dedent(LIVE.replace("{axis}", axis)), default_timeout=60)


def sent(app):
    assert not app.exception
    (component,) = app.get("bidi_component")
    return json.loads(component.proto.json)


def test_the_first_run_sends_everything_and_the_next_only_what_is_new(store, runs):
    app = page().run()
    first = sent(app)
    assert first["base"] is None and first["twins"] and len(first["skeleton"]["data"]) == 12
    growing_runs.grow(store, runs, 500, 10, steps_per_epoch=100)
    second = sent(app.run())
    assert second["base"] == first["revision"] and "skeleton" not in second
    assert len(json.dumps(second)) < len(json.dumps(first)) / 5
    assert {uid.partition(".")[2] for uid in second["splices"]} == {"raw", "train"}


def test_a_figure_that_was_off_the_page_is_sent_whole_again(runs):
    app = page().run()
    app.toggle(key="elsewhere").set_value(True).run()
    assert sent(app.toggle(key="elsewhere").set_value(False).run())["base"] is None


def test_it_polls_only_while_runs_are_active(store, runs):
    app = page().run()
    assert sent(app)["poll"] == 1200
    for run in runs:
        growing_runs.set_status(store, run, Status.FINISHED)
    assert sent(app.run())["poll"] is None


@pytest.mark.parametrize(("axis", "end"), [("epochs", 5.0), ("steps", 500.0), ("time", 500 * 0.05 * 3 / 60)])
def test_the_x_axis_is_the_requested_one(runs, axis, end):
    splices = sent(page(axis).run())["splices"].values()
    ends = [np.frombuffer(base64.b64decode(x), "<f4")[-1] for _, _, x, *_ in splices]
    assert max(ends) == pytest.approx(end, rel=1e-5)


def test_the_text_alternative_states_the_figures(runs):
    assert sent(page().run())["alt"].startswith("Validation loss of 3 runs: ")


def test_a_run_that_goes_back_to_a_checkpoint_is_read_again(store, runs):
    app = page().run()
    sent(app)
    with store.runs.writing() as connection:
        truncate_metrics(connection, runs[0].number, step=200, epoch=2)
    store.runs.update(runs[0].run_id, attempt=2, step=200, epoch=2, best_epoch=2)
    store.metrics.append(runs[0].number, {"loss": Points(np.arange(201, 211), np.full(10, 0.25))})
    data = sent(app.run())
    start, removed, *_ = data["splices"][f"{runs[0].run_id}.raw"]
    assert (start, removed) == (200, 300)
