"""Limits torch to one thread while it works on single pictures.

This is fastest for small pictures: two threads wait for each other at each of a dozen short operations, and if they
share a core with another process, a batch takes five times as long.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit torch to one thread inside the `with` block, and restore the number afterwards."""
    threads = torch.get_num_threads()
    if threads > 1:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        if threads > 1:
            torch.set_num_threads(threads)
