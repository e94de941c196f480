"""The state of one run while it trains, and how it is built; `loop.fit` advances it.

A state is consistent whenever `fit` yields: it can be saved then, and restored into a new state made from the same
configuration and pictures.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from cnnlab.data.augmentation import Augmentation, channel_statistics
from cnnlab.data.cache import WorkingSet
from cnnlab.data.identity import digest
from cnnlab.data.loading import EvalBatches, TrainBatches
from cnnlab.data.ordering import batch_sizes, epoch_order
from cnnlab.data.progress import ProgressCallback, Stopped, check_stopped, report_progress
from cnnlab.data.records import MeanStd
from cnnlab.errors import RunStateError
from cnnlab.models.build import build_model
from cnnlab.models.registry import check_architecture
from cnnlab.models.weights import freeze_body, load_weights
from cnnlab.training.config import RunConfig
from cnnlab.training.device import make_fabric, resolve_compute
from cnnlab.training.objective import Objective
from cnnlab.training.optimisers import make_optimiser
from cnnlab.training.parts import TrainingData, check_parts
from cnnlab.training.predictions import Predictions
from cnnlab.training.progress import TrainingProgress
from cnnlab.training.schedules import Schedule
from cnnlab.workspace import Workspace

if TYPE_CHECKING:
    from lightning_fabric import Fabric
    from lightning_fabric.wrappers import _FabricModule as FabricModule
    from lightning_fabric.wrappers import _FabricOptimizer as FabricOptimizer

SMALLEST_EVALUATION_BATCH = 8  # without gradients even a large network has memory for this many
PREPARE_SECONDS = 5.0
"""How long the first step may wait for pictures that only later steps need."""


@dataclass(kw_only=True)
class Batches:
    """The pictures of the three parts as batches; None for a part without pictures."""

    train: TrainBatches
    sizes: tuple[int, ...]
    val: EvalBatches | None
    test: EvalBatches | None


@dataclass(kw_only=True)
class TrainingState:
    """One run in memory.

    `module` is the network itself and `model` its Fabric wrapper, which handles precision; likewise `optimiser` and its
    wrapper `stepper`. `best_weights` is None while the current weights count as the best.
    """

    config: RunConfig
    data: TrainingData
    fabric: "Fabric"
    module: nn.Module
    model: "FabricModule"
    optimiser: Optimizer
    stepper: "FabricOptimizer"
    objective: Objective
    schedule: Schedule
    augmentation: Augmentation
    mean_std: MeanStd | None
    batches: Batches
    predictions: Predictions
    progress: TrainingProgress = field(default_factory=TrainingProgress)
    best_weights: dict[str, Tensor] | None = None

    @classmethod
    def create(
        cls,
        config: RunConfig,
        data: TrainingData,
        workspace: Workspace,
        *,
        initial_weights: Path | None = None,
        progress: ProgressCallback | None = None,
        stopped: Stopped | None = None,
    ) -> Self:
        """A run before its first step: pictures at working size, an initialised network, an optimiser.

        `initial_weights` is a file of weights to start from instead of random ones; the caller resolves `init_from`.
        `progress` is called with (pictures prepared, pictures to prepare); `stopped` is checked between pictures.

        Raises:
            ConfigError, DataError: the configuration or the pictures cannot be trained; before anything is decoded.
        """
        check_parts(config, data)
        config = resolve_compute(config)
        sizes = tuple(batch_sizes(len(data.train), config.training.batch_size))
        _check_smallest_batch(config, len(data.classes), min(sizes))
        module = _network(config, data, initial_weights)
        fabric = make_fabric(config)
        module = fabric.to_device(module)
        if config.compute.memory_layout == "channels_last":
            module = module.to(memory_format=torch.channels_last)
        optimiser = make_optimiser(module, config.training, fused=config.training.precision != "16")
        model, stepper = fabric.setup(module, optimiser)
        augmentation, batches = _batches(config, data, workspace, sizes, progress, stopped)
        return cls(
            config=config,
            data=data,
            fabric=fabric,
            module=module,
            model=model,
            optimiser=optimiser,
            stepper=stepper,
            objective=_objective(config, data, fabric.device),
            schedule=Schedule(config.training, -(-len(sizes) // config.training.accumulate)),
            augmentation=augmentation,
            mean_std=augmentation.mean_std,
            batches=batches,
            predictions=_predictions(data),
        )

    @property
    def device(self) -> torch.device:
        """The device that holds the network."""
        return torch.device(self.fabric.device)

    @property
    def is_over(self) -> bool:
        """Whether no more epochs will be trained."""
        training = self.config.training
        return self.progress.is_over(training.epochs) or self.progress.ran_out_of(training.patience)

    @cached_property
    def data_key(self) -> str:
        """Hash of the part, label and id of every picture: a checkpoint only fits the pictures it was made with."""
        parts = (("train", self.data.train), ("val", self.data.val), ("test", self.data.test))
        return digest(*(text for part, items in parts for item in items for text in (part, item.label, item.id)))

    def weights(self) -> dict[str, Tensor]:
        """The current weights and buffers by name, on their device, not copied."""
        return dict(self.module.state_dict())

    def chosen_weights(self) -> dict[str, Tensor]:
        """The best weights so far, to be used for predictions."""
        return self.weights() if self.best_weights is None else self.best_weights

    def has_finite_choice(self) -> bool:
        """Whether the best weights so far are finite, which those of a diverged run may not be."""
        tensors = (tensor for tensor in self.chosen_weights().values() if tensor.is_floating_point())
        return all(bool(torch.isfinite(tensor).all()) for tensor in tensors)

    def keep_best_weights(self) -> None:
        """Copy the current weights to `best_weights`, reusing the same memory each time."""
        if self.best_weights is None:
            self.best_weights = {name: tensor.clone() for name, tensor in self.weights().items()}
            return
        for name, tensor in self.weights().items():
            self.best_weights[name].copy_(tensor)

    def check_same_data(self, data_key: str) -> None:
        """Raise `RunStateError` if a checkpoint was made with other pictures."""
        if data_key != self.data_key:
            raise RunStateError(
                "The checkpoint was made with other pictures; clone the run to train on the current ones."
            )

    def close(self) -> None:
        """End the loader processes."""
        self.batches.train.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _check_smallest_batch(config: RunConfig, num_classes: int, smallest: int) -> None:
    check_architecture(
        config.architecture.family,
        config.architecture.resolved(),
        image_size=config.pipeline.image_size,
        num_classes=num_classes,
        batch_size=smallest,
    )


def _network(config: RunConfig, data: TrainingData, initial_weights: Path | None) -> nn.Module:
    architecture = config.architecture
    module = build_model(
        architecture.family,
        preset=architecture.preset,
        num_classes=len(data.classes),
        image_size=config.pipeline.image_size,
        options=architecture.options,
        seed=config.seed,
    )
    if initial_weights is not None:
        load_weights(module, initial_weights, classes=data.classes)
    if architecture.freeze:
        freeze_body(module)
    return module


def _objective(config: RunConfig, data: TrainingData, device: torch.device) -> Objective:
    balanced = config.training.class_weights == "balanced"
    return Objective(
        label_smoothing=config.training.label_smoothing,
        class_weights=torch.tensor(data.class_weights(), device=device) if balanced else None,
        auxiliary_weight=float(config.architecture.resolved().get("auxiliary_weight", 0.0)),
    )


def _predictions(data: TrainingData) -> Predictions:
    return Predictions(
        classes=data.classes,
        val_ids=tuple(picture.id for picture in data.val),
        val_labels=np.array(data.labels(data.val), dtype=np.int64),
        test_ids=tuple(picture.id for picture in data.test),
        test_labels=np.array(data.labels(data.test), dtype=np.int64),
    )


def _batches(
    config: RunConfig,
    data: TrainingData,
    workspace: Workspace,
    sizes: tuple[int, ...],
    progress: ProgressCallback | None,
    stopped: Stopped | None,
) -> tuple[Augmentation, Batches]:
    """The augmentation of the run, and the batches of all parts from their working pictures."""
    augmentation = Augmentation(config.pipeline)
    everything = WorkingSet((*data.train, *data.val, *data.test), augmentation, workspace.cache)
    train, val, test = (everything.part(pictures) for pictures in (data.train, data.val, data.test))
    needs_all = config.pipeline.normalisation == "dataset"
    everything.prepare(
        progress,
        stopped,
        order=(*epoch_order(len(train), config.seed, epoch=1), *range(len(train), len(everything))),
        at_least=len(train) if needs_all else 0,
        patience_seconds=PREPARE_SECONDS,
    )
    if needs_all:
        statistics = channel_statistics(_watched(train, progress, stopped))
        augmentation = Augmentation(config.pipeline, statistics)
    return augmentation, Batches(
        train=TrainBatches(
            train,
            data.labels(data.train),
            augmentation,
            batch_size=config.training.batch_size,
            seed=config.seed,
            loaders=config.compute.loaders,
            pin_memory=_pins(config),
        ),
        sizes=sizes,
        val=_evaluation_batches(config, data.labels(data.val), val, augmentation),
        test=_evaluation_batches(config, data.labels(data.test), test, augmentation),
    )


def _watched(pictures: WorkingSet, progress: ProgressCallback | None, stopped: Stopped | None) -> Iterator[Tensor]:
    """The working pictures one after another, with progress reports."""
    for index in range(len(pictures)):
        check_stopped(stopped, "Measuring the pictures")
        yield pictures[index]
        report_progress(progress, index + 1, len(pictures))


def _evaluation_batches(
    config: RunConfig, labels: list[int], pictures: WorkingSet, augmentation: Augmentation
) -> EvalBatches | None:
    size = max(config.training.batch_size, SMALLEST_EVALUATION_BATCH)
    return EvalBatches(pictures, labels, augmentation, batch_size=size, pin_memory=_pins(config)) if labels else None


def _pins(config: RunConfig) -> bool:
    return config.compute.device.startswith("cuda")
