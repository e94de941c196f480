"""The pages in a real browser: `python -m benchmarks pages`.

First paint of every page beside an empty Streamlit app's, on a fresh server and in a second session; page change; a
comparison of 20 runs among 200; and how long a point that is written takes to be seen. Nothing is trained: runs are
written into a store as a run process writes them.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from benchmarks.measuring import Figure, figure, ratio, report, take_turns
from cnnlab.data.samples import write_samples
from cnnlab.models.registry import family_names
from cnnlab.runs.datasets import register_folder
from cnnlab.runs.lifecycle import claim
from cnnlab.runs.metric_rows import Points, write_epoch
from cnnlab.runs.processes import ProcessIdentity
from cnnlab.runs.records import RunRecord, Status
from cnnlab.runs.store import Store
from cnnlab.training.recipes import make_config
from cnnlab.workspace import PROJECT_ROOT, Workspace

TITLES = ("Home", "Data", "Augment", "Architecture", "Train", "Compare", "Predict")
EMPTY = "Empty"
EPOCHS, STEPS_PER_EPOCH = 40, 25
RUNS, COMPARED = 200, 20
TICKS = 60
LAST_CURVES = ".st-key-compare-curves-accuracy .js-line"
STILL = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"


@dataclass
class Server:
    """A running page server."""

    url: str
    process: "subprocess.Popen[bytes]"

    @classmethod
    def start(cls, script: Path, home: Path) -> "Server":
        """Start it and wait until it answers."""
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
        raise RuntimeError(f"The page server ended at once with code {process.returncode}.")

    def stop(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()


@contextmanager
def serving(script: Path, home: Path) -> Iterator[Server]:
    """A server that is ended afterwards."""
    server = Server.start(script, home)
    try:
        yield server
    finally:
        server.stop()


def launch(play: Playwright) -> Browser:
    """The system's Chromium, which draws on the processor as a machine without a GPU does."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    return play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])


def open_page(browser: Browser, url: str) -> Page:
    """A tab of a new session; two minutes are patience, not a goal."""
    tab = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    tab.set_default_timeout(120_000)
    tab.goto(url, wait_until="commit")
    return tab


def paint(browser: Browser, server: Server, title: str) -> float:
    """Seconds from asking for a page in a new session to its title on the screen."""
    address = "" if title in ("Home", EMPTY) else title.lower()
    started = time.perf_counter()
    tab = open_page(browser, f"{server.url}/{address}")
    tab.get_by_role("heading", name=title, exact=True).wait_for()
    seconds = time.perf_counter() - started
    tab.context.close()
    return seconds


def paint_on_fresh_server(browser: Browser, script: Path, home: Path, title: str) -> float:
    """The same as the first thing that a server is asked for."""
    with serving(script, home) as server:
        return paint(browser, server, title)


def first_paints(browser: Browser, apps: tuple[Path, Path], home: Path) -> list[Figure]:
    """Every page beside the empty app."""
    lab, empty = apps
    fresh: dict[str, Callable[[], float]] = {
        title: partial(paint_on_fresh_server, browser, lab if title != EMPTY else empty, home, title)
        for title in (EMPTY, *TITLES)
    }
    rows = _beside_empty(take_turns(fresh, repetitions=7), "fresh server", "at most 2")
    with serving(lab, home) as lab_server, serving(empty, home) as empty_server:
        second: dict[str, Callable[[], float]] = {
            title: partial(paint, browser, lab_server if title != EMPTY else empty_server, title)
            for title in (EMPTY, *TITLES)
        }
        rows += _beside_empty(take_turns(second, repetitions=7), "second session", "at most 1.3")
    return rows


def _beside_empty(values: dict[str, list[float]], what: str, goal: str) -> list[Figure]:
    rows = [figure(f"{what}: {EMPTY.lower()} app", "s", values[EMPTY])]
    rows += [figure(f"{what}: {title} / empty app", "ratio", ratio(values, title, EMPTY), goal) for title in TITLES]
    return rows


