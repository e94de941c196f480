import math
import shutil

import pytest
import torch
from torch.nn import functional

from cnnlab.errors import ConfigError, DataError, DivergedError, OutOfMemoryError
from cnnlab.training import loop
from cnnlab.training import state as state_module
from cnnlab.training.events import EpochEnd, Evaluating, RunEnd, StepEnd, TestEnd
from cnnlab.training.loop import fit, to_device


def test_events_come_in_order(lab):
    _, events = lab.whole_run(lab.config(**{"data.test_fraction": 0.2}))
    kinds = [type(event).__name__ for event in events if not isinstance(event, Evaluating)]
    steps = kinds.index("EpochEnd")
    assert kinds == (["StepEnd"] * steps + ["EpochEnd"]) * 2 + ["TestEnd", "RunEnd"]
    assert [event.step for event in events if isinstance(event, StepEnd)] == list(range(1, 2 * steps + 1))


def test_one_epoch_sees_every_picture_once(lab):
    state, events = lab.whole_run(lab.config())
    images = [event.images for event in events if isinstance(event, StepEnd) and event.epoch == 1]
    assert sum(images) == len(state.data.train) and max(images) - min(images) <= 1


def test_epoch_figures_are_means_over_pictures(lab):
    _, events = lab.whole_run(lab.config(**{"training.batch_size": 3}))
    steps = [event for event in events if isinstance(event, StepEnd) and event.epoch == 2]
    epoch = [event for event in events if isinstance(event, EpochEnd)][1]
    images = sum(step.images for step in steps)
    assert epoch.train_loss == pytest.approx(sum(step.loss * step.images for step in steps) / images)
    assert epoch.train_accuracy == pytest.approx(sum(step.accuracy * step.images for step in steps) / images)
    assert epoch.gradient_norm == pytest.approx(sum(step.gradient_norm for step in steps) / len(steps))


def test_validation_uses_the_weights_at_the_end_of_the_epoch(lab):
    config = lab.config(**{"training.epochs": 1, "training.label_smoothing": 0.2, "training.class_weights": "balanced"})
    state, events = lab.whole_run(config)
    epoch = next(event for event in events if isinstance(event, EpochEnd))
    state.module.eval()
    with torch.no_grad():
        logits, labels = zip(
            *[(state.module(to_device(state, batch)[0]), batch.labels) for batch in state.batches.val], strict=True
        )
    logits, labels = torch.cat(logits), torch.cat(labels)
    assert epoch.val_loss == pytest.approx(functional.cross_entropy(logits, labels).item(), abs=1e-5)
    assert epoch.val_accuracy == (logits.argmax(1) == labels).double().mean().item()
    assert epoch.per_class is not None
    assert epoch.val_balanced_accuracy == pytest.approx(sum(of_class.recall for of_class in epoch.per_class) / 3)
    assert [of_class.pictures for of_class in epoch.per_class] == labels.bincount().tolist()


def test_the_loss_is_plain_and_the_objective_is_minimised(lab):
    _, plain = lab.whole_run(lab.config())
    assert all(event.loss == event.objective for event in plain if isinstance(event, StepEnd))
    _, smoothed = lab.whole_run(lab.config(**{"training.label_smoothing": 0.5}))
    first, other = plain[0], smoothed[0]
    assert isinstance(first, StepEnd) and isinstance(other, StepEnd)
    assert other.loss == pytest.approx(first.loss) and other.objective != pytest.approx(first.objective)


def test_auxiliary_heads_count_only_in_the_objective(lab):
    _, without = lab.whole_run(lab.config("googlenet", auxiliary=True, auxiliary_weight=0.0))
    _, with_them = lab.whole_run(lab.config("googlenet", auxiliary=True, auxiliary_weight=0.3))
    first, other = without[0], with_them[0]
    assert isinstance(first, StepEnd) and isinstance(other, StepEnd)
    assert first.loss == other.loss == pytest.approx(first.objective)
    assert other.objective > other.loss


def test_accumulated_batches_step_like_one_large_batch(lab):
    settings = {
        "batch_norm": False,
        "dropout": 0.0,
        "training.optimiser": "sgd",
        "training.momentum": 0.0,
        "training.epochs": 1,
    }
    large, _ = lab.whole_run(lab.config(**settings, **{"training.batch_size": 14}))
    small, events = lab.whole_run(lab.config(**settings, **{"training.batch_size": 4, "training.accumulate": 4}))
    assert large.progress.step == small.progress.step == 1
    for name, tensor in large.weights().items():
        torch.testing.assert_close(small.weights()[name], tensor, rtol=1e-4, atol=1e-6)
    assert events[0].loss == pytest.approx(large.progress.history[0].train_loss, rel=1e-5)


def test_the_best_epoch_has_the_lowest_validation_loss_or_is_the_last_without_validation(lab):
    state, events = lab.whole_run(lab.config(**{"training.epochs": 4, "training.learning_rate": 0.05}))
    losses = [event.val_loss for event in events if isinstance(event, EpochEnd)]
    assert state.progress.best_epoch == losses.index(min(losses)) + 1
    assert state.predictions.best_epoch == state.progress.best_epoch
    state, events = lab.whole_run(lab.config(**{"data.val_fraction": 0.0}))
    epochs = [event for event in events if isinstance(event, EpochEnd)]
    assert [(event.val_loss, event.val_accuracy, event.per_class) for event in epochs] == [(None, None, None)] * 2
    assert state.progress.best_epoch == 2 and state.best_weights is None


