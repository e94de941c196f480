"""The order of the pictures in an epoch and the sizes of its batches."""

from collections.abc import Sequence

import numpy as np

from cnnlab.data.identity import key


def batch_sizes(count: int, batch_size: int) -> tuple[int, ...]:
    """Sizes of the ceil(count / batch_size) batches of an epoch: they differ by at most one, larger ones first.

    This avoids a last batch of one picture, on which batch normalisation fails, unless `batch_size` is 1. With one
    exception to the count: if `batch_size` is 2 and `count` is odd, one batch has three pictures.
    """
    if count == 0:
        return ()
    batches = count // 2 if batch_size == 2 and count > 2 else -(-count // batch_size)
    size, larger = divmod(count, batches)
    return (size + 1,) * larger + (size,) * (batches - larger)


def epoch_order(count: int, seed: int, epoch: int) -> tuple[int, ...]:
    """A permutation of range(count) that depends only on the three arguments."""
    shuffled = np.random.Generator(np.random.PCG64(key("order", seed, epoch))).permutation(count)
    return tuple(shuffled.tolist())


def portions(order: Sequence[int], batch_size: int) -> list[tuple[int, ...]]:
    """`order` divided into batches."""
    result = []
    start = 0
    for size in batch_sizes(len(order), batch_size):
        result.append(tuple(order[start : start + size]))
        start += size
    return result
