"""The pages in a real browser: `python -m benchmarks pages`.

It measures the first paint of every page beside that of an empty Streamlit page at the same kind of address, on a fresh
server and in a second session (at addresses below the root, Streamlit's front end first looks for its server in the
wrong place, which takes a tenth of a second); page changes; and, with 200 runs of 100,000 points each, a comparison of
20 of them and the Train page of one. Nothing is trained: finished runs are written to the store as a run process would.
"""

import itertools
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright
from sqlalchemy import update

from benchmarks.measuring import Figure, figure, ratio, report, take_turns
from benchmarks.own_store import add_drawings, own_store, write_points
from cnnlab.models.registry import family_names
from cnnlab.plots.curves import X_TITLES, XAxis
from cnnlab.store.metric_rows import write_epoch
from cnnlab.store.records import RunRecord, Status
from cnnlab.store.schema import runs as run_rows
from cnnlab.store.store import Store
from cnnlab.training.recipes import make_config
from cnnlab.workspace import PROJECT_ROOT

TITLES = ("Home", "Data", "Augment", "Architecture", "Train", "Compare", "Predict")
EMPTY, EMPTY_BELOW = "Empty", "Empty below"
EPOCHS, STEPS_PER_EPOCH = 40, 2_500
FLUSH_STEPS = 10_000
RUNS, COMPARED = 200, 20
TABLE = "[data-testid=stDataFrame] canvas"
TRAIN_STATUS = "[class*=st-key-train_status]"
TRAIN_CURVES = ".st-key-train-live-loss .js-line"
LAST_CURVES = ".st-key-compare-curves-accuracy .js-line"
GOALS = {"first paint": "at most 2", "curves drawn": ""}
STILL = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"


@dataclass
class Server:
    """A running page server."""

    url: str
    process: "subprocess.Popen[bytes]"

    @classmethod
    def start(cls, script: Path, home: Path) -> "Server":
        """Start a server and wait until it answers."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = ["--server.port", str(port), "--server.headless", "true", "--server.address", "127.0.0.1"]
        options += ["--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none"]
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(script), *options],
            cwd=script.parent, env={**os.environ, "CNNLAB_HOME": str(home)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        server = cls(f"http://127.0.0.1:{port}", process)
        while process.poll() is None:
            with suppress(OSError), urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=2):
                return server
            time.sleep(0.02)
        raise RuntimeError(f"The page server ended immediately with exit status {process.returncode}.")

    def stop(self) -> None:
        """End the server."""
        self.process.kill()
        self.process.wait()


@contextmanager
def serving(script: Path, home: Path) -> Iterator[Server]:
    """A server that ends with the context."""
    server = Server.start(script, home)
    try:
        yield server
    finally:
        server.stop()


def launch(play: Playwright) -> Browser:
    """The system's Chromium, rendering on the processor as on a machine without a GPU."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    return play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])


def open_page(browser: Browser, url: str) -> Page:
    """A tab in a new session; the timeout of two minutes is not a goal."""
    tab = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    tab.set_default_timeout(120_000)
    tab.goto(url, wait_until="commit")
    return tab


def _seconds_until(browser: Browser, address: str, wait_until_seen: Callable[[Page], object]) -> float:
    """Seconds from opening an address in a new session until something is seen."""
    started = time.perf_counter()
    tab = open_page(browser, address)
    wait_until_seen(tab)
    seconds = time.perf_counter() - started
    tab.context.close()
    return seconds


def _has(selector: str) -> Callable[[Page], object]:
    return lambda tab: tab.locator(selector).first.wait_for(state="attached")


def paint(browser: Browser, server: Server, title: str) -> float:
    """Seconds from opening a page in a new session to its title on the screen."""
    address = "" if title in ("Home", EMPTY) else title.lower().replace(" ", "_")
    return _seconds_until(
        browser,
        f"{server.url}/{address}",
        lambda tab: tab.get_by_role("heading", name=title, exact=True).wait_for(),
    )


def paint_on_fresh_server(browser: Browser, script: Path, home: Path, title: str) -> float:
    """Like `paint`, as the first request to a fresh server."""
    with serving(script, home) as server:
        return paint(browser, server, title)


def write_empty_app(folder: Path) -> Path:
    """Write an app of two pages that show only a title; returns its script."""
    script = folder / "empty.py"
    below = folder / "pages" / f"{EMPTY_BELOW.lower().replace(' ', '_')}.py"
    below.parent.mkdir(parents=True)
    for file, title in ((script, EMPTY), (below, EMPTY_BELOW)):
        file.write_text(f"import streamlit as st\n\nst.title({title!r})\n", encoding="utf-8")
    return script


