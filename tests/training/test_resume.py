"""A run that was interrupted anywhere and resumed equals the whole run bit for bit."""

from pathlib import Path
from typing import Any

import pytest

from cnnlab.errors import RunStateError
from cnnlab.training.checkpoints import newest_checkpoint, restore, save_checkpoint
from cnnlab.training.events import EpochEnd, Event, RunEnd, StepEnd, TestEnd
from cnnlab.training.loop import fit

CASES: dict[str, dict[str, Any]] = {
    "adam": {},
    "adamw, cosine, warm-up": {
        "family": "resnet",
        "training.optimiser": "adamw",
        "training.weight_decay": 0.1,
        "training.schedule": "cosine",
        "training.warmup_epochs": 0.8,
    },
    "sgd, one cycle, auxiliary heads": {
        "family": "googlenet",
        "auxiliary": True,
        "training.optimiser": "sgd",
        "training.schedule": "one_cycle",
    },
    "sgd without momentum": {"training.optimiser": "sgd", "training.momentum": 0.0, "training.learning_rate": 0.01},
    "rmsprop, steps, clipping": {
        "training.optimiser": "rmsprop",
        "training.schedule": "step",
        "training.step_epochs": 1,
        "training.clip_norm": 0.5,
    },
    "dropout": {"family": "googlenet", "dropout": 0.5},
    "accumulation, smoothing, class weights": {
        "training.accumulate": 3,
        "training.label_smoothing": 0.1,
        "training.class_weights": "balanced",
    },
    "no validation": {"data.val_fraction": 0.0},
    "test part": {"data.test_fraction": 0.2},
    "data set's own normalisation": {"pipeline.normalisation": "dataset"},
    "bf16": {"training.precision": "bf16"},
    "contiguous": {"compute.memory_layout": "contiguous"},
    "frozen body": {"family": "resnet", "architecture.freeze": True},
}


def _is_step(step: int, event: Event) -> bool:
    return isinstance(event, StepEnd) and event.step == step


@pytest.mark.parametrize("case", CASES)
def test_a_run_resumed_in_mid_epoch_equals_a_whole_one(lab, tmp_path: Path, case: str):
    config = lab.config(**CASES[case])
    whole, events = lab.whole_run(config)
    resumed, pieces = lab.broken_run(config, tmp_path, lambda event: _is_step(2, event))
    assert whole.progress.step > 2
    assert lab.steps(pieces) == lab.steps(events)
    assert lab.outcome(resumed) == lab.outcome(whole)


@pytest.mark.parametrize("kind", [StepEnd, EpochEnd, TestEnd, RunEnd])
def test_a_run_resumed_at_any_kind_of_event_equals_a_whole_one(lab, tmp_path: Path, kind: type):
    """This includes the last step of an epoch, with validation still to come."""
    config = lab.config(**{"data.test_fraction": 0.2})
    whole, events = lab.whole_run(config)
    matching = [event for event in events if isinstance(event, kind)]
    last_of_epoch = next(event for event in events if isinstance(event, EpochEnd)).step

    def stop(event: Event) -> bool:
        return _is_step(last_of_epoch, event) if kind is StepEnd else isinstance(event, kind)

    resumed, pieces = lab.broken_run(config, tmp_path, stop)
    assert matching and lab.steps(pieces) == lab.steps(events)
    assert lab.outcome(resumed) == lab.outcome(whole)


def test_early_stopping_keeps_counting_after_a_resume(lab, tmp_path: Path):
    config = lab.config(**{"training.epochs": 30, "training.patience": 2, "training.learning_rate": 0.3})
    whole, events = lab.whole_run(config)
    assert isinstance(events[-1], RunEnd) and events[-1].early and events[-1].epochs < 30
    resumed, pieces = lab.broken_run(
        config, tmp_path, lambda event: isinstance(event, EpochEnd) and event.epoch == events[-1].epochs - 1
    )
    assert isinstance(pieces[-1], RunEnd) and pieces[-1].reason == events[-1].reason
    assert lab.outcome(resumed) == lab.outcome(whole)


@pytest.mark.slow
def test_a_run_interrupted_at_every_step_equals_a_whole_one(lab, tmp_path: Path):
    config = lab.config("googlenet", dropout=0.3)
    whole, events = lab.whole_run(config)
    collected: list[Event] = []
    for _ in range(whole.progress.step + 1):
        with lab.state(config) as state:
            newest = newest_checkpoint(tmp_path)
            if newest is not None:
                restore(state, newest)
            for event in fit(state):
                collected.append(event)
                if isinstance(event, StepEnd):
                    break
            save_checkpoint(tmp_path, state)
    assert lab.steps(collected) == lab.steps(events)
    assert lab.outcome(state) == lab.outcome(whole)


@pytest.mark.slow
def test_loader_processes_change_nothing(lab, tmp_path: Path):
    whole, events = lab.whole_run(lab.config())
    config = lab.config(**{"compute.loaders": 2})
    resumed, pieces = lab.broken_run(config, tmp_path, lambda event: _is_step(2, event))
    assert lab.steps(pieces) == lab.steps(events)
    assert lab.outcome(resumed) == lab.outcome(whole)


def test_a_finished_run_has_nothing_left_to_do(lab):
    state, _ = lab.whole_run(lab.config())
    assert [type(event) for event in fit(state)] == [RunEnd]


def test_a_checkpoint_for_other_pictures_is_rejected(lab, tmp_path: Path):
    with lab.state(lab.config()) as state:
        next(fit(state))
        checkpoint = save_checkpoint(tmp_path, state)
    with lab.state(lab.config(**{"data.val_fraction": 0.5})) as other, pytest.raises(RunStateError, match="pictures"):
        restore(other, checkpoint)


def test_a_checkpoint_for_another_network_is_rejected(lab, tmp_path: Path):
    with lab.state(lab.config()) as state:
        next(fit(state))
        checkpoint = save_checkpoint(tmp_path, state)
    with lab.state(lab.config(base_width=8)) as other, pytest.raises(RunStateError, match="another network"):
        restore(other, checkpoint)
