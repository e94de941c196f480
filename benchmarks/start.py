"""How long a start takes: `python -m benchmarks start`.

From filing a run to its first point with a warm worker; `cnnlab train` until its first step against importing torch and
torchvision alone; the shortest commands. Prints the slowest imports of a run (`python -X importtime`) as well. Commands
are measured in seconds of processor time, which other programs disturb less than the clock.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from benchmarks.measuring import Figure, figure, ratio, report, take_turns
from benchmarks.own_store import add_drawings, own_store
from cnnlab.data.samples import write_samples
from cnnlab.runs.filing import file_run
from cnnlab.runs.lifecycle import stop, wait_until_obeyed
from cnnlab.runs.worker import start_worker_if_none
from cnnlab.store.store import Store
from cnnlab.training.recipes import make_config
from cnnlab.workspace import Workspace

REPETITIONS = 7
WARM_SECONDS = 25.0
"""A worker starts a new warm process ten seconds after a run began, which then needs some more to import torch."""
PATIENCE_SECONDS = 60.0
SLOWEST = 20

TORCH_ALONE = "import torch, torchvision"
UNTIL_FIRST_STEP = """
import os, sys
from pathlib import Path
from cnnlab.runs.execute import train
from cnnlab.training.events import StepEnd
from cnnlab.training.recipes import make_config

def leave(event):
    if isinstance(event, StepEnd):
        sys.stderr.flush()
        os._exit(0)

config = make_config(data=sys.argv[1], family="vgg", image_size=32, epochs=1, threads=1, device="cpu")
train(config, listener=leave)
"""


def seconds_to_first_point(store: Store, folder: Path) -> float:
    """File a run, wait for its first point, and stop it."""
    config = make_config(data=folder, family="vgg", settings={"training.epochs": 500})
    started = time.monotonic()
    run = file_run(store, config)
    while store.metrics.last_step(run.number, "loss") is None:
        if time.monotonic() - started > PATIENCE_SECONDS:
            raise TimeoutError(f"Run {run.run_id} had no point after {PATIENCE_SECONDS:g} s; see worker.log.")
        time.sleep(0.02)
    seconds = time.monotonic() - started
    stop(store, run.run_id)
    wait_until_obeyed(store, run.run_id)
    return seconds


def measure_warm_worker() -> Figure:
    """The row of a run that a worker has been waiting for."""
    with own_store() as store:
        folder = add_drawings(store, per_class=40)
        start_worker_if_none(store)
        seconds = []
        for turn in range(REPETITIONS + 1):
            time.sleep(WARM_SECONDS)
            measured = seconds_to_first_point(store, folder)
            if turn > 0:  # the first fills the cache of working pictures
                seconds.append(measured)
    return figure("filed to first point, worker warm", "s", seconds, "at most 2")


def processor_seconds(command: Sequence[str], home: Path) -> float:
    """User and system time of a command and everything that it waited for."""
    before = os.times()
    subprocess.run(
        [sys.executable, *command], env=Workspace.at(home).environment(), check=True, stdout=subprocess.DEVNULL
    )
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def measure_commands(folder: Path, home: Path) -> list[Figure]:
    """The rows of commands in processes of their own."""
    commands: dict[str, list[str]] = {
        "import torch, torchvision": ["-c", TORCH_ALONE],
        "cnnlab train until its first step": ["-c", UNTIL_FIRST_STEP, str(folder)],
        "cnnlab --help": ["-m", "cnnlab", "--help"],
        "cnnlab runs": ["-m", "cnnlab", "runs"],
    }
    goals = {"cnnlab --help": "at most 0.5", "cnnlab runs": "at most 0.5"}
    candidates: dict[str, Callable[[], float]] = {
        name: partial(processor_seconds, command, home) for name, command in commands.items()
    }
    seconds = take_turns(candidates, REPETITIONS)
    run, torch = "cnnlab train until its first step", "import torch, torchvision"
    return [
        *(figure(name, "processor s", values, goals.get(name, "")) for name, values in seconds.items()),
        figure(f"{run} / {torch}", "ratio", ratio(seconds, run, torch), "at most 1.25"),
    ]


def slowest_imports(folder: Path, home: Path) -> list[tuple[int, str]]:
    """(milliseconds with everything below it, module) of the packages that a run imports, the slowest first."""
    traced = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", UNTIL_FIRST_STEP, str(folder)],
        env=Workspace.at(home).environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    rows = []
    for line in traced.stderr.splitlines():
        parts = line.removeprefix("import time:").split("|")
        if line.startswith("import time:") and parts[1].strip().isdigit():
            name = parts[2].strip()
            if name.count(".") == 0 or name.startswith("cnnlab."):
                rows.append((int(parts[1]) // 1000, name))
    return sorted(rows, reverse=True)[:SLOWEST]


def main() -> None:
    """Measure with workers, runs and files in workspaces that end with it."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        folder = write_samples("digits", Path(scratch) / "digits", per_class=20, seed=0).folder
        rows = measure_commands(folder, home)
        imports = slowest_imports(folder, home)
    rows.append(measure_warm_worker())
    report("start", rows, net="vgg small", slowest_imports_ms={name: milliseconds for milliseconds, name in imports})
    print("\nslowest imports of a run (ms, with what they import)")
    for milliseconds, name in imports:
        print(f"  {milliseconds:>6}  {name}")
