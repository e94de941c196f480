"""Large folders: `python -m benchmarks many_pictures`, or `python -m benchmarks.many_pictures 200 2000` to try it out.

For 10,000 pictures in 100 classes and 100,000 in 10, it measures the scan that the Data page starts; the gallery's
first page on a fresh server without thumbnails, and in a second session; the next page; and the time from filing a run
to its first step, with a warm process and no working pictures in the cache. All of this is measured on an idle machine
and while a run is training on it.
"""

import io
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright

from benchmarks.measuring import Figure, figure, report
from benchmarks.own_store import add_drawings, own_store
from benchmarks.pages import STILL, Server, launch, open_page, serving
from cnnlab.runs.filing import file_run
from cnnlab.runs.lifecycle import stop, wait_until_obeyed
from cnnlab.runs.worker import start_worker_if_none
from cnnlab.store.store import Store
from cnnlab.tasks.launch import is_over, look, start_task
from cnnlab.training.recipes import make_config
from cnnlab.workspace import PROJECT_ROOT

SIZES: Final[Mapping[int, int]] = {10_000: 100, 100_000: 10}
"""Classes, by number of pictures."""
REPETITIONS: Final = 5
DIFFERENT: Final = 500
SIDE: Final = 32
PATIENCE_SECONDS: Final = 900.0
WARM_SECONDS: Final = 25.0
"""Time until a worker has its next warm process."""
FIRST_PICTURE: Final = ".st-key-data-gallery img"
GOALS: Final = {
    (10_000, "first gallery page"): "at most 2",
    (100_000, "first gallery page"): "at most 3",
    (100_000, "filed to first step"): "at most 20",
}


def write_pictures(folder: Path, count: int, classes: int) -> Path:
    """Write JPEG files that differ at least in a comment: 100,000 real ones would take longer than the benchmark."""
    random = np.random.default_rng(0)
    encoded = []
    for _ in range(min(DIFFERENT, count)):
        file_in_memory = io.BytesIO()
        coarse = random.integers(0, 256, (8, 8, 3), np.uint8)
        Image.fromarray(coarse).resize((SIDE, SIDE), Image.Resampling.BICUBIC).save(file_in_memory, "JPEG")
        encoded.append(file_in_memory.getvalue())
    for number in range(count):
        file = folder / f"class {number % classes:03}" / f"{number:06}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        data, comment = encoded[number % len(encoded)], str(number).encode()
        file.write_bytes(data[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + data[2:])
    return folder


def wait_for(condition: Callable[[], bool], what: str) -> float:
    """Wait for a condition; returns the seconds it took."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > PATIENCE_SECONDS:
            raise TimeoutError(f"{what} took longer than {PATIENCE_SECONDS:g} s.")
        time.sleep(0.02)
    return time.monotonic() - started


def scan(store: Store, folder: Path) -> float:
    """Seconds that a task takes to scan the folder as if for the first time."""
    known = store.datasets.at(str(folder))
    if known is not None:
        store.datasets.forget(known.dataset_id)
    task_id = start_task(store, "scan", {"path": str(folder)})

    def has_ended() -> bool:
        task = look(store, task_id)
        return task is not None and is_over(task)

    return wait_for(has_ended, "The scan")


def first_page(browser: Browser, server: Server) -> float:
    """Seconds from opening the Data page in a new session to its first thumbnail."""
    started = time.perf_counter()
    tab = open_page(browser, f"{server.url}/data")
    tab.locator(FIRST_PICTURE).first.wait_for()
    seconds = time.perf_counter() - started
    tab.context.close()
    return seconds


def next_page(browser: Browser, server: Server) -> float:
    """Seconds from a click on the next page to a new first picture."""
    tab = open_page(browser, f"{server.url}/data")
    picture = tab.locator(FIRST_PICTURE).first
    picture.wait_for()
    tab.wait_for_selector(STILL)
    before = picture.get_attribute("src") or ""
    started = time.perf_counter()
    tab.get_by_role("button", name="Next page").click()
    expect(picture).not_to_have_attribute("src", before, timeout=60_000)
    seconds = time.perf_counter() - started
    tab.context.close()
    return seconds


def pages(browser: Browser, store: Store) -> dict[str, float]:
    """Seconds of the gallery on a fresh server, and after that."""
    shutil.rmtree(store.workspace.cache, ignore_errors=True)
    with serving(PROJECT_ROOT / "app.py", store.workspace.home) as server:
        return {
            "first gallery page": first_page(browser, server),
            "second session": first_page(browser, server),
            "next gallery page": next_page(browser, server),
        }


def first_step(store: Store, folder: Path) -> float:
    """Seconds from filing a run to its first step."""
    shutil.rmtree(store.workspace.cache, ignore_errors=True)
    start_worker_if_none(store)
    time.sleep(WARM_SECONDS)
    run = file_run(store, make_config(data=folder, family="vgg", epochs=1))
    seconds = wait_for(lambda: store.metrics.last_step(run.number, "loss") is not None, f"The run {run.run_id}")
    stop(store, run.run_id)
    wait_until_obeyed(store, run.run_id)
    return seconds


@contextmanager
def training_beside() -> Iterator[None]:
    """A run that trains on all cores in a workspace of its own, and stops with the context."""
    with own_store() as store:
        config = make_config(data=add_drawings(store, per_class=200), family="resnet", epochs=10_000)
        run = file_run(store, config)
        start_worker_if_none(store)
        wait_for(lambda: store.runs.get(run.run_id).step >= 5, "The training beside")
        yield


def measure(browser: Browser, store: Store, folder: Path) -> dict[str, float]:
    """Measure everything once."""
    return {
        "scan": scan(store, folder),
        **pages(browser, store),
        "filed to first step": first_step(store, folder),
    }


def measured(browser: Browser, folder: Path, count: int, repetitions: int) -> list[Figure]:
    """The rows of one folder, in turns on an idle machine and beside a training run."""
    values: dict[tuple[str, str], list[float]] = {}
    with own_store() as store:
        once = partial(measure, browser, store, folder)
        for _ in range(repetitions):
            by_load = {"alone": once()}
            with training_beside():
                by_load["beside a training"] = once()
            for where, seconds in by_load.items():
                for what, value in seconds.items():
                    values.setdefault((where, what), []).append(value)
                    print(f"{count:,} pictures, {where}, {what}: {value:.2f} s", flush=True)
    return [
        figure(f"{count:,} pictures, {where}: {what}", "s", repeated, GOALS.get((count, what), "") * (where == "alone"))
        for (where, what), repeated in values.items()
    ]


def main(sizes: Mapping[int, int] = SIZES, repetitions: int = REPETITIONS, name: str = "many_pictures") -> None:
    """Measure and report."""
    rows: list[Figure] = []
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as play, closing(launch(play)) as browser:
        for count, classes in sizes.items():
            folder = write_pictures(Path(scratch) / str(count), count, classes)
            rows += measured(browser, folder, count, repetitions)
            shutil.rmtree(folder)
    report(name, rows, net="vgg small", side=SIDE, beside="resnet small on all cores", browser="Chromium, 1440 x 900")


if __name__ == "__main__":
    tried = dict.fromkeys(map(int, sys.argv[1:]), 10)
    main(tried, repetitions=1, name="many_pictures_tried") if tried else main()
