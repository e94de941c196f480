"""Helper calls of the Augment page: what a pipeline does to pictures, exactly as the training loop will see it.

Samples come from the loop's own `WorkingSet` and `Augmentation`, with the loop's keys; the `digest` of the uint8 tensor
proves it. The records need no torch, and neither does importing this file.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from cnnlab.data.boxes import Box, View, working_view
from cnnlab.data.pipeline import Pipeline
from cnnlab.data.records import MeanStd, Picture
from cnnlab.workspace import Workspace

if TYPE_CHECKING:
    import torch
    from PIL import Image

    from cnnlab.data.augmentation import Augmentation
    from cnnlab.data.cache import WorkingSet

ORIGINAL_SIDE: Final = 640
"""Longest side, in pixels, of the original as it is shown."""
QUALITY: Final = 92


@dataclass(frozen=True, kw_only=True)
class TensorFigures:
    """The figures of a tensor that the article prints: after normalisation, over all channels and pixels."""

    shape: tuple[int, ...]
    minimum: float
    maximum: float
    mean: float
    deviation: float


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A picture as the loop gets it in one epoch: a JPEG to look at, and figures and digest of the tensor itself.

    `box` is the crop in shares of the original; None if nothing was cropped, or an earlier step moved the pixels.
    `digest` is the SHA-256 of the uint8 tensor (3, size, size) before normalisation.
    """

    picture_id: str
    epoch: int
    jpeg: bytes
    box: Box | None
    figures: TensorFigures
    digest: str


@dataclass(frozen=True, kw_only=True)
class Gallery:
    """An original with its samples; sizes in pixels, `width` and `height` of the upright picture."""

    original: bytes
    width: int
    height: int
    working_width: int
    working_height: int
    samples: tuple[Sample, ...]


@dataclass(frozen=True, kw_only=True)
class StepPicture:
    """A picture after one step of a sample. The first is named `working`; a final resize to the input size is `fit`.

    `is_applied` is False if a random step left the picture unchanged.
    """

    name: str
    jpeg: bytes
    width: int
    height: int
    box: Box | None
    is_applied: bool = True


