"""Helper calls that estimate the cost of a run before it starts; the record needs no torch."""

import time
from dataclasses import dataclass
from typing import Final

from cnnlab.training.config import RunConfig

TORCH_BYTES: Final = 300_000_000
"""Memory that torch itself takes, before any weights."""
_SAMPLES: Final = 4


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Time and memory of a configuration on this machine's processor.

    `seconds` covers all epochs with validation on an otherwise idle machine; `draw_seconds` is augmentation's share of
    it. Under the load during the measurement, a run takes `slowdown` times as long; `is_quiet` means that there was
    hardly any other load.
    """

    seconds: float
    epoch_seconds: float
    step_seconds: float
    sampling_seconds: float
    memory_bytes: int
    parameters: int
    slowdown: float = 1.0
    is_quiet: bool = True


def measure(config: RunConfig, *, num_classes: int, train: int, val: int) -> Cost:
    """Measure one step with the run's number of threads, and a few samples; `train` and `val` are numbers of pictures.

    This does not measure GPUs: how fast one is shows only when the run has started.

    Raises:
        ConfigError: the network cannot be built.
    """
    from cnnlab.training.device import resolve_compute, training_settings
    from cnnlab.training.estimate import estimate

    with training_settings(resolve_compute(config, device=config.compute.device)):
        estimated = estimate(config, num_classes=num_classes)
    training = config.training
    sampling = 0.0 if config.compute.loaders else train * _seconds_per_sample(config)  # loaders work in parallel
    epoch = sampling + estimated.epoch_seconds(
        train=train, val=val, batch_size=training.batch_size, accumulate=training.accumulate
    )
    pictures = min(train, training.batch_size * training.accumulate)
    return Cost(
        seconds=epoch * training.epochs,
        epoch_seconds=epoch,
        step_seconds=pictures * estimated.seconds_per_picture + estimated.seconds_per_update,
        sampling_seconds=sampling * training.epochs,
        memory_bytes=TORCH_BYTES + estimated.memory_bytes(min(train, training.batch_size)),
        parameters=estimated.parameters,
        slowdown=estimated.slowdown,
        is_quiet=estimated.is_quiet,
    )


def _seconds_per_sample(config: RunConfig) -> float:
    import torch

    from cnnlab.data.augmentation import Augmentation

    side = config.pipeline.leading_resize
    working = torch.randint(0, 256, (3, side, round(side * 4 / 3)), dtype=torch.uint8)  # a typical photo is 4:3
    augmentation = Augmentation(config.pipeline)
    augmentation.sample(working, seed=0, epoch=1, picture_id="")
    started = time.thread_time()  # processor time, which other work does not affect
    for epoch in range(_SAMPLES):
        augmentation.sample(working, seed=0, epoch=epoch, picture_id="")
    return (time.thread_time() - started) / _SAMPLES