def test_the_test_part_is_evaluated_once_with_the_best_weights(lab):
    with lab.state(lab.config(**{"training.epochs": 1, "data.test_fraction": 0.2})) as state:
        events = fit(state)
        next(event for event in events if isinstance(event, EpochEnd))
        with torch.no_grad():
            for parameter in state.module.parameters():
                parameter.add_(1.0)  # as if a later epoch had made them worse
        spoilt = {name: tensor.clone() for name, tensor in state.weights().items()}
        (test_end,) = [event for event in events if isinstance(event, TestEnd)]
        assert (test_end.epoch, test_end.pictures) == (1, len(state.data.test))
        assert all(torch.equal(spoilt[name], tensor) for name, tensor in state.weights().items())
        state.module.load_state_dict(state.chosen_weights())
        state.module.eval()
        with torch.no_grad():
            logits = torch.cat([state.module(to_device(state, batch)[0]) for batch in state.batches.test])
        torch.testing.assert_close(logits, torch.from_numpy(state.predictions.test_logits), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("optimiser", ["sgd", "adam"])
def test_a_loss_that_explodes_ends_the_run_with_a_reason(lab, optimiser: str):
    settings = {"training.optimiser": optimiser, "training.learning_rate": 10.0, "training.epochs": 50}
    with lab.state(lab.config(batch_norm=False, **settings)) as state:
        for parameter in state.module.parameters():
            parameter.data.mul_(1e6)
        with pytest.raises(DivergedError, match=r"at step \d+ \(epoch \d+\); clone the run with a lower learning rate"):
            list(fit(state))


def test_equal_seeds_give_equal_runs_and_different_seeds_different_ones(lab):
    one, first = lab.whole_run(lab.config(seed=1))
    two, second = lab.whole_run(lab.config(seed=1))
    _, third = lab.whole_run(lab.config(seed=2))
    assert lab.outcome(one) == lab.outcome(two) and lab.steps(first) == lab.steps(second)
    assert lab.steps(first) != lab.steps(third)


def test_threads_and_determinism_are_restored(lab):
    threads, deterministic = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    with lab.state(lab.config(**{"compute.threads": 2})) as state:
        events = fit(state)
        next(events)
        assert torch.get_num_threads() == 2 and torch.are_deterministic_algorithms_enabled()
        events.close()
    assert (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()) == (threads, deterministic)


def test_running_out_of_memory_gives_one_sentence(lab, monkeypatch):
    def refuse(*_: object) -> None:
        raise RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory: you tried to allocate 10 bytes.")

    monkeypatch.setattr(loop, "to_device", refuse)
    with lab.state(lab.config()) as state, pytest.raises(OutOfMemoryError, match="smaller batch size"):
        list(fit(state))


def test_a_frozen_body_does_not_change(lab):
    with lab.state(lab.config("resnet", **{"architecture.freeze": True})) as state:
        before = {name: tensor.clone() for name, tensor in state.weights().items()}
        list(fit(state))
        changed = {name for name, tensor in state.weights().items() if not torch.equal(tensor, before[name])}
    assert changed and all(state.module.in_head(name) for name in changed)


def test_patience_needs_a_validation_part(lab):
    with pytest.raises(ConfigError, match=r"`training\.patience` needs a validation loss"):
        lab.state(lab.config(**{"training.patience": 3, "data.val_fraction": 0.0}))


def test_a_class_without_training_pictures_is_an_error(lab):
    config = lab.config()
    data = lab.data(config)
    empty = type(data)(classes=(*data.classes, "yellow"), train=data.train, val=data.val)
    with pytest.raises(DataError, match="No pictures of 'yellow'"):
        type(lab.state(config)).create(config, empty, lab.workspace)


def test_a_consumer_may_stop_at_any_event(lab):
    with lab.state(lab.config()) as state:
        for event in fit(state):
            assert math.isfinite(event.loss)
            break
        assert state.progress.step == 1


def test_a_run_ends_with_a_sentence(lab):
    _, events = lab.whole_run(lab.config())
    assert isinstance(events[-1], RunEnd) and events[-1].reason == "All 2 epochs are done."


@pytest.mark.parametrize("normalisation", ["imagenet", "dataset"])
def test_the_first_step_waits_only_for_its_own_pictures_without_changing_a_bit(lab, monkeypatch, normalisation):
    config = lab.config(pipeline__normalisation=normalisation, data__test_fraction=0.2)
    monkeypatch.setattr(state_module, "PREPARE_SECONDS", 0.0)
    with lab.state(config) as hurried:
        events = fit(hurried)
        first = next(events)
        prepared = len([file for file in lab.workspace.cache.rglob("*") if file.is_file()])
        assert first.step == 1
        needed = len(hurried.data.train) if normalisation == "dataset" else hurried.batches.sizes[0]
        assert prepared == needed < 20
        list(events)
    monkeypatch.undo()
    shutil.rmtree(lab.workspace.cache)
    assert lab.outcome(hurried) == lab.outcome(lab.whole_run(config)[0])