def first_paints(browser: Browser, lab: Path, empty: Path, home: Path) -> list[Figure]:
    """The first paint of every page beside that of the empty app's pages."""
    scripts = {title: empty if title in (EMPTY, EMPTY_BELOW) else lab for title in (EMPTY, EMPTY_BELOW, *TITLES)}
    fresh: dict[str, Callable[[], float]] = {
        title: partial(paint_on_fresh_server, browser, script, home, title) for title, script in scripts.items()
    }
    rows = _beside_empty(take_turns(fresh, repetitions=7), "fresh server", "at most 2")
    with serving(lab, home) as lab_server, serving(empty, home) as empty_server:
        servers = {lab: lab_server, empty: empty_server}
        second: dict[str, Callable[[], float]] = {
            title: partial(paint, browser, servers[script], title) for title, script in scripts.items()
        }
        rows += _beside_empty(take_turns(second, repetitions=7), "second session", "at most 1.3")
    return rows


def _beside_empty(values: dict[str, list[float]], what: str, goal: str) -> list[Figure]:
    rows = [figure(f"{what}: {title.lower()} page", "s", values[title]) for title in (EMPTY, EMPTY_BELOW)]
    for title in TITLES:
        empty = EMPTY if title == "Home" else EMPTY_BELOW
        rows.append(figure(f"{what}: {title} / {empty.lower()} page", "ratio", ratio(values, title, empty), goal))
    return rows


def page_changes(browser: Browser, server: Server) -> list[Figure]:
    """Seconds from a click in the navigation to the new page's title."""
    tab = open_page(browser, server.url)
    tab.wait_for_selector(STILL)

    def change(title: str) -> float:
        started = time.perf_counter()
        tab.get_by_test_id("stSidebarNavLink").filter(has_text=title).click()
        tab.get_by_role("heading", name=title, exact=True).wait_for()
        seconds = time.perf_counter() - started
        _settle(tab)
        return seconds

    values = take_turns({title: partial(change, title) for title in TITLES}, repetitions=7)
    tab.context.close()
    return [figure(f"page change: {title}", "s", seconds) for title, seconds in values.items()]


def add_run(store: Store, data: Path, index: int) -> RunRecord:
    """Add a finished run of `EPOCHS` epochs of `STEPS_PER_EPOCH` steps."""
    family = family_names()[index % len(family_names())]
    config = make_config(data=data, family=family, epochs=EPOCHS)
    steps = EPOCHS * STEPS_PER_EPOCH
    values = {
        "name": f"{family} {index}", "family": family, "preset": "small", "config": config.to_dict(), "device": "cpu",
        "threads": 1, "epochs": EPOCHS, "total_steps": steps, "epoch": EPOCHS, "step": steps, "best_epoch": EPOCHS,
        "seconds": 0.05 * steps, "split_hash": "one", "fingerprint": "one", "parameters": 10**6 + index,
        "val_accuracy": 0.5 + 0.4 * (index % 17) / 17, "val_loss": 0.3, "train_loss": 0.2,
    }  # fmt: skip
    run = store.runs.add(values, token=None)
    with store.runs.writing() as connection:
        connection.execute(update(run_rows).where(run_rows.c.number == run.number).values(status=Status.FINISHED))
        for epoch in range(1, EPOCHS + 1):
            figures = {"train_loss": 0.7 * 0.95**epoch, "val_loss": 0.8 * 0.96**epoch, "val_accuracy": 1 - 0.9**epoch}
            at = epoch * STEPS_PER_EPOCH
            write_epoch(connection, run.number, epoch, at, {**figures, "seconds": 1.3, "epoch": epoch, "step": at})
    for first in range(1, steps + 1, FLUSH_STEPS):
        write_points(store, run.number, np.arange(first, first + FLUSH_STEPS), decay=30_000 + 100 * index)
    return store.runs.get(run.run_id)


def large_comparison(browser: Browser, server: Server, runs: list[RunRecord]) -> list[Figure]:
    """Twenty of two hundred runs: first paint (table and verdict), curves, and typical actions."""
    address = f"{server.url}/compare?runs={','.join(run.run_id for run in runs[:COMPARED])}"
    tab = open_page(browser, address)
    _has(LAST_CURVES)(tab)
    _settle(tab)
    many = f"{RUNS} runs, {COMPARED} compared"
    values = take_turns(
        {
            "first paint": lambda: _seconds_until(browser, address, _has(TABLE)),
            "curves drawn": lambda: _seconds_until(browser, address, _has(LAST_CURVES)),
            "another panel": lambda: _panels(tab),
            "filter": lambda: _filter(tab),
            "untick": lambda: _untick(tab),
        },
        repetitions=7,
    )
    tab.context.close()
    return [figure(f"{many}: {name}", "s", seconds, GOALS.get(name, "at most 0.3")) for name, seconds in values.items()]