def gallery(
    picture: Picture,
    pipeline: Pipeline,
    *,
    workspace: Workspace,
    seed: int,
    epochs: Sequence[int],
    mean_std: "MeanStd | None" = None,
) -> Gallery:
    """The original and its sample in each of the epochs (from 1).

    `mean_std` is the result of `dataset_statistics`, needed if the pipeline normalises by the data set.

    Raises:
        DataError: the file is gone, has changed since the scan, or can no longer be decoded.
        ConfigError: the statistics are needed but missing.
    """
    from cnnlab.data.decoding import decode_with_size

    augmentation, pictures = _working_set([picture], pipeline, workspace, mean_std)
    working = pictures[0]
    original = decode_with_size(picture.path, short_side=ORIGINAL_SIDE // 2)
    return Gallery(
        original=_shown(original.image),
        width=original.width,
        height=original.height,
        working_width=working.shape[2],
        working_height=working.shape[1],
        samples=tuple(_sample(augmentation, working, picture, seed=seed, epoch=epoch) for epoch in epochs),
    )


def strip(
    pictures: Sequence[Picture],
    pipeline: Pipeline,
    *,
    workspace: Workspace,
    seed: int,
    epoch: int,
    mean_std: "MeanStd | None" = None,
) -> tuple[Sample, ...]:
    """One sample of each picture, all from the same epoch.

    Raises:
        DataError, ConfigError: as in `gallery`.
    """
    augmentation, working = _working_set(pictures, pipeline, workspace, mean_std)
    return tuple(
        _sample(augmentation, working[index], picture, seed=seed, epoch=epoch) for index, picture in enumerate(pictures)
    )


def step_by_step(
    picture: Picture,
    pipeline: Pipeline,
    *,
    workspace: Workspace,
    seed: int,
    epoch: int,
) -> tuple[StepPicture, ...]:
    """The same sample as in `gallery`, after each step. `box` is a crop in shares of the picture before it.

    Raises:
        DataError: as in `gallery`.
    """
    augmentation, pictures = _working_set([picture], pipeline, workspace, None)
    before = pictures[0]
    steps = [_step("working", before, None)]
    for traced in augmentation.steps(before, seed=seed, epoch=epoch, picture_id=picture.id):
        height, width = before.shape[1:]
        box = None if traced.cut is None else View.whole(width, height).cut(*traced.cut).box
        steps.append(replace(_step(traced.name, traced.picture, box), is_applied=traced.is_applied))
        before = traced.picture
    return tuple(steps)


def dataset_statistics(pictures: Sequence[Picture], pipeline: Pipeline, *, workspace: Workspace) -> "MeanStd":
    """Mean and standard deviation of each channel over the training pictures, as a run would compute them.

    Raises:
        DataError: as in `gallery`.
    """
    from cnnlab.data.augmentation import channel_statistics

    _, working = _working_set(pictures, pipeline, workspace, None)
    return channel_statistics(working[index] for index in range(len(working)))


def _working_set(
    pictures: Sequence[Picture], pipeline: Pipeline, workspace: Workspace, mean_std: "MeanStd | None"
) -> "tuple[Augmentation, WorkingSet]":
    from cnnlab.data.augmentation import Augmentation
    from cnnlab.data.cache import WorkingSet

    augmentation = Augmentation(pipeline, mean_std)
    return augmentation, WorkingSet(pictures, augmentation, workspace.cache)


def _sample(
    augmentation: "Augmentation", working: "torch.Tensor", picture: Picture, *, seed: int, epoch: int
) -> Sample:
    from cnnlab.data.identity import picture_id

    sample = augmentation.sample(working, seed=seed, epoch=epoch, picture_id=picture.id)  # (3, S, S)
    values = augmentation.normalise(sample)
    return Sample(
        picture_id=picture.id,
        epoch=epoch,
        jpeg=jpeg_of(sample),
        box=_crop(augmentation, working, picture, seed=seed, epoch=epoch),
        figures=TensorFigures(
            shape=tuple(values.shape),
            minimum=values.min().item(),
            maximum=values.max().item(),
            mean=values.mean().item(),
            deviation=values.std().item(),
        ),
        digest=picture_id(sample.contiguous().numpy().tobytes()),
    )


def _crop(
    augmentation: "Augmentation", working: "torch.Tensor", picture: Picture, *, seed: int, epoch: int
) -> Box | None:
    """The part of the original that the sample shows, followed through the steps up to the first crop."""
    pipeline = augmentation.pipeline
    view = working_view(pipeline, picture.width, picture.height)
    traced = augmentation.steps(working, seed=seed, epoch=epoch, picture_id=picture.id)
    for step, (_, _, cut, _) in zip(
        pipeline.following, traced, strict=False
    ):  # a final `fit` is not a step of the pipeline
        view = view.after(step, pipeline.image_size) if cut is None else view.cut(*cut)
        if cut is not None:
            return view.box  # later flips and rotations stay within it
    return view.fitted(pipeline.image_size).box


def _step(name: str, picture: "torch.Tensor", box: Box | None) -> StepPicture:
    return StepPicture(name=name, jpeg=jpeg_of(picture), width=picture.shape[2], height=picture.shape[1], box=box)


def image_of(picture: "torch.Tensor") -> "Image.Image":
    """uint8 (3, h, w) as a picture."""
    from PIL import Image

    return Image.fromarray(picture.permute(1, 2, 0).contiguous().numpy())  # (3, h, w) -> (h, w, 3)


def jpeg_of(picture: "torch.Tensor") -> bytes:
    """uint8 (3, h, w) as a JPEG."""
    return encoded(image_of(picture))


def encoded(image: "Image.Image") -> bytes:
    """A picture as a JPEG with colours at full resolution, whose loss would show in small pictures."""
    data = io.BytesIO()
    image.save(data, "JPEG", quality=QUALITY, subsampling=0)
    return data.getvalue()


def _shown(image: "Image.Image") -> bytes:
    image.thumbnail((ORIGINAL_SIDE, ORIGINAL_SIDE))
    return encoded(image)
