"""The live view of three runs on the Train page: `python -m benchmarks live_view`.

It measures how long after it is written a point is rendered in Chromium; how many bytes an update takes; and how much
an open page slows down training, both with a client that polls but renders nothing and with Chromium rendering on the
same machine. Two of the runs, and all three while the lag is measured, only grow in the store: they have `POINTS`
points and no process.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import update

from benchmarks.live_client import AskingClient, record_question
from benchmarks.measuring import Figure, figure, ratio, report, take_turns
from benchmarks.own_store import add_drawings, own_store, write_points
from benchmarks.pages import Server, launch, open_page, serving
from cnnlab.models.registry import family_names
from cnnlab.runs.filing import file_run
from cnnlab.runs.worker import start_worker_if_none
from cnnlab.store.metric_rows import write_epoch
from cnnlab.store.records import RunRecord, Status
from cnnlab.store.schema import runs as run_rows
from cnnlab.store.store import Store
from cnnlab.training.recipes import make_config
from cnnlab.ui.live_figure.figures import POLL_SECONDS  # noqa: TID251 - the pace being measured
from cnnlab.workspace import PROJECT_ROOT

POINTS = 300_000
STEPS_PER_EPOCH = 1_000
FLUSH_STEPS, FLUSH_SECONDS = 20, 0.25
WINDOWS, WINDOW_SECONDS = 7, 20.0
REPETITIONS, TRAINING_SECONDS = 7, 15.0
SETTLING_SECONDS = 45.0
"""Time until a worker has its next warm process."""
PATIENCE_SECONDS = 120.0
LINES = ".st-key-train-live-loss .js-line"
NOTE_DRAWN = """plot => {
  window.drawn = []
  plot.on('plotly_afterplot', () => {
    const ends = plot.data.filter(t => t.uid?.endsWith('.raw')).map(t => [t.uid, t.x.at(-1)])
    requestAnimationFrame(() => { for (const [uid, x] of ends) window.drawn.push([uid, x, Date.now() / 1000]) })
  })
}"""


def add_run(store: Store, data: Path, index: int) -> RunRecord:
    """Add a run with status running and `POINTS` points, but without a process."""
    family = family_names()[index % len(family_names())]
    run = file_run(store, make_config(data=data, family=family, epochs=2 * POINTS // STEPS_PER_EPOCH))
    with store.runs.writing() as connection:
        mine = update(run_rows).where(run_rows.c.number == run.number)
        connection.execute(mine.values(status=Status.RUNNING, total_steps=2 * POINTS))
    for done in range(0, POINTS, 50_000):
        grow(store, run, done, 50_000)
    return run


def grow(store: Store, run: RunRecord, done: int, new: int) -> None:
    """Write `new` steps after step `done`, and the epochs that end within them, like a run process."""
    write_points(store, run.number, np.arange(done + 1, done + new + 1), decay=50_000)
    last = (done + new) // STEPS_PER_EPOCH
    with store.runs.writing() as connection:
        for epoch in range(done // STEPS_PER_EPOCH + 1, last + 1):
            figures = {"val_loss": 0.1 + 0.7 * 0.99**epoch, "val_accuracy": 1 - 0.5 * 0.99**epoch}
            write_epoch(connection, run.number, epoch, epoch * STEPS_PER_EPOCH, figures)
    store.runs.update(run.run_id, step=done + new, epoch=last, best_epoch=last)


def address(server: Server, runs: Sequence[RunRecord]) -> str:
    """The address of the Train page with these runs open."""
    return f"{server.url}/train?run={','.join(run.run_id for run in runs)}"


def lags(browser: Browser, server: Server, store: Store, runs: Sequence[RunRecord]) -> tuple[list[list[float]], int]:
    """Seconds from writing to rendering for every run and flush, by window; and the last step of the runs."""
    tab = open_page(browser, address(server, runs))
    tab.locator(LINES).first.wait_for(state="attached")
    tab.locator(".st-key-train-live-loss .plot").evaluate(NOTE_DRAWN)
    done, windows = POINTS, []
    for _ in range(WINDOWS):
        written: list[tuple[int, float]] = []
        end = time.monotonic() + WINDOW_SECONDS
        while time.monotonic() < end:
            # at random intervals, so as not to be in phase with the page's polling
            tab.wait_for_timeout(1000 * FLUSH_SECONDS * np.random.default_rng(done).uniform(0.6, 1.4))
            for run in runs:
                grow(store, run, done, FLUSH_STEPS)
            done += FLUSH_STEPS
            written.append((done, time.time()))
        windows.append(_lags(tab, runs, written))
    tab.context.close()
    return windows, done


def _lags(tab: Page, runs: Sequence[RunRecord], written: list[tuple[int, float]]) -> list[float]:
    """Wait for the last point, and match rendered points with written ones."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        drawn = [(uid, round(x * STEPS_PER_EPOCH), at) for uid, x, at in tab.evaluate("window.drawn")]
        ends = [[(step, at) for uid, step, at in drawn if uid == f"{run.run_id}.raw"] for run in runs]
        if all(of_run and of_run[-1][0] >= written[-1][0] for of_run in ends):
            break
        if time.monotonic() > end:
            raise TimeoutError(f"Step {written[-1][0]} was not rendered within {PATIENCE_SECONDS:g} s.")
        tab.wait_for_timeout(50)
    return [next(at for seen, at in of_run if seen >= step) - when for of_run in ends for step, when in written]


