"""The loss plot of the source article, computed from a run's history as the article computes it; knows no drawing.

The article adds up the loss of every step and writes the sum down in epochs 0, 10, 20, ...: so the first value holds
one epoch, every other one ten, the last nine epochs are in none, and the values grow with the number of steps.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

SPAN: Final = 10

WHAT_IS_WRONG: Final = (
    "The first point is the sum over one epoch, every other one over ten, so the curve begins with a rise that no "
    "network made.",
    "Sums grow with the number of steps: twice the pictures, or half the batch size, double the curve. A mean per "
    "picture does not.",
    "The axis says epoch and counts tens of epochs; the last nine epochs are in no point.",
    "Only training pictures are in it, so it cannot show whether a network learned by heart.",
)
"""Sentences for people, in the order of weight."""


def article_sums(history: Sequence[Mapping[str, Any]]) -> list[float]:
    """What the article's list holds: sums of step losses (nats), one value for epochs 1, 2 to 11, 12 to 21, ...

    `history` are the figures of each epoch in order: `train_loss` (mean over pictures) and `step` (steps so far).
    """
    sums: list[float] = []
    total, steps_before = 0.0, 0
    for place, epoch in enumerate(history):
        total += epoch["train_loss"] * (epoch["step"] - steps_before)
        steps_before = epoch["step"]
        if place % SPAN == 0:
            sums.append(total)
            total = 0.0
    return sums
