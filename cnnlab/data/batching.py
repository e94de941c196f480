"""Makes one batch of pictures, for the training loop's own process and for the loader processes."""

from collections.abc import Sequence

import torch

from cnnlab.data.augmentation import Augmentation
from cnnlab.data.cache import WorkingSet
from cnnlab.data.threads import one_thread


def sample_batch(
    working_set: WorkingSet, augmentation: Augmentation, indices: Sequence[int], *, seed: int, epoch: int
) -> torch.Tensor:
    """These pictures, augmented for this epoch: uint8 (n, 3, size, size)."""
    with one_thread():
        return torch.stack(
            [
                augmentation.sample(working, seed=seed, epoch=epoch, picture_id=working_set.pictures[index].id)
                for index, working in zip(indices, working_set.fetch(indices), strict=True)
            ]
        )


def evaluation_batch(working_set: WorkingSet, augmentation: Augmentation, indices: Sequence[int]) -> torch.Tensor:
    """These pictures without random steps: uint8 (n, 3, size, size)."""
    with one_thread():
        return torch.stack([augmentation.evaluate(working) for working in working_set.fetch(indices)])
