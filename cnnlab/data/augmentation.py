"""Applies a pipeline to uint8 tensors, with the same code for the gallery, the training loop and the command line.

Every sample is keyed by (seed, epoch, picture id, occurrence), and every step in it also by its name and number: equal
keys give equal bits in any process, and switching one step off does not change the randomness of the others.

torchvision's transforms use torch's default generator, which the whole process shares, so sample in one thread only.
The generator's state is restored afterwards.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image

from cnnlab.data.identity import digest, key
from cnnlab.data.operations import Cut, Operation, cut_of, fit, make_operation
from cnnlab.data.pipeline import Pipeline, Step
from cnnlab.data.records import MeanStd
from cnnlab.errors import ConfigError

IMAGENET_MEAN_STD: MeanStd = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_WORKING_VERSION = 3  # raise it when the same file yields a different working picture, so that old caches are not used


class TracedStep(NamedTuple):
    """A step's name, the uint8 picture (3, h, w) after it, and for a crop the part it cut out of the picture before it.

    `is_applied` is False if chance decided against a random step.
    """

    name: str
    picture: torch.Tensor
    cut: Cut | None
    is_applied: bool = True


class _Named(NamedTuple):
    """An operation with the key of its randomness: its name, and how many of the same name come before it."""

    name: str
    number: int
    random: bool
    operation: Operation


class Augmentation:
    """Applies one pipeline to pictures.

    `mean_std` are the channels' means and standard deviations in [0, 1], needed if the pipeline's normalisation is
    `dataset` (see `channel_statistics`).
    """

    def __init__(self, pipeline: Pipeline, mean_std: MeanStd | None = None) -> None:
        self.pipeline = pipeline
        self.mean_std = {"none": None, "imagenet": IMAGENET_MEAN_STD, "dataset": mean_std}[pipeline.normalisation]
        self._leading = _named(pipeline.leading, pipeline.image_size)
        self._following = _named(pipeline.following, pipeline.image_size)

    @property
    def working_key(self) -> str:
        """Identifies the working pictures of this pipeline: pipelines with equal leading steps share them."""
        steps = [step.model_dump_json() for step in self.pipeline.leading]
        return digest(_WORKING_VERSION, self._side, *steps, torch.__version__)[:16]

    @property
    def short_side(self) -> int:
        """Short side of a working picture in pixels, so that a decoder can save work."""
        return self.pipeline.leading_resize

    @property
    def _side(self) -> int:
        return self.pipeline.image_size

    def working(self, image: Image.Image) -> torch.Tensor:
        """An upright RGB picture -> uint8 (3, h, w) after the leading deterministic steps."""
        picture = torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous()  # (h, w, 3) -> (3, h, w)
        for step in self._leading:
            picture = step.operation(picture)
        return picture.contiguous()

    def sample(
        self, working: torch.Tensor, *, seed: int, epoch: int, picture_id: str, occurrence: int = 0
    ) -> torch.Tensor:
        """Working picture -> uint8 (3, size, size) as the loop sees it in `epoch` (from 1)."""
        picture = working
        with _generator_kept():
            for step in self._following:
                if step.random:
                    _seed(seed, epoch, picture_id, occurrence, step)
                picture = step.operation(picture)
        return fit(picture, self._side)

    def evaluate(self, working: torch.Tensor) -> torch.Tensor:
        """Working picture -> uint8 (3, size, size) as validation and prediction see it: without random steps."""
        picture = working
        for step in self._following:
            if not step.random:
                picture = step.operation(picture)
        return fit(picture, self._side)

    def steps(
        self, working: torch.Tensor, *, seed: int, epoch: int, picture_id: str, occurrence: int = 0
    ) -> Iterator[TracedStep]:
        """The same sample as `draw`, step by step; the last picture is the one that `draw` returns."""
        picture = working
        for step in self._following:
            cut = None
            with _generator_kept():
                if step.random:
                    _seed(seed, epoch, picture_id, occurrence, step)
                    cut = cut_of(step.operation, picture)
                    _seed(seed, epoch, picture_id, occurrence, step)  # computing the cut advanced the generator
                before, picture = picture, step.operation(picture)
            # Compare identity, not pixels: flipping a symmetric picture changes no pixel but is still applied
            yield TracedStep(step.name, picture, cut, is_applied=picture is not before)
        fitted = fit(picture, self._side)
        if fitted is not picture or not self._following:
            yield TracedStep("fit", fitted, None)

    def normalise(self, batch: torch.Tensor) -> torch.Tensor:
        """uint8 (..., 3, h, w) -> float32 of the same shape and memory format: to [0, 1], then (value - mean) / std.

        Raises:
            ConfigError: the pipeline needs the data set's own statistics, but none were given.
        """
        if self.mean_std is None and self.pipeline.normalisation == "dataset":
            raise ConfigError("Normalisation `dataset` needs the training pictures' statistics; measure them first.")
        values = batch.to(torch.float32).div_(255)
        if self.mean_std is None:
            return values
        mean, std = (torch.tensor(row, device=batch.device).view(3, 1, 1) for row in self.mean_std)
        return values.sub_(mean).div_(std)


def channel_statistics(pictures: Iterable[torch.Tensor]) -> MeanStd:
    """Mean and standard deviation of each channel over all pixels of uint8 pictures (3, h, w), in [0, 1]."""
    count = 0
    total = torch.zeros(3, dtype=torch.float64)
    squares = torch.zeros(3, dtype=torch.float64)
    for picture in pictures:
        values = picture.flatten(1).to(torch.float64) / 255  # (3, h * w)
        count += values.shape[1]
        total += values.sum(1)
        squares += values.square().sum(1)
    mean = total / max(count, 1)
    # A picture in one shade of grey has a deviation of zero: dividing by it would make every value infinite.
    std = (squares / max(count, 1) - mean.square()).clamp_min(1e-4).sqrt()
    return _triple(mean), _triple(std)


def _triple(values: torch.Tensor) -> tuple[float, float, float]:
    red, green, blue = (round(value, 6) for value in values.tolist())
    return red, green, blue


def _named(steps: Iterable[Step], image_size: int) -> tuple[_Named, ...]:
    seen: dict[str, int] = {}
    named = []
    for step in steps:
        number = seen.get(step.name, 0)
        seen[step.name] = number + 1
        named.append(_Named(step.name, number, step.random, make_operation(step, image_size)))
    return tuple(named)


def _seed(seed: int, epoch: int, picture_id: str, occurrence: int, step: _Named) -> None:
    # Not torch.manual_seed, which would also seed CUDA's generators, and dropout uses those.
    torch.default_generator.manual_seed(key("draw", seed, epoch, picture_id, occurrence, step.name, step.number))


@contextmanager
def _generator_kept() -> Iterator[None]:
    state = torch.default_generator.get_state()
    try:
        yield
    finally:
        torch.default_generator.set_state(state)
