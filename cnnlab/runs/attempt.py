"""One attempt at a run: its training state, folder and records, from scratch or from the last checkpoint.

Imports torch. Requests and statuses are handled in `execute` and `lifecycle`.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Self

from cnnlab.errors import CnnLabError
from cnnlab.models.inspection import inspect_model
from cnnlab.runs.environment import describe_environment, is_same_environment
from cnnlab.runs.folder import ATTEMPT_MARK, RunFolder, write_text
from cnnlab.runs.housekeeping import run_folder
from cnnlab.runs.origin import initial_weights
from cnnlab.runs.pictures import check_unchanged, ensure_split
from cnnlab.runs.preparation import LOOKING, READING, Listener, Preparing
from cnnlab.runs.recorder import Recorder
from cnnlab.store.datasets import pictures_of, register_folder, relative_path, split_of
from cnnlab.store.metric_rows import truncate_metrics
from cnnlab.store.records import DataSetRecord, RunRecord, SplitRecord, Summary
from cnnlab.store.store import Store
from cnnlab.training.checkpoints import (
    Checkpoint,
    CheckpointClock,
    newest_checkpoint,
    restore,
    save_checkpoint,
    write_results,
)
from cnnlab.training.config import RunConfig
from cnnlab.training.parts import TrainingData
from cnnlab.training.state import TrainingState


class Attempt:
    """One attempt, as a context manager that ends its loader processes on exit."""

    def __init__(self, state: TrainingState, recorder: Recorder, folder: RunFolder, *, clock: CheckpointClock) -> None:
        self.state, self.recorder, self.folder = state, recorder, folder
        self._clock = clock

    @classmethod
    def begin(
        cls, store: Store, run: RunRecord, *, stopped: Callable[[], bool], listener: Listener | None = None
    ) -> Self:
        """Prepare pictures, folder and state; continue from the newest intact checkpoint if there is one.

        `listener` is called with each stage of the preparation.

        Raises:
            DataError: the pictures changed since the first attempt, or cannot be used.
            StoppedError: `stopped` returned true while pictures were being prepared.
        """
        config, folder = RunConfig.from_dict(run.config), run_folder(store, run)
        preparing = Preparing(store, run, listener)
        preparing.stage(LOOKING)
        check_unchanged(store, run)
        dataset = register_folder(store, config.data.path, progress=preparing.progress, stopped=stopped)
        split = ensure_split(store, dataset, config.data)
        data = TrainingData.split(dataset.classes, pictures_of(store, dataset), split_of(split))
        folder.create()
        folder.write_log(f"{ATTEMPT_MARK}{run.attempt} of run {run.run_id} ({run.name}), process {os.getpid()} ===")
        preparing.stage(READING)
        state = TrainingState.create(
            config,
            data,
            store.workspace,
            initial_weights=initial_weights(store, config),
            progress=preparing.progress,
            stopped=stopped,
        )
        try:
            is_same = _describe(store, run, folder, dataset, split, state)
            checkpoint = _sound_checkpoint(run, folder)
            seconds = _continue_from(store, run, state, checkpoint)
            if checkpoint is not None and not is_same:
                store.runs.update(run.run_id, bit_identical=False)
        except BaseException:
            state.close()
            raise
        clock = CheckpointClock(**store.settings.get("checkpoints", {}))
        return cls(state, Recorder(store, run, seconds_before=seconds), folder, clock=clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            self._rescue()
        self.state.close()

    def _rescue(self) -> None:
        """After any error, keep the best weights and the figures so far, if they can still be written.

        The weights come first, because the error may be that the store is gone.
        """
        for keep in (self._keep_best, self.recorder.flush):
            try:
                keep()
            except CnnLabError as error:
                self.folder.write_log(f"Some results could not be kept: {error}")

    def _keep_best(self) -> None:
        if self.state.progress.history and self.state.has_finite_choice():
            write_results(self.folder.path, self.state)

    def checkpoint_if_due(self) -> None:
        """Save a checkpoint from time to time, after writing pending figures: the store must not lag behind it."""
        if self._clock.is_due:
            self.recorder.flush()
            self._clock.save(self.folder.checkpoints, self.state)
            self.recorder.checkpoint()

    def keep_all(self) -> None:
        """Save a checkpoint and the results so far, at a pause or a stop."""
        self.recorder.flush()
        save_checkpoint(self.folder.checkpoints, self.state)
        self.recorder.checkpoint()
        if self.state.progress.history:
            write_results(self.folder.path, self.state)

    def keep_results(self) -> None:
        """Save a checkpoint and the results at the end of the run."""
        self.keep_all()
        self.folder.give_up_reserve()


def _sound_checkpoint(run: RunRecord, folder: RunFolder) -> Checkpoint | None:
    """The newest intact checkpoint; None if none was written yet.

    Raises:
        CheckpointError: there were checkpoints, and none of them can be read. The records stay.
    """
    checkpoint = newest_checkpoint(folder.checkpoints)
    if checkpoint is None and _has_saved(run, folder):
        raise folder.no_checkpoint(epoch=run.epoch, step=run.step)
    return checkpoint


def _has_saved(run: RunRecord, folder: RunFolder) -> bool:
    """Whether an earlier attempt saved anything; runs of older versions did not record that they had a checkpoint."""
    return run.had_checkpoint or bool(folder.complete_checkpoints()) or folder.best.is_file()


def _describe(
    store: Store, run: RunRecord, folder: RunFolder, dataset: DataSetRecord, split: SplitRecord, state: TrainingState
) -> bool:
    """Record what this attempt depends on; returns whether it computes the same bits as the first attempt."""
    environment = describe_environment(run)
    before = folder.attempts()
    folder.add_attempt(environment)
    write_text(folder.config, state.config.to_yaml())
    rows = store.datasets.pictures(dataset.dataset_id)
    folder.write_pictures(
        (row["picture_id"], relative_path(dataset, row["path"]), row["label"], split.parts.get(row["picture_id"], ""))
        for row in rows
    )
    store.runs.update(
        run.run_id,
        dataset_id=dataset.dataset_id,
        fingerprint=dataset.fingerprint,
        split_number=split.number,
        split_hash=split.hash,
        parameters=sum(parameter.numel() for parameter in state.module.parameters()),
        flops=run.flops if run.flops is not None else _flops(state),
        total_steps=_total_steps(state),
        summary=_summary(run, state, has_saved=_has_saved(run, folder)).as_json(),
    )
    return not before or is_same_environment(before[0], environment)


def _flops(state: TrainingState) -> int:
    """Floating-point operations of the forward pass for one picture, traced without running the network."""
    config = state.config
    inspection = inspect_model(
        config.architecture.family,
        preset=config.architecture.preset,
        options=config.architecture.options,
        image_size=config.pipeline.image_size,
        num_classes=len(state.data.classes),
    )
    return inspection.flops


def _total_steps(state: TrainingState) -> int:
    training = state.config.training
    return training.epochs * -(-len(state.batches.sizes) // training.accumulate)


def _summary(run: RunRecord, state: TrainingState, *, has_saved: bool) -> Summary:
    data = state.data
    return replace(
        run.summary,
        classes=tuple(data.classes),
        images={"train": len(data.train), "val": len(data.val), "test": len(data.test)},
        mean_std=state.mean_std,
        keyed_weights=run.summary.keyed_weights or not has_saved,
    )


def _continue_from(store: Store, run: RunRecord, state: TrainingState, checkpoint: Checkpoint | None) -> float:
    """Restore the state and drop everything recorded after it; returns the training time up to that point."""
    if checkpoint is not None:
        restore(state, checkpoint)
    step, history = state.progress.step, state.progress.history
    with store.runs.writing() as connection:
        truncate_metrics(connection, run.number, step=step, epoch=len(history))
    elapsed = store.metrics.read(run.number, "elapsed").values
    best = next((epoch for epoch in history if epoch.epoch == state.progress.best_epoch), None)
    store.runs.update(
        run.run_id,
        step=step,
        epoch=len(history),
        best_epoch=None if best is None else best.epoch,
        val_accuracy=None if best is None else best.val_accuracy,
        val_loss=None if best is None else best.val_loss,
        train_loss=None if best is None else best.train_loss,
    )
    return float(elapsed[-1]) if len(elapsed) else 0.0
