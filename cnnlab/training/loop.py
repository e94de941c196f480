"""The training loop: a generator of events that advances one state. Imports nothing from the store or the pages.

To pause or stop it, stop consuming. Dropout is keyed by (seed, epoch, batch) and the learning rate is a function of the
step, so a restored state continues exactly as an uninterrupted run would have.
"""

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Literal

import torch
from torch import Tensor
from torch.func import functional_call

from cnnlab.data.identity import key
from cnnlab.data.loading import Batch, EvalBatches
from cnnlab.errors import OutOfMemoryError
from cnnlab.training.device import memory_in_use, training_settings
from cnnlab.training.events import EpochEnd, Evaluating, Event, RunEnd, StepEnd, TestEnd
from cnnlab.training.meter import StepMeter, check_finite
from cnnlab.training.metrics import count_correct, evaluate_logits
from cnnlab.training.objective import heads
from cnnlab.training.optimisers import gradient_norm, set_learning_rate
from cnnlab.training.state import TrainingState

SECONDS_BETWEEN_REPORTS = 0.25


def fit(state: TrainingState) -> Iterator[Event]:
    """Train until the run is finished; the state may be saved at every event.

    While the generator is alive, the process uses the run's number of threads and determinism setting.

    Raises:
        DivergedError: a loss or a gradient is no longer a finite number.
        OutOfMemoryError: the device has too little memory for this batch.
    """
    with training_settings(state.config), _memory_errors(state):
        while not state.is_over:
            yield from _train_epoch(state)
            yield from _end_epoch(state)
        if state.batches.test is not None and state.progress.test is None:
            yield from _test(state, state.batches.test)
        state.progress.finished = True
        yield _run_end(state)


def _train_epoch(state: TrainingState) -> Iterator[StepEnd]:
    """Take the remaining steps of the current epoch."""
    progress, sizes, accumulate = state.progress, state.batches.sizes, state.config.training.accumulate
    state.module.train()
    meter = StepMeter(state)
    batches = state.batches.train.epoch(progress.epoch, start_batch=progress.batch)
    for first in range(progress.batch, len(sizes), accumulate):
        group = sizes[first : first + accumulate]
        rate = state.schedule.rate(progress.step)
        for index in range(first, first + len(group)):
            _add_gradient(state, meter, meter.wait_for(batches), index, pictures=sum(group))
        norm = _take_step(state, rate)
        progress.batch, progress.step = first + len(group), progress.step + 1
        meter.end_step(rate, norm, pictures=sum(group))
        if meter.is_due:
            yield from meter.flush()
    yield from meter.flush()


def _add_gradient(state: TrainingState, meter: StepMeter, batch: Batch, index: int, *, pictures: int) -> None:
    """Forward and backward pass for the batch at `index` of the epoch, part of a step over `pictures`."""
    images, labels = to_device(state, batch)
    torch.manual_seed(key("dropout", state.config.seed, state.progress.epoch, index))
    logits, auxiliary = heads(state.model(images))
    losses = state.objective(logits, auxiliary, labels)
    state.fabric.backward(losses.objective / pictures)
    meter.add_batch(losses, count_correct(logits, labels))


def to_device(state: TrainingState, batch: Batch) -> tuple[Tensor, Tensor]:
    """Pictures (N, 3, S, S) as normalised floats in the run's memory layout, and labels (N,), on the device."""
    pinned = batch.images.is_pinned() if state.device.type == "cuda" else False
    images = batch.images.to(state.device, non_blocking=pinned)  # still bytes: a quarter of the data to transfer
    images = state.augmentation.normalise(images)
    if state.config.compute.memory_layout == "channels_last":
        images = images.contiguous(memory_format=torch.channels_last)
    return images, batch.labels.to(state.device, non_blocking=pinned)


def _take_step(state: TrainingState, rate: float) -> Tensor:
    """Take an optimiser step; returns the gradient norm before clipping, on the device."""
    precision = state.fabric.strategy.precision
    precision.unscale_gradients(state.optimiser)
    parameters = [parameter for group in state.optimiser.param_groups for parameter in group["params"]]
    norm = gradient_norm(parameters, state.config.training.clip_norm)
    set_learning_rate(state.optimiser, rate)
    state.stepper.step()
    state.optimiser.zero_grad(set_to_none=True)
    return norm


