"""Real handwritten digits (Alpaydin and Kaynak, 1998; scikit-learn's copy) as pictures.

The originals are 8x8 with 17 levels of grey. Every pixel becomes a square, so the measured values are preserved.
"""

import functools

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PICTURE_PX = 64
LEVELS = 16  # the darkest ink of the originals


@functools.lru_cache(maxsize=1)
def digits_by_class() -> dict[str, NDArray[np.uint8]]:
    """Levels of ink (n, 8, 8), 0 to 16, for each of "0" to "9", in the order of the source."""
    from sklearn.datasets import load_digits

    source = load_digits()
    ink = source.images.astype(np.uint8)
    return {str(digit): ink[source.target == digit] for digit in range(10)}


def paint(class_name: str, number: int) -> Image.Image:
    """Picture `number` (from 0) of a digit: dark ink on white paper, mode L."""
    ink = digits_by_class()[class_name][number].astype(np.float64)
    paper = np.round(255 * (1 - ink / LEVELS)).astype(np.uint8)
    return Image.fromarray(paper).resize((PICTURE_PX, PICTURE_PX), Image.Resampling.NEAREST)
