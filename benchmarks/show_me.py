"""Time and accuracy of *Show me*: `python -m benchmarks show_me`.

It measures the accuracy of each family with the settings of *Show me* over five seeds (of drawings, split, weights and
order), and the time from pressing the button to three finished runs and a prediction with its heat map: painting in a
task, training by a worker that starts along with it, and prediction by the helper process. Then the same is measured in
Chromium on the same machine, which also renders the curves; the time a user takes to look comes on top.
"""

import re
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.measuring import figure, report
from benchmarks.own_store import own_store
from benchmarks.pages import Server, launch, open_page, serving
from cnnlab.data.samples import write_samples
from cnnlab.data.scan import scan_folder
from cnnlab.data.splits import make_split
from cnnlab.helper import front, predict
from cnnlab.models.registry import family_names
from cnnlab.runs.filing import file_run
from cnnlab.runs.worker import start_worker_if_none
from cnnlab.store.datasets import pictures_of
from cnnlab.store.records import RunRecord, Status
from cnnlab.store.store import Store
from cnnlab.tasks.launch import is_over, look, start_task
from cnnlab.training.config import RunConfig
from cnnlab.training.events import EpochEnd
from cnnlab.training.loop import fit
from cnnlab.training.parts import TrainingData
from cnnlab.training.state import TrainingState
from cnnlab.ui.home.show_me import SAMPLES, run_config  # noqa: TID251 - these settings are being measured
from cnnlab.workspace import PROJECT_ROOT, Workspace

SEEDS = range(5)
PATIENCE_SECONDS = 900.0


def accuracy(folder: Path, config: RunConfig, seed: int) -> float:
    """Validation accuracy at the best epoch of one run."""
    scan = scan_folder(folder)
    data = config.data
    split = make_split(scan.pictures, val_fraction=data.val_fraction, test_fraction=data.test_fraction, seed=seed)
    divided = TrainingData.split(scan.classes, scan.pictures, split)
    seeded = config.with_overrides({"seed": seed, "compute.threads": 1})
    best = 0.0
    with (
        tempfile.TemporaryDirectory() as home,
        TrainingState.create(seeded, divided, Workspace.at(Path(home))) as state,
    ):
        for event in fit(state):
            if isinstance(event, EpochEnd) and event.is_best and event.val_accuracy is not None:
                best = event.val_accuracy
    return best


def accuracies() -> dict[str, list[float]]:
    """Accuracies by family, one for each seed."""
    by_family: dict[str, list[float]] = {name: [] for name in family_names()}
    for seed in SEEDS:
        with tempfile.TemporaryDirectory() as scratch:
            folder = write_samples(
                SAMPLES["samples"], Path(scratch) / "drawings", per_class=SAMPLES["per_class"], seed=seed
            ).folder
            for family in family_names():
                by_family[family].append(accuracy(folder, run_config(str(folder), family), seed))
                print(seed, family, by_family[family][-1], flush=True)
    return by_family


def seconds_of_the_way(walk: Callable[[Store], dict[str, float]]) -> dict[str, float]:
    """Seconds of each part of the walkthrough, in a workspace of its own."""
    with own_store() as store, closing(front):
        return walk(store)


def walk_seen(store: Store) -> dict[str, float]:
    """Press the buttons in a browser as they appear, with the curves in view."""
    with sync_playwright() as play, serving(PROJECT_ROOT / "app.py", store.workspace.home) as server:
        browser = launch(play)
        try:
            return {f"in Chromium, {name}": seconds for name, seconds in _press_through(browser, server).items()}
        finally:
            browser.close()


def _press_through(browser: Browser, server: Server) -> dict[str, float]:
    tab = open_page(browser, server.url)
    tab.set_default_timeout(1000 * PATIENCE_SECONDS)
    start = tab.get_by_role("button", name="Show me", exact=True)
    start.wait_for()
    begun = time.monotonic()
    start.click()
    tab.get_by_text("1 of 3.").wait_for()
    painted = time.monotonic()
    tab.get_by_role("button", name="Compare them").click()
    trained = time.monotonic()
    tab.get_by_role("button", name="Try them out").click()
    tab.get_by_role("img", name=re.compile("^Where .* saw")).nth(2).wait_for()
    ended = time.monotonic()
    return _parts(begun, painted, trained, ended, last="comparison and prediction")


def walk(store: Store) -> dict[str, float]:
    """Do what the buttons do, one after another."""
    begun = time.monotonic()
    start_worker_if_none(store)
    task_id = start_task(store, "samples", SAMPLES)
    while (task := look(store, task_id)) is None or not is_over(task):
        time.sleep(0.1)
    dataset = store.datasets.get(int((task.result or {})["dataset_id"]))
    assert dataset is not None
    painted = time.monotonic()
    runs = [file_run(store, run_config(dataset.path, family)) for family in family_names()]
    finished = _wait(store, runs)
    trained = time.monotonic()
    picture = pictures_of(store, dataset, limit=1)[0]
    run_ids = [run.run_id for run in finished]
    front.ask(predict.predict, run_ids, [picture.path], workspace=store.workspace)
    for run_id in run_ids:
        front.ask(predict.explain, run_id, picture.path, label=picture.label, workspace=store.workspace)
    ended = time.monotonic()
    return _parts(begun, painted, trained, ended, last="prediction with heat maps")


def _parts(begun: float, painted: float, trained: float, ended: float, *, last: str) -> dict[str, float]:
    return {
        "drawing": painted - begun,
        "training all three": trained - painted,
        last: ended - trained,
        "the whole way": ended - begun,
    }


def _wait(store: Store, runs: list[RunRecord]) -> list[RunRecord]:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        now = [store.runs.get(run.run_id) for run in runs]
        if all(run.status is Status.FINISHED for run in now):
            return now
        time.sleep(0.1)
    raise TimeoutError(f"The runs were not finished after {PATIENCE_SECONDS:g} s; see worker.log.")


def main() -> None:
    """Measure and report."""
    rows = [
        figure(name, "s", [seconds], "at most 90" * name.endswith("the whole way"))
        for way in (walk, walk_seen)
        for name, seconds in seconds_of_the_way(way).items()
    ]
    rows += [figure(f"{name}, accuracy", "share", values, "at least 0.8") for name, values in accuracies().items()]
    report("show_me", rows, **SAMPLES)


if __name__ == "__main__":
    main()
