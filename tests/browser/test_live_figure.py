"""The live figure in a real browser, with runs that grow without training."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from cnnlab.store.records import Status
from cnnlab.store.store import Store
from cnnlab.workspace import PROJECT_ROOT, Workspace

pytestmark = pytest.mark.browser
HERE = Path(__file__).parent
POINTS = 300_000
MAX_TICK_BYTES = 60_000
sys.path.insert(0, str(HERE))
import growing_runs  # noqa: E402


class LiveApp:
    """The small app with its store; `grow` adds steps to its three runs."""

    def __init__(self, home: Path, points: int) -> None:
        self.store = Store.open(Workspace.at(home))
        self.runs = growing_runs.add_runs(self.store, points=points)
        self.done = points
        self._counter = home / "asked"
        self._counter.touch()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        options = ["--server.port", str(port), "--server.headless", "true", "--server.address", "127.0.0.1"]
        options += ["--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none"]
        environment = {
            **os.environ,
            "CNNLAB_HOME": str(home),
            "CNNLAB_DATABASE_URL": self.store.workspace.database_url,
            "LIVE_COUNTER": str(self._counter),
            "LIVE_POLL_SECONDS": "0.1",
            "PYTHONPATH": str(PROJECT_ROOT),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(HERE / "apps" / "live_figure_app.py"), *options],
            env=environment, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._wait()

    def _wait(self) -> None:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=2).close()
            except OSError:
                time.sleep(0.2)
            else:
                return
        raise AssertionError("The small app did not start within a minute.")

    @property
    def asked(self) -> int:
        """How often the live fragment has run."""
        return self._counter.stat().st_size

    def grow(self, steps: int = 20) -> None:
        self.done = growing_runs.grow(self.store, self.runs, self.done, steps)

    def set_status(self, status: Status) -> None:
        for run in self.runs:
            growing_runs.set_status(self.store, run, status)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(30)
        self.store.close()


@pytest.fixture(scope="module")
def live_app(tmp_path_factory):
    app = LiveApp(tmp_path_factory.mktemp("live"), POINTS)
    yield app
    app.close()


@pytest.fixture
def live_page(live_app, browser):
    """The page with its figures rendered; the test fails on any console error."""
    live_app.set_status(Status.RUNNING)
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    page = context.new_page()
    errors = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(live_app.address)
    loss(page).locator(".main-svg").first.wait_for()
    wait_for_points(page, live_app.done)
    yield page
    context.close()
    assert not errors


def loss(page):
    return page.locator("[class*='st-key-app-loss'] .plot")


def last_x(page):
    return loss(page).evaluate("plot => Math.max(...plot.data.flatMap(trace => [...trace.x].slice(-1)))")


def wait_for_points(page, steps):
    """Wait until the loss is shown up to that step (the x axis shows epochs)."""
    wanted = steps / growing_runs.STEPS_PER_EPOCH - 1e-3
    deadline = time.monotonic() + 60
    while last_x(page) < wanted:
        assert time.monotonic() < deadline, f"shown up to {last_x(page)}, not up to {wanted}"
        page.wait_for_timeout(30)


def settled(page, app):
    """The number of polls once it stops rising; fails if the page keeps polling."""
    for _ in range(10):
        before = app.asked
        page.wait_for_timeout(3000)
        if app.asked == before:
            return before
    raise AssertionError("The page keeps polling.")


def ranges(page):
    return loss(page).evaluate("plot => [...plot._fullLayout.xaxis.range, ...plot._fullLayout.yaxis.range]")


def hidden(page):
    return loss(page).evaluate("plot => plot.data.filter(t => t.visible === 'legendonly').map(t => t.uid).sort()")


def drag(page, start, end):
    box = loss(page).bounding_box()
    for index, (across, down) in enumerate((start, end)):
        x, y = box["x"] + across * box["width"], box["y"] + down * box["height"]
        page.mouse.move(x, y, steps=5)
        page.mouse.down() if index == 0 else page.mouse.up()


def test_zoom_hidden_lines_and_hover_survive_a_hundred_updates(live_page, live_app):
    drag(live_page, (0.5, 0.3), (0.7, 0.7))
    live_page.wait_for_function(
        "plot => plot._fullLayout.xaxis.autorange === false", arg=loss(live_page).element_handle()
    )
    live_page.locator("[class*='st-key-app-loss'] .legend button").nth(1).click()
    box = loss(live_page).bounding_box()
    live_page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.5 * box["height"], steps=4)
    read = live_page.locator("[class*='st-key-app-loss'] .readout")
    read.locator("td").first.wait_for()
    before, hidden_before = ranges(live_page), hidden(live_page)
    assert hidden_before
    svg = loss(live_page).locator(".main-svg").first.element_handle()
    for _ in range(100):
        live_app.grow()
        wait_for_points(live_page, live_app.done)
    assert ranges(live_page) == before
    assert hidden(live_page) == hidden_before
    assert read.locator("td").count() > 0
    assert svg.evaluate("node => node.isConnected"), "the plot was replaced"


def test_the_values_under_the_pointer_are_shown_beside_the_plot_and_do_not_cover_it(live_page):
    area = loss(live_page).locator(".nsewdrag").first.bounding_box()
    live_page.mouse.move(area["x"] + 0.6 * area["width"], area["y"] + 0.5 * area["height"], steps=4)
    read = live_page.locator("[class*='st-key-app-loss'] .readout")
    read.locator("td").first.wait_for()
    runs = live_page.locator("[class*='st-key-app-loss'] .legend li").count()
    assert runs == 3
    assert read.locator("tr").count() == 1 + runs
    readout = read.bounding_box()
    assert readout["y"] >= area["y"] + area["height"] or readout["y"] + readout["height"] <= area["y"]
    assert loss(live_page).locator(".hoverlayer text").count() == 0
    live_page.mouse.move(1, 1)
    read.wait_for(state="hidden")


def test_zooming_in_loads_details_and_show_everything_restores_the_whole_range(live_page):
    def shown():
        return loss(live_page).evaluate(
            """plot => { const [a, b] = plot._fullLayout.xaxis.range
                         return plot.data.find(t => t.uid.endsWith('.raw')).x.filter(x => x >= a && x <= b).length }"""
        )

    whole = ranges(live_page)
    for _ in range(8):
        live_page.locator("[class*='st-key-app-loss']").get_by_label("Zoom in").click()
    low, high = ranges(live_page)[:2]
    assert high - low < 2
    expected = int((high - low) * growing_runs.STEPS_PER_EPOCH)
    deadline = time.monotonic() + 30
    while shown() < min(300, expected - 1):
        assert time.monotonic() < deadline, f"only {shown()} of {expected} points arrived"
        live_page.wait_for_timeout(50)
    live_page.locator("[class*='st-key-app-loss']").get_by_label("Show everything").click()
    live_page.wait_for_timeout(500)
    assert ranges(live_page)[:2] == pytest.approx(whole[:2], rel=0.01)


def test_a_hidden_tab_does_not_poll_and_catches_up_when_it_is_visible_again(live_page, live_app):
    show = """state => { Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state })
                         document.dispatchEvent(new Event('visibilitychange')) }"""
    live_page.evaluate(show, "hidden")
    before = settled(live_page, live_app)
    live_app.grow()
    live_page.wait_for_timeout(3000)
    assert live_app.asked == before
    live_page.evaluate(show, "visible")
    wait_for_points(live_page, live_app.done)


def test_polling_stops_once_the_runs_have_ended(live_page, live_app):
    live_app.set_status(Status.FINISHED)
    before = settled(live_page, live_app)
    live_page.wait_for_timeout(2000)
    assert live_app.asked == before


def test_a_tick_transfers_little_however_long_the_runs_are(live_app, browser):
    live_app.set_status(Status.RUNNING)
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    received = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))))
    page.goto(live_app.address)
    loss(page).locator(".main-svg").first.wait_for(timeout=60_000)
    wait_for_points(page, live_app.done)
    page.wait_for_timeout(1000)
    worst = 0
    for _ in range(20):
        asked, moved = live_app.asked, sum(received)
        live_app.grow()
        wait_for_points(page, live_app.done)
        worst = max(worst, (sum(received) - moved) / max(1, live_app.asked - asked))
    page.context.close()
    assert 0 < worst <= MAX_TICK_BYTES, f"{worst:.0f} bytes"


def test_the_engine_is_loaded_once_per_browser(live_page, live_app):
    live_page.reload()
    loss(live_page).locator(".main-svg").first.wait_for()
    moved = """() => performance.getEntriesByType('resource').filter(one => one.name.includes('plotly.min.js'))
                     .map(one => one.transferSize)"""
    assert live_page.evaluate(moved) == [0]


def test_the_figure_has_a_text_alternative_and_its_tools_work_by_keyboard(live_page):
    assert loss(live_page).get_attribute("role") == "img"
    assert "Validation loss of 3 runs" in loss(live_page).get_attribute("aria-label")
    button = live_page.locator("[class*='st-key-app-loss'] .legend button").first
    button.focus()
    live_page.keyboard.press("Tab")
    focused = "() => { let e = document.activeElement; while (e.shadowRoot) e = e.shadowRoot.activeElement; return e }"
    handle = live_page.evaluate_handle(focused).as_element()
    assert handle.evaluate("node => node.closest('.legend') !== null")
    assert handle.evaluate("node => getComputedStyle(node).outlineStyle") == "solid"
    live_page.keyboard.press("Enter")
    live_page.wait_for_function("node => node.getAttribute('aria-pressed') === 'false'", arg=handle)


def test_every_point_can_be_downloaded_as_csv(live_page, live_app):
    with live_page.expect_download() as download:
        live_page.locator("[class*='st-key-app-loss']").get_by_label("Download every point as CSV").click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert len(lines) >= POINTS and "vgg-1 loss" in lines[0] and "vgg-1 val_loss" in lines[0]


@pytest.mark.parametrize("width", [390, 1440])
def test_figures_fit_their_page(browser, live_app, width):
    page = browser.new_context(viewport={"width": width, "height": 844}).new_page()
    page.goto(f"{live_app.address}/?page=static")
    page.locator(".main-svg").first.wait_for(timeout=60_000)
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    widths = page.locator(".plot").evaluate_all("plots => plots.map(p => [p.scrollWidth, p.clientWidth])")
    assert len(widths) == 3 and all(inner <= outer for inner, outer in widths)
    page.context.close()