def _end_epoch(state: TrainingState) -> Iterator[Evaluating | EpochEnd]:
    """Validate, keep the weights if they are the best, end the epoch."""
    progress, started, figures, logits = state.progress, time.perf_counter(), None, None
    if state.batches.val is not None:
        logits = yield from _logits(state, state.batches.val, "val")
        figures = evaluate_logits(logits, torch.from_numpy(state.predictions.val_labels), state.data.classes)
        check_finite("The validation loss", figures.loss, progress.step, progress.epoch)
    rate = state.schedule.rate(max(0, progress.step - 1))
    seconds = time.perf_counter() - started
    event = progress.end_epoch(figures, learning_rate=rate, val_seconds=seconds, memory=memory_in_use(state.device))
    if logits is not None:
        state.predictions.add_epoch(event.epoch, logits.numpy(), is_best=event.is_best)
        if event.is_best:
            state.keep_best_weights()
    yield event


def _test(state: TrainingState, batches: EvalBatches) -> Iterator[Evaluating | TestEnd]:
    """Evaluate the test part once with the best weights; the current weights are left alone."""
    logits = yield from _logits(state, batches, "test", state.chosen_weights())
    figures = evaluate_logits(logits, torch.from_numpy(state.predictions.test_labels), state.data.classes)
    state.predictions.test_logits = logits.numpy()
    state.progress.test = TestEnd(
        epoch=state.progress.best_epoch,
        pictures=len(logits),
        loss=figures.loss,
        accuracy=figures.accuracy,
        balanced_accuracy=figures.balanced_accuracy,
        per_class=figures.per_class,
    )
    yield state.progress.test


def _logits(
    state: TrainingState,
    batches: EvalBatches,
    part: Literal["val", "test"],
    weights: dict[str, Tensor] | None = None,
) -> Generator[Evaluating, None, Tensor]:
    """Logits (N, classes) of a part on the CPU, in the order of its pictures; `weights` replace the current ones."""
    state.module.eval()
    progress, logits, reported = state.progress, [], time.perf_counter()
    total, done = len(state.data.val if part == "val" else state.data.test), 0
    for batch in batches:
        logits.append(_predict(state, batch, weights))
        done += len(batch.labels)
        if time.perf_counter() - reported > SECONDS_BETWEEN_REPORTS:
            yield Evaluating(part=part, epoch=progress.epoch, step=progress.step, done=done, total=total)
            reported = time.perf_counter()
    return torch.cat(logits).cpu()


def _predict(state: TrainingState, batch: Batch, weights: dict[str, Tensor] | None) -> Tensor:
    with torch.inference_mode():  # not around the loop, where it would also apply to the consumer
        images, _ = to_device(state, batch)
        if weights is None:
            logits = state.model(images)
        else:
            with state.fabric.autocast():
                logits = functional_call(state.module, weights, (images,))
        result: Tensor = logits.float()
        return result


def _run_end(state: TrainingState) -> RunEnd:
    progress, patience = state.progress, state.config.training.patience
    early = not progress.is_over(state.config.training.epochs)
    reason = (
        f"Validation did not improve for {patience} epochs, so the run ended after {len(progress.history)}."
        if early
        else f"All {len(progress.history)} epochs are done."
    )
    return RunEnd(
        reason=reason,
        early=early,
        epochs=len(progress.history),
        step=progress.step,
        best_epoch=progress.best_epoch,
        seconds=progress.seconds,
    )


@contextmanager
def _memory_errors(state: TrainingState) -> Iterator[None]:
    """Turn torch's various out-of-memory errors into one sentence."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, MemoryError | torch.OutOfMemoryError) or "not enough memory" in str(error):
            raise OutOfMemoryError(
                f"The memory of {state.device} is too small for a batch of {state.config.training.batch_size} pictures "
                f"at {state.config.pipeline.image_size} pixels; choose a smaller batch size (gradient accumulation "
                "makes up for it) or image size."
            ) from error
        raise
