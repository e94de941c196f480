"""The loss values that the source article plots, computed from a run's history in the article's way.

The article adds up the loss of every step and stores the sum in epochs 0, 10, 20, ... So the first value covers one
epoch and every other one ten, the last nine epochs are in none, and the values grow with the number of steps.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

SPAN: Final = 10

WHAT_IS_WRONG: Final = (
    "The first point is the sum over one epoch, every other point over ten, so the curve begins with a rise that has "
    "nothing to do with the network.",
    "Sums grow with the number of steps: twice the pictures, or half the batch size, doubles the curve. A mean per "
    "picture would not change.",
    "The axis is labelled in epochs but counts tens of epochs; the last nine epochs are missing.",
    "It covers only training pictures, so it cannot show overfitting.",
)
"""Sentences for users, the most important first."""


def article_sums(history: Sequence[Mapping[str, Any]]) -> list[float]:
    """The values in the article's list: sums of step losses (nats) over epochs 1, 2 to 11, 12 to 21, ...

    `history` holds the figures of each epoch in order: `train_loss` (mean over pictures) and `step` (steps so far).
    """
    sums: list[float] = []
    total, steps_before = 0.0, 0
    for index, epoch in enumerate(history):
        total += epoch["train_loss"] * (epoch["step"] - steps_before)
        steps_before = epoch["step"]
        if index % SPAN == 0:
            sums.append(total)
            total = 0.0
    return sums