def _panels(tab: Page) -> float:
    seconds = _until(
        lambda: tab.get_by_role("tab", name="Figures", exact=True).click(),
        lambda: tab.get_by_text("At the epoch with the lowest validation loss.").wait_for(),
    )
    tab.wait_for_selector(STILL)
    tab.get_by_role("tab", name="Curves", exact=True).click()
    _has(LAST_CURVES)(tab)
    _settle(tab)
    return seconds


def _filter(tab: Page) -> float:
    box = tab.get_by_label("Filter", exact=True)
    box.fill("resnet")
    note = tab.get_by_text("hidden by the filter")
    seconds = _until(lambda: box.press("Enter"), note.wait_for)
    tab.wait_for_selector(STILL)
    box.fill("")
    box.press("Enter")
    note.wait_for(state="detached")
    _settle(tab)
    return seconds


def _untick(tab: Page) -> float:
    """Click the first row's checkbox, which removes the run from the address or adds it."""
    before = tab.url
    table = tab.get_by_test_id("stDataFrame").first
    seconds = _until(lambda: table.click(position={"x": 18, "y": 52}), lambda: expect(tab).not_to_have_url(before))
    _settle(tab)
    return seconds


def _settle(tab: Page) -> None:
    """Wait until the script has ended and the browser has rendered its output."""
    tab.wait_for_selector(STILL)
    tab.evaluate("() => new Promise((resolve) => requestIdleCallback(resolve))")


def _until(act: Callable[[], object], seen: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    seen()
    return time.perf_counter() - started


def long_run(browser: Browser, server: Server, runs: list[RunRecord]) -> list[Figure]:
    """The Train page of one of two hundred runs: first paint (status line), curves, and typical actions."""
    in_turn = itertools.cycle(runs)

    def until(selector: str) -> float:
        return _seconds_until(browser, f"{server.url}/train?run={next(in_turn).run_id}", _has(selector))

    tab = open_page(browser, f"{server.url}/train?run={runs[0].run_id}")
    _has(TRAIN_CURVES)(tab)
    _settle(tab)
    axes = itertools.cycle((XAxis.STEPS, XAxis.EPOCHS))
    values = take_turns(
        {
            "first paint": lambda: until(TRAIN_STATUS),
            "curves drawn": lambda: until(TRAIN_CURVES),
            "another x axis": lambda: _x_axis(tab, next(axes)),
            "another scale": lambda: _scale(tab),
        },
        repetitions=7,
    )
    tab.context.close()
    what = f"Train, {RUNS} runs of {EPOCHS * STEPS_PER_EPOCH:,} points"
    return [figure(f"{what}: {name}", "s", seconds, GOALS.get(name, "at most 0.3")) for name, seconds in values.items()]


def _x_axis(tab: Page, axis: XAxis) -> float:
    title = tab.locator(".st-key-train-live-loss .xtitle")
    seconds = _until(
        lambda: tab.get_by_role("radio", name=axis.value.capitalize()).click(),
        lambda: expect(title).to_have_text(X_TITLES[axis]),
    )
    _settle(tab)
    return seconds


def _scale(tab: Page) -> float:
    line = tab.locator(TRAIN_CURVES).first
    before = line.get_attribute("d") or ""
    seconds = _until(
        lambda: tab.get_by_text("Log scale (loss)").click(), lambda: expect(line).not_to_have_attribute("d", before)
    )
    _settle(tab)
    return seconds


def main() -> None:
    """Measure everything; the machine should be idle."""
    expect.set_options(timeout=60_000)
    with own_store() as store, sync_playwright() as play, closing(launch(play)) as browser:
        home = store.workspace.home
        folder = add_drawings(store, per_class=20)
        runs = [add_run(store, folder, index) for index in range(3)]
        lab = PROJECT_ROOT / "app.py"
        rows = first_paints(browser, lab, write_empty_app(home / "empty"), home)
        runs += [add_run(store, folder, index) for index in range(3, RUNS)]
        with serving(lab, home) as server:
            rows += page_changes(browser, server)
            rows += large_comparison(browser, server, runs)
            rows += long_run(browser, server, runs)
    report("pages", rows, runs=RUNS, points=EPOCHS * STEPS_PER_EPOCH, compared=COMPARED, browser="Chromium, 1440 x 900")
