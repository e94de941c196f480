"""Plain records of what a run says about a picture; knows neither torch nor how it was found out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

FULL_LIST: Final = 10
"""Up to so many classes are all told; of more, only so many."""


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """Probabilities in the order of `labels`, or the reason why there are none. `seconds`: the network alone."""

    labels: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = ()
    seconds: float = 0.0
    error: str | None = None

    @property
    def ranked(self) -> tuple[tuple[str, float], ...]:
        """(label, probability), the likeliest first; equal ones in the order of the classes."""
        pairs = zip(self.labels, self.probabilities, strict=True)
        return tuple(sorted(pairs, key=lambda pair: -pair[1]))

    @property
    def top(self) -> tuple[tuple[str, float], ...]:
        """All classes up to ten, else the ten likeliest."""
        return self.ranked[:FULL_LIST]


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Where in the picture a class was seen: `heat` are rows of values 0 to 1 over the network's square input.

    `layer` is the layer that was looked at, `stride` the pixels of the input that one of its cells stands for. Where
    nothing in the picture speaks for the class, `is_seen` is false and the heat is zero.
    """

    label: str
    is_seen: bool
    layer: str
    stride: int
    heat: tuple[tuple[float, ...], ...]


def agreement(names: Sequence[str], predictions: Sequence[Prediction]) -> str:
    """In a sentence: whether several runs see the same in one picture."""
    said = [(name, found.ranked[0][0]) for name, found in zip(names, predictions, strict=True) if found.error is None]
    if not said:
        return "No run could look at this picture."
    votes: dict[str, list[str]] = {}
    for name, label in said:
        votes.setdefault(label, []).append(name)
    if len(said) == 1:
        return f"{said[0][0]} says {said[0][1]}."
    if len(votes) == 1:
        return f"All {len(said)} runs say {said[0][1]}."
    parts = (f"{len(who)} of {len(said)} say {label} ({', '.join(who)})" for label, who in votes.items())
    return f"The runs disagree: {'; '.join(parts)}."
