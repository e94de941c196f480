"""Plain records of predictions and explanations. Does not import torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

FULL_LIST: Final = 10
"""The number of classes that are listed at most."""


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """Probabilities in the order of `labels`, or an error. `seconds` is the time of the network alone."""

    labels: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = ()
    seconds: float = 0.0
    error: str | None = None

    @property
    def ranked(self) -> tuple[tuple[str, float], ...]:
        """(label, probability), the most likely first; ties are in the order of the classes."""
        pairs = zip(self.labels, self.probabilities, strict=True)
        return tuple(sorted(pairs, key=lambda pair: -pair[1]))

    @property
    def top(self) -> tuple[tuple[str, float], ...]:
        """The ten most likely classes, or all if there are fewer."""
        return self.ranked[:FULL_LIST]


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Where in the picture a class was seen: `heat` holds rows of values 0 to 1 over the network's square input.

    `layer` is the layer that was analysed, `stride` the size of one of its cells in pixels of the input. If nothing in
    the picture supports the class, `is_seen` is false and the heat is zero.
    """

    label: str
    is_seen: bool
    layer: str
    stride: int
    heat: tuple[tuple[float, ...], ...]


def agreement(names: Sequence[str], predictions: Sequence[Prediction]) -> str:
    """A sentence that tells whether several runs predict the same class for a picture."""
    answers = [
        (name, prediction.ranked[0][0])
        for name, prediction in zip(names, predictions, strict=True)
        if prediction.error is None
    ]
    if not answers:
        return "No run could classify this picture."
    votes: dict[str, list[str]] = {}
    for name, label in answers:
        votes.setdefault(label, []).append(name)
    if len(answers) == 1:
        return f"{answers[0][0]} predicts {answers[0][1]}."
    if len(votes) == 1:
        return f"All {len(answers)} runs predict {answers[0][1]}."
    parts = (
        f"{len(voters)} of {len(answers)} {'predicts' if len(voters) == 1 else 'predict'} {label} ({', '.join(voters)})"
        for label, voters in votes.items()
    )
    return f"The runs disagree: {'; '.join(parts)}."
