"""What a run will cost before it is started, asked of the helper process; the record needs no torch."""

import time
from dataclasses import dataclass
from typing import Final

from cnnlab.training.config import RunConfig

TORCH_BYTES: Final = 300_000_000
"""What torch itself takes before the first weight."""
_DRAWS: Final = 4


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Time and memory of one configuration on this machine's processor.

    `seconds` is all epochs with validation, with the processor to itself, `draw_seconds` the share of it that goes into
    augmentation. Beside what else the machine did meanwhile it takes `slowdown` times as long; where `is_quiet`, that
    was hardly anything.
    """

    seconds: float
    epoch_seconds: float
    step_seconds: float
    draw_seconds: float
    memory_bytes: int
    parameters: int
    slowdown: float = 1.0
    is_quiet: bool = True


def measure(config: RunConfig, *, num_classes: int, train: int, val: int) -> Cost:
    """Measure one step with the run's own number of threads, and some draws; `train` and `val` are pictures.

    A graphics processor is not asked: what it needs is told only once the run is on.

    Raises:
        ConfigError: the network cannot be built.
    """
    from cnnlab.training.device import training_settings
    from cnnlab.training.estimate import estimate

    with training_settings(config):
        found = estimate(config, num_classes=num_classes)
    training = config.training
    drawing = 0.0 if config.compute.loaders else train * _seconds_per_draw(config)  # loaders draw meanwhile
    epoch = drawing + found.epoch_seconds(
        train=train, val=val, batch_size=training.batch_size, accumulate=training.accumulate
    )
    pictures = min(train, training.batch_size * training.accumulate)
    return Cost(
        seconds=epoch * training.epochs,
        epoch_seconds=epoch,
        step_seconds=pictures * found.seconds_per_picture + found.seconds_per_update,
        draw_seconds=drawing * training.epochs,
        memory_bytes=TORCH_BYTES + found.memory_bytes(min(train, training.batch_size)),
        parameters=found.parameters,
        slowdown=found.slowdown,
        is_quiet=found.is_quiet,
    )


def _seconds_per_draw(config: RunConfig) -> float:
    import torch

    from cnnlab.data.augmentation import Augmentation

    side = config.pipeline.leading_resize
    working = torch.randint(0, 256, (3, side, round(side * 4 / 3)), dtype=torch.uint8)  # a photo is 4 to 3
    augmentation = Augmentation(config.pipeline)
    augmentation.draw(working, seed=0, epoch=1, picture_id="")
    started = time.thread_time()  # of the processor: other work adds nothing to it
    for epoch in range(_DRAWS):
        augmentation.draw(working, seed=0, epoch=epoch, picture_id="")
    return (time.thread_time() - started) / _DRAWS