def page_changes(browser: Browser, server: Server) -> list[Figure]:
    """From a click on the navigation to the other page's title."""
    tab = open_page(browser, server.url)
    tab.wait_for_selector(STILL)

    def change(title: str) -> float:
        started = time.perf_counter()
        tab.get_by_test_id("stSidebarNavLink").filter(has_text=title).click()
        tab.get_by_role("heading", name=title, exact=True).wait_for()
        seconds = time.perf_counter() - started
        tab.wait_for_selector(STILL)
        return seconds

    values = take_turns({title: partial(change, title) for title in TITLES}, repetitions=7)
    tab.context.close()
    return [figure(f"page change: {title}", "s", seconds) for title, seconds in values.items()]


def add_run(store: Store, data: Path, place: int, *, epochs: int = EPOCHS) -> RunRecord:
    """A run as it stands in the store after its last epoch, of which no process is left."""
    family = family_names()[place % len(family_names())]
    config = make_config(data=data, family=family, epochs=EPOCHS)
    values = {
        "name": f"{family} {place}", "family": family, "preset": "small", "config": config.to_dict(), "device": "cpu",
        "threads": 1, "epochs": EPOCHS, "total_steps": EPOCHS * STEPS_PER_EPOCH,
    }  # fmt: skip
    run = store.runs.add(values, token=None)
    grow(store, run, place, 0, epochs * STEPS_PER_EPOCH)
    return run


def grow(store: Store, run: RunRecord, place: int, done: int, new: int) -> None:
    """Write `new` steps behind `done`, and the epochs that end within them."""
    steps = np.arange(done + 1, done + new + 1)
    noise = np.random.default_rng(1000 * place + done).normal(scale=0.05, size=new)
    loss = 0.7 * np.exp(-steps / (300 + place)) + 0.1 + noise
    series = {"loss": loss, "accuracy": np.clip(1 - loss / 1.4, 0, 1), "elapsed": 0.05 * steps}
    store.metrics.append(run.number, {name: Points(steps, values) for name, values in series.items()})
    first, last = done // STEPS_PER_EPOCH, (done + new) // STEPS_PER_EPOCH
    with store.runs.writing() as connection:
        for epoch in range(first + 1, last + 1):
            figures = {"train_loss": 0.7 * 0.95**epoch, "val_loss": 0.8 * 0.96**epoch, "val_accuracy": 1 - 0.9**epoch}
            at = epoch * STEPS_PER_EPOCH
            write_epoch(connection, run.number, epoch, at, {**figures, "seconds": 1.3, "epoch": epoch, "step": at})
    values = {"epoch": last, "step": done + new, "best_epoch": last or None, "seconds": 0.05 * (done + new)}
    if last:
        values |= {"val_accuracy": 0.5 + 0.4 * (place % 17) / 17, "val_loss": 0.3, "train_loss": 0.2}
    store.runs.update(run.run_id, split_hash="one", fingerprint="one", parameters=10**6 + place, **values)


def large_comparison(browser: Browser, server: Server, runs: list[RunRecord]) -> list[Figure]:
    """Twenty runs among two hundred: the first paint (table and verdict), the curves, and what one does there."""
    address = f"{server.url}/compare?runs={','.join(run.run_id for run in runs[:COMPARED])}"

    def until(selector: str) -> float:
        started = time.perf_counter()
        tab = open_page(browser, address)
        tab.locator(selector).first.wait_for(state="attached")
        seconds = time.perf_counter() - started
        tab.context.close()
        return seconds

    tab = open_page(browser, address)
    tab.locator(LAST_CURVES).first.wait_for(state="attached")
    many = f"{RUNS} runs, {COMPARED} compared"
    values = take_turns(
        {
            "first paint": lambda: until("[data-testid=stDataFrame] canvas"),
            "all curves drawn": lambda: until(LAST_CURVES),
            "another panel": lambda: _panels(tab),
            "filter": lambda: _filter(tab),
            "untick": lambda: _untick(tab),
        },
        repetitions=7,
    )
    tab.context.close()
    goals = {"first paint": "at most 2", "all curves drawn": ""}
    return [figure(f"{many}: {name}", "s", found, goals.get(name, "at most 0.3")) for name, found in values.items()]


