"""The classes of drawings must differ in shape, so that colour alone does not tell them apart."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score

from cnnlab.data.samples.painting import ANIMALS, paint

pytestmark = pytest.mark.slow

PER_CLASS = 100


def colour_histogram(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Share of pixels in each of 8x8x8 colours."""
    bins = (pixels.reshape(-1, 3) // 32).astype(int) @ (64, 8, 1)
    return np.bincount(bins, minlength=512) / len(bins)


@pytest.mark.parametrize("seed", [0, 1])
def test_colours_alone_do_not_tell_the_classes_apart(seed: int) -> None:
    labels = np.repeat(range(len(ANIMALS)), PER_CLASS)
    pictures = (paint(name, seed=seed, number=number).picture for name in ANIMALS for number in range(PER_CLASS))
    colours = np.array([colour_histogram(np.asarray(picture)) for picture in pictures])
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    for strength in (1.0, 100.0):
        model = LogisticRegression(C=strength, max_iter=3000)
        assert cross_val_score(model, colours, labels, cv=folds).mean() <= 0.75
