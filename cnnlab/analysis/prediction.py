"""Classifies pictures with trained runs, using each run's own preprocessing.

This needs only what a run has stored: configuration, classes and best weights. The data set may be gone.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from cnnlab.analysis.records import Prediction
from cnnlab.data.augmentation import Augmentation
from cnnlab.data.decoding import decode
from cnnlab.data.pipeline import Pipeline
from cnnlab.errors import PictureError, WeightsError
from cnnlab.models.blocks import Network
from cnnlab.models.build import build_model
from cnnlab.models.weights import load_weights
from cnnlab.runs.housekeeping import run_folder
from cnnlab.store.records import RunRecord
from cnnlab.store.store import Store
from cnnlab.training.config import RunConfig

BATCH: Final = 16
"""Pictures per batch: enough to be fast, few enough for a machine with little memory."""


@dataclass(frozen=True, kw_only=True)
class TrainedModel:
    """A run's network in evaluation mode, with everything it needs to classify a picture."""

    run_id: str
    module: Network
    augmentation: Augmentation
    classes: tuple[str, ...]

    @property
    def pipeline(self) -> Pipeline:
        """The run's own preprocessing."""
        return self.augmentation.pipeline

    def prepare(self, source: Path | bytes) -> Tensor:
        """One picture, prepared as for validation: uint8 (3, S, S).

        Raises:
            PictureError: the picture cannot be decoded.
        """
        image = decode(source, short_side=self.augmentation.short_side)
        return self.augmentation.evaluate(self.augmentation.working(image))

    def probabilities(self, pictures: Tensor) -> Tensor:
        """uint8 (N, 3, S, S) -> probabilities (N, classes), float32."""
        with torch.inference_mode():
            logits: Tensor = self.module(self.augmentation.normalise(pictures))
            return logits.float().softmax(dim=1)


def load_trained(store: Store, run: RunRecord) -> TrainedModel:
    """The network of a run with its best weights so far, on the CPU.

    Raises:
        WeightsError: the run has no weights yet, or they do not fit its configuration.
    """
    files, classes = run_folder(store, run).weights_files(), run.summary.classes
    if not files and run.epoch > 0 and not run_folder(store, run).path.is_dir():
        raise WeightsError(
            f"The folder of run {run.name!r} is gone ({str(run_folder(store, run).path)!r}), and with it its weights; "
            "restore it from a copy, or choose another run.",
            run_id=run.run_id,
        )
    if not files or not classes:
        raise WeightsError(
            f"Run {run.name!r} has no weights yet; let it train for at least one epoch, or choose another run.",
            run_id=run.run_id,
        )
    config = RunConfig.from_dict(run.config)
    module = build_model(
        config.architecture.family,
        preset=config.architecture.preset,
        num_classes=len(classes),
        image_size=config.pipeline.image_size,
        options=config.architecture.options,
    )
    assert isinstance(module, Network)
    _load_first_sound(module, files, classes)
    return TrainedModel(
        run_id=run.run_id,
        module=module.eval(),
        augmentation=Augmentation(config.pipeline, run.summary.mean_std),
        classes=classes,
    )


def _load_first_sound(module: Network, files: Sequence[Path], classes: tuple[str, ...]) -> None:
    """Load the best weights that are intact; if there are none, raise the first error."""
    errors = []
    for file in files:
        try:
            load_weights(module, file, classes=classes)
        except WeightsError as error:
            errors.append(error)
        else:
            return
    raise errors[0]


def predict(trained: TrainedModel, sources: Sequence[Path | bytes]) -> list[Prediction]:
    """One record for each source, in order; for a picture that cannot be read, it has an error and no probabilities."""
    records: list[Prediction] = []
    for start in range(0, len(sources), BATCH):
        records += _predict_batch(trained, sources[start : start + BATCH])
    return records


def _predict_batch(trained: TrainedModel, sources: Sequence[Path | bytes]) -> list[Prediction]:
    prepared: list[Tensor | str] = []
    for source in sources:
        try:
            prepared.append(trained.prepare(source))
        except PictureError as error:
            prepared.append(str(error))
    readable = [picture for picture in prepared if isinstance(picture, Tensor)]
    started = time.perf_counter()
    rows = iter(trained.probabilities(torch.stack(readable)).tolist()) if readable else iter(())
    seconds = (time.perf_counter() - started) / max(1, len(readable))
    return [
        Prediction(error=picture)
        if isinstance(picture, str)
        else Prediction(labels=trained.classes, probabilities=tuple(next(rows)), seconds=seconds)
        for picture in prepared
    ]
