"""Training throughput of the article's loop, the lab's whole loop and a bare step, on the article's networks at 224 px.

The bare step trains on one batch in memory, in the best layout and with the fused optimiser: the most that any loop can
reach in an ordinary Python process. Each loop has a process of its own. The lab's is set up like a run process
(`keep_freed_memory`), and so is a second bare one, for comparison. `CNNLAB_BENCH_PICTURES` gives the folder of pictures
(default: bundled drawings).
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import torch
from torch import nn

from benchmarks.apart import LoopApart, MakeSteps
from benchmarks.article_loop import LEARNING_RATE, article_steps
from benchmarks.measuring import Figure, figure, ratio, report, take_turns
from cnnlab.data.samples import write_samples
from cnnlab.data.scan import scan_folder
from cnnlab.data.splits import make_split
from cnnlab.models.build import build_model
from cnnlab.training.allocator import keep_freed_memory
from cnnlab.training.events import StepEnd
from cnnlab.training.loop import fit
from cnnlab.training.parts import TrainingData
from cnnlab.training.recipes import make_config
from cnnlab.training.state import TrainingState
from cnnlab.workspace import Workspace

FAMILIES = ("vgg", "googlenet", "resnet")
BATCH_SIZES = (1, 8)
REPETITIONS = 7
GOALS = {"vgg": "at least 1.25", "googlenet": "at least 1.25", "resnet": "at least 1.05"}


def bare_steps(family: str, batch_size: int) -> Iterator[int]:
    """Train forever on one batch in memory; yields the number of pictures after each step."""
    model = build_model(family, preset="article", num_classes=2, seed=0).to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)
    pictures = torch.rand(batch_size, 3, 224, 224).contiguous(memory_format=torch.channels_last)
    labels = torch.arange(batch_size) % 2
    while True:
        loss = nn.functional.cross_entropy(model(pictures), labels)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it without types
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        yield batch_size


def lab_steps(folder: Path, family: str, batch_size: int, home: Path) -> Iterator[int]:
    """The lab's own loop, doing everything that a run does except writing; yields the pictures of each step."""
    settings = {
        "training.batch_size": batch_size,
        "training.epochs": 10_000,
        "compute.threads": torch.get_num_threads(),
    }
    config = make_config(data=folder, family=family, preset="article", recipe="article", settings=settings)
    scan = scan_folder(folder)
    data = TrainingData.split(scan.classes, scan.pictures, make_split(scan.pictures, val_fraction=0.0))
    with TrainingState.create(config, data, Workspace.at(home)) as state:
        for event in fit(state):
            if isinstance(event, StepEnd):
                yield event.images


def keeping_memory(steps: Callable[..., Iterator[int]], *arguments: object) -> Iterator[int]:
    """The loop, in a process set up like the lab's own."""
    keep_freed_memory()
    yield from steps(*arguments)


def measure(folder: Path, family: str, batch_size: int, home: Path) -> list[Figure]:
    """The rows of one network at one batch size."""
    loops: dict[str, MakeSteps] = {
        "article": partial(article_steps, family, folder, batch_size),
        "lab": partial(keeping_memory, lab_steps, folder, family, batch_size, home),
        "bare": partial(bare_steps, family, batch_size),
        "bare, memory kept": partial(keeping_memory, bare_steps, family, batch_size),
    }
    with ExitStack() as stack:
        apart = {name: stack.enter_context(LoopApart(steps)) for name, steps in loops.items()}
        paces = take_turns({name: loop.images_per_second for name, loop in apart.items()}, REPETITIONS)
    title = f"{family}, batch {batch_size}"
    at_eight = batch_size == 8
    return [
        *(figure(f"{title}: {name}", "images/s", values) for name, values in paces.items()),
        figure(f"{title}: lab / article", "ratio", ratio(paces, "lab", "article"), GOALS[family] if at_eight else ""),
        figure(f"{title}: lab / bare", "ratio", ratio(paces, "lab", "bare"), "at least 0.97" if at_eight else ""),
        figure(f"{title}: lab / bare, memory kept", "ratio", ratio(paces, "lab", "bare, memory kept"), "reported"),
    ]


def main() -> None:
    """Measure all networks and batch sizes."""
    with tempfile.TemporaryDirectory() as scratch:
        named = os.environ.get("CNNLAB_BENCH_PICTURES")
        folder = Path(named) if named else write_samples("drawings", Path(scratch) / "d", per_class=20, seed=0).folder
        rows = [
            row
            for family in FAMILIES
            for batch_size in BATCH_SIZES
            for row in measure(folder, family, batch_size, Path(scratch) / "home")
        ]
    report("throughput", rows, pictures=named or "drawings", threads=torch.get_num_threads())