def _panels(tab: Page) -> float:
    seconds = _until(
        lambda: tab.get_by_role("tab", name="Figures", exact=True).click(),
        lambda: tab.get_by_text("At the epoch with the lowest validation loss.").wait_for(),
    )
    tab.wait_for_selector(STILL)
    tab.get_by_role("tab", name="Curves", exact=True).click()
    tab.locator(LAST_CURVES).first.wait_for(state="attached")
    tab.wait_for_selector(STILL)
    return seconds


def _filter(tab: Page) -> float:
    box = tab.get_by_label("Filter", exact=True)
    box.fill("resnet")
    told = tab.get_by_text("not shown by the filter")
    seconds = _until(lambda: box.press("Enter"), told.wait_for)
    tab.wait_for_selector(STILL)
    box.fill("")
    box.press("Enter")
    told.wait_for(state="detached")
    tab.wait_for_selector(STILL)
    return seconds


def _untick(tab: Page) -> float:
    """Press the first row's box: it leaves or joins the runs in the address."""
    before = tab.url
    table = tab.get_by_test_id("stDataFrame").first
    return _until(
        lambda: table.click(position={"x": 18, "y": 52}), lambda: expect(tab).not_to_have_url(before, timeout=60_000)
    )


def _until(act: Callable[[], object], seen: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    seen()
    return time.perf_counter() - started


def live_ticks(browser: Browser, server: Server, store: Store, data: Path) -> list[Figure]:
    """From a point in the store to the curve that has it, on the Train page of a run that goes on."""
    run = add_run(store, data, 0, epochs=2)
    claim(store, run.run_id, ProcessIdentity.current())
    store.runs.move(run.run_id, Status.STARTING, Status.RUNNING, {"heartbeat": time.time()})
    tab = open_page(browser, f"{server.url}/train?run={run.run_id}")
    line = tab.locator(".st-key-train-live-loss .js-line").first
    line.wait_for(state="attached")
    tab.wait_for_selector(STILL)
    seconds, done = [], 2 * STEPS_PER_EPOCH
    for _ in range(TICKS):
        time.sleep(0.05 + 0.4 * np.random.default_rng(done).random())  # at any moment between two questions
        before = line.get_attribute("d") or ""
        store.runs.update(run.run_id, heartbeat=time.time())
        seconds.append(
            _until(
                partial(grow, store, run, 0, done, 3), lambda was=before: expect(line).not_to_have_attribute("d", was)
            )
        )
        done += 3
    tab.context.close()
    store.runs.move(run.run_id, Status.RUNNING, Status.FINISHED, {})
    late = float(np.quantile(seconds, 0.95))
    return [
        figure("live curve behind the store", "s", seconds),
        figure("its 95th percentile", "s", [late], "under 1.5"),
    ]


def main() -> None:
    """Measure all of it on an empty machine."""
    expect.set_options(timeout=60_000)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as play:
        home = Path(scratch) / "home"
        store = Store.open(Workspace.at(home))
        samples = write_samples("drawings", home / "datasets" / "drawings", per_class=20, seed=0)
        register_folder(store, samples.folder)
        runs = [add_run(store, samples.folder, place) for place in range(3)]
        empty = Path(scratch) / "empty.py"
        empty.write_text(f"import streamlit as st\n\nst.title({EMPTY!r})\n", encoding="utf-8")
        lab = PROJECT_ROOT / "app.py"
        browser = launch(play)
        rows = first_paints(browser, (lab, empty), home)
        runs += [add_run(store, samples.folder, place) for place in range(3, RUNS)]
        with serving(lab, home) as server:
            rows += page_changes(browser, server)
            rows += large_comparison(browser, server, runs)
            rows += live_ticks(browser, server, store, samples.folder)
        browser.close()
        store.close()
    report("pages", rows, runs=RUNS, compared=COMPARED, browser="Chromium, 1440 x 900")