def tick_bytes(server: Server, store: Store, runs: Sequence[RunRecord], question: bytes, done: int) -> list[int]:
    """Bytes of each update while the runs grow."""
    query = address(server, runs).partition("?")[2]
    with AskingClient(server.url, query, "train", question, poll_seconds=POLL_SECONDS) as client:
        end = time.monotonic() + WINDOW_SECONDS
        while time.monotonic() < end:
            for run in runs:
                grow(store, run, done, FLUSH_STEPS)
            done += FLUSH_STEPS
            time.sleep(FLUSH_SECONDS)
    return client.tick_bytes


def train_beside(store: Store, data: Path) -> RunRecord:
    """Start a run that a worker trains during the measurement; returns it once its pace is steady."""
    store.settings.put("checkpoints", {"seconds": 1e9, "largest_share": 1.0})
    settings = {"training.epochs": 10_000, "training.patience": None}
    run = file_run(store, make_config(data=data, family="vgg", settings=settings))
    start_worker_if_none(store)
    end = time.monotonic() + PATIENCE_SECONDS
    while store.metrics.last_step(run.number, "loss") is None:
        if time.monotonic() > end:
            raise TimeoutError(f"Run {run.run_id} had no point after {PATIENCE_SECONDS:g} s; see worker.log.")
        time.sleep(0.1)
    time.sleep(SETTLING_SECONDS)
    return run


def steps_per_second(store: Store, run: RunRecord) -> float:
    """Steps per second by the run's own clock, over the next `TRAINING_SECONDS`."""
    before = store.metrics.last_step(run.number, "elapsed") or 1
    time.sleep(TRAINING_SECONDS)
    points = store.metrics.read(run.number, "elapsed", after=before - 1)
    if len(points.steps) < 2:
        raise TimeoutError(f"Run {run.run_id} made no step within {TRAINING_SECONDS:g} s: the machine is too busy.")
    return float((points.steps[-1] - points.steps[0]) / (points.values[-1] - points.values[0]))


def pace_with_page(
    browser: Browser, server: Server, store: Store, runs: Sequence[RunRecord], question: bytes
) -> dict[str, list[float]]:
    """Steps per second of the first run, with and without an open page; the server runs all the time."""
    trained, query = runs[0], address(server, runs).partition("?")[2]

    def asking() -> float:
        with AskingClient(server.url, query, "train", question, poll_seconds=POLL_SECONDS):
            return steps_per_second(store, trained)

    def drawing() -> float:
        tab = open_page(browser, address(server, runs))
        tab.locator(LINES).first.wait_for(state="attached")
        try:
            return steps_per_second(store, trained)
        finally:
            tab.context.close()

    turns: dict[str, Callable[[], float]] = {
        "headless": lambda: steps_per_second(store, trained),
        "a client asks": asking,
        "Chromium draws": drawing,
    }
    return take_turns(turns, REPETITIONS)


def question_of(browser: Browser, server: Server, runs: Sequence[RunRecord]) -> bytes:
    """The message with which a browser polls that page."""
    tab = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    try:
        return record_question(tab, address(server, runs))
    finally:
        tab.context.close()


def measure(browser: Browser, server: Server, store: Store, data: Path) -> list[Figure]:
    """Measure everything; returns all rows."""
    runs = [add_run(store, data, index) for index in range(3)]
    windows, done = lags(browser, server, store, runs)
    moved = tick_bytes(server, store, runs, question_of(browser, server, runs), done)
    trained = train_beside(store, data)
    shown = [trained, *runs[:2]]
    paces = pace_with_page(browser, server, store, shown, question_of(browser, server, shown))
    late = [float(np.quantile(window, 0.95)) for window in windows]
    return [
        figure("written to drawn, 3 runs", "s", [lag for window in windows for lag in window]),
        figure("its 95th percentile, by window", "s", late, "at most 1.5"),
        figure(f"a tick of 3 runs of {POINTS:,} points", "bytes", moved, "at most 60,000"),
        *(figure(f"training: {name}", "steps/s", values) for name, values in paces.items()),
        figure("a client asks / headless", "ratio", ratio(paces, "a client asks", "headless"), "at least 0.97"),
        figure("Chromium draws / headless", "ratio", ratio(paces, "Chromium draws", "headless"), "reported"),
    ]


def main() -> None:
    """Measure in a workspace of its own, and leave nothing running."""
    with own_store() as store, sync_playwright() as play, closing(launch(play)) as browser:
        folder = add_drawings(store, per_class=40)
        with serving(PROJECT_ROOT / "app.py", store.workspace.home) as server:
            rows = measure(browser, server, store, folder)
    report("live_view", rows, poll_seconds=POLL_SECONDS, browser="Chromium, 1440 x 900")
