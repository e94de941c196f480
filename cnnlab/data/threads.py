"""Torch with one thread for work on single pictures; knows nothing of the work.

Small pictures are quickest so: a second thread waits for its partner at each of a dozen short operations, and where a
core is shared with another process a batch then takes five times as long.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch with one thread inside, and as many as before afterwards."""
    threads = torch.get_num_threads()
    if threads > 1:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        if threads > 1:
            torch.set_num_threads(threads)
