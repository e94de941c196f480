"""In which order and in what portions an epoch goes through its pictures; knows their number only."""

from collections.abc import Sequence

import numpy as np

from cnnlab.data.identity import key


def batch_sizes(count: int, batch_size: int) -> tuple[int, ...]:
    """Sizes of the batches of an epoch: ceil(count / batch_size) of them, differing by at most one, larger ones first.

    So a batch of one picture, on which batch normalisation fails, occurs only when it was asked for. That needs one
    exception: of an odd count in twos, one batch has three.
    """
    if count == 0:
        return ()
    batches = count // 2 if batch_size == 2 and count > 2 else -(-count // batch_size)
    size, larger = divmod(count, batches)
    return (size + 1,) * larger + (size,) * (batches - larger)


def epoch_order(count: int, seed: int, epoch: int) -> tuple[int, ...]:
    """A permutation of range(count) that depends on the three numbers and on nothing else."""
    shuffled = np.random.Generator(np.random.PCG64(key("order", seed, epoch))).permutation(count)
    return tuple(shuffled.tolist())


def portions(order: Sequence[int], batch_size: int) -> list[tuple[int, ...]]:
    """`order` cut into batches."""
    result = []
    start = 0
    for size in batch_sizes(len(order), batch_size):
        result.append(tuple(order[start : start + size]))
        start += size
    return result
