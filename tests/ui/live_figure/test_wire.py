import base64

import numpy as np
import plotly.graph_objects as go
import pytest

from cnnlab.plots.bars import class_bars
from cnnlab.ui.live_figure import wire


def line_figure(*lines, **layout):
    figure = go.Figure(layout=layout)
    for start, (x, y) in enumerate(lines):
        figure.add_scatter(x=np.asarray(x, float), y=np.asarray(y, float), uid=f"line-{start}")
    return figure


class Browser:
    """Does with the points what live_figure.js does."""

    def __init__(self):
        self.points, self.skeleton, self.sent = {}, None, None

    def receive(self, figure):
        data, self.sent = wire.message(wire.plain(figure), self.sent)
        self.skeleton = data.get("skeleton", self.skeleton)
        for uid, (start, removed, *columns, staying) in data["splices"].items():
            old = self.points.get(uid, np.empty((2, 0), np.float32))
            if staying is not None:
                bits = np.frombuffer(base64.b64decode(staying), np.uint8)
                old = old[:, np.unpackbits(bits, count=old.shape[1], bitorder="little").astype(bool)]
            new = np.stack([np.frombuffer(base64.b64decode(column), "<f4") for column in columns])
            self.points[uid] = np.concatenate([old[:, :start], new, old[:, start + removed :]], axis=1)
        return data

    def holds(self, figure):
        for trace in figure.data:
            np.testing.assert_array_equal(self.points[trace.uid], np.array([trace.x, trace.y], np.float32))


@pytest.mark.parametrize("seed", range(20))
def test_the_browser_ends_up_with_the_points_of_the_figure_whatever_came_before(seed):
    random = np.random.default_rng(seed)
    browser = Browser()
    x, y = np.arange(50.0), random.random(50)
    for _ in range(30):
        start, removed, new = random.integers(0, len(x) + 1), random.integers(0, 9), random.integers(0, 9)
        y = np.concatenate([y[:start], random.choice([0.5, np.nan, 1.0], new), y[start + removed :]])
        x = np.arange(float(len(y)))
        figure = line_figure((x, y), (x[:3], y[:3]))
        browser.receive(figure)
        browser.holds(figure)


def test_growing_by_a_point_sends_that_point_and_no_skeleton():
    browser = Browser()
    x, y = np.arange(1000.0), np.random.default_rng(0).random(1000)
    browser.receive(line_figure((x[:-1], y[:-1])))
    data = browser.receive(line_figure((x, y)))
    assert "skeleton" not in data
    assert data["splices"]["line-0"][:2] == [999, 0] and len(data["splices"]["line-0"][2]) == 8


def test_an_equal_figure_sends_nothing_but_its_revision():
    browser = Browser()
    first = browser.receive(line_figure(([1, 2], [3, np.nan])))
    assert browser.receive(line_figure(([1, 2], [3, np.nan]))) == {
        "revision": browser.sent.revision,
        "base": first["revision"],
        "splices": {},
    }


def test_two_messages_never_share_a_revision_even_if_both_are_complete():
    figure = wire.plain(line_figure(([1, 2], [3, 4])))
    assert wire.message(figure, None)[0]["revision"] != wire.message(figure, None)[0]["revision"]


def test_a_browser_that_has_nothing_gets_everything():
    data, _ = wire.message(wire.plain(line_figure(([1, 2], [3, 4]))), None)
    assert data["base"] is None and data["skeleton"]["data"][0]["uid"] == "line-0"


def test_names_at_line_ends_move_without_a_new_skeleton():
    browser = Browser()
    for end in (1, 2):
        figure = line_figure(([0, end], [0, end]))
        figure.add_annotation(name="end:line-0", text="run", x=end, y=end)
        data = browser.receive(figure)
    assert "skeleton" not in data and browser.skeleton["layout"]["annotations"][0]["text"] == "run"


def test_figures_without_lines_are_sent_whole():
    data, sent = wire.message(wire.plain(class_bars({"a": {"train": 1}})), None)
    assert data["skeleton"]["data"][0]["y"] == ["a"] and not sent.points


def test_a_line_that_is_thinned_more_is_not_sent_again():
    browser = Browser()
    x, y = np.arange(1000.0), np.random.default_rng(0).random(1000)
    browser.receive(line_figure((x, y)))
    thinner = line_figure((np.append(x[::2], 1000.0), np.append(y[::2], 0.5)))
    data = browser.receive(thinner)
    browser.holds(thinner)
    assert len(str(data)) < 600
