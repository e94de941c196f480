"""One batch of pictures, made in the loop's own process or in a loader; knows neither of the two."""

from collections.abc import Sequence

import torch

from cnnlab.data.augmentation import Augmentation
from cnnlab.data.cache import WorkingSet
from cnnlab.data.threads import one_thread


def draw_batch(
    working_set: WorkingSet, augmentation: Augmentation, indices: Sequence[int], *, seed: int, epoch: int
) -> torch.Tensor:
    """The draws of these pictures in this epoch: uint8 (n, 3, size, size)."""
    with one_thread():
        return torch.stack(
            [
                augmentation.draw(working, seed=seed, epoch=epoch, picture_id=working_set.pictures[index].id)
                for index, working in zip(indices, working_set.fetch(indices), strict=True)
            ]
        )


def evaluation_batch(working_set: WorkingSet, augmentation: Augmentation, indices: Sequence[int]) -> torch.Tensor:
    """These pictures without a random step: uint8 (n, 3, size, size)."""
    with one_thread():
        return torch.stack([augmentation.evaluate(working) for working in working_set.fetch(indices)])
