"""Small runs: twelve pictures of 16 pixels that differ by class, and networks that take milliseconds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from cnnlab.data.scan import scan_folder
from cnnlab.data.splits import make_split
from cnnlab.training.checkpoints import newest_checkpoint, restore, save_checkpoint
from cnnlab.training.config import RunConfig
from cnnlab.training.events import Event, StepEnd
from cnnlab.training.loop import fit
from cnnlab.training.optimiser_state import optimiser_tensors
from cnnlab.training.parts import TrainingData
from cnnlab.training.recipes import make_config
from cnnlab.training.state import TrainingState
from cnnlab.workspace import Workspace

TINY = {"vgg": {"base_width": 4, "depth": 11}, "googlenet": {"base_width": 8}, "resnet": {"base_width": 8, "depth": 18}}


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three classes of 9, 6 and 5 pictures: noise around three colours."""
    folder = tmp_path_factory.mktemp("pictures")
    random = np.random.default_rng(0)
    for label, count, colour in (("blue", 9, (40, 40, 200)), ("green", 6, (40, 200, 40)), ("red", 5, (200, 40, 40))):
        (folder / label).mkdir()
        for number in range(count):
            noise = random.integers(-40, 41, size=(40, 44, 3))
            Image.fromarray((np.array(colour) + noise).clip(0, 255).astype(np.uint8)).save(
                folder / label / f"{number}.png"
            )
    return folder


@dataclass
class Lab:
    """Makes states of small runs in one workspace."""

    pictures: Path
    workspace: Workspace

    def config(self, family: str = "vgg", **overrides: Any) -> RunConfig:
        settings = {
            **TINY[family],
            "training.epochs": 2,
            "training.batch_size": 4,
            "training.schedule": "constant",
            "training.weight_decay": 0.0,
            "pipeline.image_size": 32,
            "compute.device": "cpu",
            "compute.threads": 1,
            "data.val_fraction": 0.3,
        }
        named = {name.replace("__", "."): value for name, value in overrides.items()}
        return make_config(data=self.pictures, family=family, settings={**settings, **named})

    def data(self, config: RunConfig) -> TrainingData:
        scan = scan_folder(self.pictures)
        split = make_split(
            scan.pictures, val_fraction=config.data.val_fraction, test_fraction=config.data.test_fraction
        )
        return TrainingData.split(scan.classes, scan.pictures, split)

    def state(self, config: RunConfig, **arguments: Any) -> TrainingState:
        return TrainingState.create(config, self.data(config), self.workspace, **arguments)

    def broken_run(
        self, config: RunConfig, folder: Path, stop: Callable[[Event], bool]
    ) -> tuple[TrainingState, list[Event]]:
        """Train until `stop`, save, discard everything, restore into a new state, and train to the end."""
        before: list[Event] = []
        with self.state(config) as first:
            for event in fit(first):
                before.append(event)
                if stop(event):
                    break
            save_checkpoint(folder, first)
        checkpoint = newest_checkpoint(folder)
        assert checkpoint is not None
        with self.state(config) as second:
            restore(second, checkpoint)
            return second, [*before, *fit(second)]

    def whole_run(self, config: RunConfig) -> tuple[TrainingState, list[Event]]:
        with self.state(config) as state:
            return state, list(fit(state))

    @staticmethod
    def outcome(state: TrainingState) -> dict[str, Any]:
        """Everything that must be equal in a whole run and a resumed one, as bytes and plain values."""
        kept = state.predictions
        return {
            "weights": _bytes(state.weights()),
            "best": _bytes(state.chosen_weights()),
            "optimiser": _bytes(optimiser_tensors(state.optimiser)),
            "history": [epoch.without_timing() for epoch in state.progress.history],
            "test": state.progress.test,
            "logits": [None if logits is None else logits.tobytes() for logits in (kept.best_logits, kept.last_logits)],
            "test_logits": None if kept.test_logits is None else kept.test_logits.tobytes(),
            "top_labels": [labels.tolist() for labels in kept.top_labels],
            "finished": state.progress.finished,
        }

    @staticmethod
    def steps(events: list[Event]) -> list[tuple[Any, ...]]:
        """The fields of step events that do not depend on machine load."""
        return [
            (event.step, event.loss, event.objective, event.accuracy, event.learning_rate, event.gradient_norm)
            for event in events
            if isinstance(event, StepEnd)
        ]


def _bytes(tensors: dict[str, torch.Tensor]) -> dict[str, bytes]:
    return {name: tensor.contiguous().numpy().tobytes() for name, tensor in tensors.items()}


@pytest.fixture
def lab(pictures: Path, workspace: Workspace) -> Lab:
    return Lab(pictures, workspace)
