"""One batch of draws, made in the loop's own process or in a loader; knows neither of the two."""

from collections.abc import Sequence

import torch

from cnnlab.data.augmentation import Augmentation
from cnnlab.data.cache import WorkingSet


def draw_batch(
    working_set: WorkingSet, augmentation: Augmentation, indices: Sequence[int], *, seed: int, epoch: int
) -> torch.Tensor:
    """The draws of these pictures in this epoch: uint8 (n, 3, size, size)."""
    drawn = []
    seen: dict[int, int] = {}
    for index in indices:
        occurrence = seen.get(index, 0)
        seen[index] = occurrence + 1
        identifier = working_set.pictures[index].id
        drawn.append(
            augmentation.draw(working_set[index], seed=seed, epoch=epoch, picture_id=identifier, occurrence=occurrence)
        )
    return torch.stack(drawn)
