"""Makes the C library keep the memory that a training step frees, so that the next step can reuse it.

A step allocates feature maps of up to a hundred megabytes and frees them again. The GNU C library returns blocks of
that size to the system at once, and the system zeroes them for the next step: about a tenth of a VGG's step.
"""

import ctypes
import sys
from typing import Final

# malloc.h
M_TRIM_THRESHOLD: Final = -1
M_MMAP_MAX: Final = -4
NEVER: Final = -1


def keep_freed_memory() -> None:
    """Keep freed memory in this process, which then always holds its peak: for processes that do nothing but train.

    Does nothing unless the C library is GNU's.
    """
    if sys.platform == "linux":
        set_option = getattr(ctypes.CDLL(None), "mallopt", None)
        if set_option is not None:
            set_option(M_MMAP_MAX, 0)
            set_option(M_TRIM_THRESHOLD, NEVER)
