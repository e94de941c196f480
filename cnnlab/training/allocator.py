"""Tells the C library to keep memory that a training step gives back, for the next step. Knows no run.

A step asks for maps of up to a hundred megabytes and gives them back. The GNU C library returns such pieces to the
system at once, which fills them with zeros again for the next step; that takes about a tenth of a VGG's step.
"""

import ctypes
import sys
from typing import Final

# malloc.h
M_TRIM_THRESHOLD: Final = -1
M_MMAP_MAX: Final = -4
NEVER: Final = -1


def keep_freed_memory() -> None:
    """Set it for this process, which holds the most it ever needed from then on: for processes that only train.

    Does nothing where the C library is not GNU's.
    """
    if sys.platform == "linux":
        set_option = getattr(ctypes.CDLL(None), "mallopt", None)
        if set_option is not None:
            set_option(M_MMAP_MAX, 0)
            set_option(M_TRIM_THRESHOLD, NEVER)
