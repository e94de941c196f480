"""The evaluations that a run keeps, so that they can be shown even if the data set is gone.

`predictions.npz` holds plain arrays, never pickled objects:

    classes (C,) text            val_ids (V,) text          val_labels (V,) integers
    best_epoch, last_epoch       best_logits, last_logits (V, C) float32
    top_labels (E, V) integers   the top class of each validation picture after each epoch
    test_ids, test_labels, test_logits                      the same for the test part, with the best weights
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]


@dataclass(kw_only=True)
class Predictions:
    """Logits of the best and the last epoch, and the top labels of every epoch; V pictures, C classes."""

    classes: tuple[str, ...]
    val_ids: tuple[str, ...]
    val_labels: Integers
    test_ids: tuple[str, ...]
    test_labels: Integers
    best_epoch: int = 0
    last_epoch: int = 0
    best_logits: Floats | None = None
    last_logits: Floats | None = None
    top_labels: list[npt.NDArray[np.int32]] = field(default_factory=list)
    test_logits: Floats | None = None

    def add_epoch(self, epoch: int, logits: Floats, *, is_best: bool) -> None:
        """Add the validation logits (V, C) of an epoch."""
        self.last_epoch, self.last_logits = epoch, logits
        self.top_labels.append(logits.argmax(axis=1).astype(np.int32))
        if is_best:
            self.best_epoch, self.best_logits = epoch, logits

    def write(self, path: Path) -> None:
        """Write the arrays; missing logits are written with shape (0, C)."""
        nothing = np.zeros((0, len(self.classes)), np.float32)
        with path.open("wb") as file:
            np.savez_compressed(
                file,
                classes=_text(self.classes),
                val_ids=_text(self.val_ids),
                val_labels=self.val_labels,
                test_ids=_text(self.test_ids),
                test_labels=self.test_labels,
                best_epoch=np.int64(self.best_epoch),
                last_epoch=np.int64(self.last_epoch),
                best_logits=nothing if self.best_logits is None else self.best_logits,
                last_logits=nothing if self.last_logits is None else self.last_logits,
                test_logits=nothing if self.test_logits is None else self.test_logits,
                top_labels=np.stack(self.top_labels) if self.top_labels else np.zeros((0, len(self.val_ids)), np.int32),
            )

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file of `write`; nothing in it can execute code."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls(
                classes=tuple(arrays["classes"].tolist()),
                val_ids=tuple(arrays["val_ids"].tolist()),
                val_labels=arrays["val_labels"],
                test_ids=tuple(arrays["test_ids"].tolist()),
                test_labels=arrays["test_labels"],
                best_epoch=int(arrays["best_epoch"]),
                last_epoch=int(arrays["last_epoch"]),
                best_logits=_or_none(arrays["best_logits"]),
                last_logits=_or_none(arrays["last_logits"]),
                test_logits=_or_none(arrays["test_logits"]),
                top_labels=list(arrays["top_labels"]),
            )


def _text(values: Sequence[str]) -> npt.NDArray[np.str_]:
    return np.array(values, dtype=np.str_)


def _or_none(values: Floats) -> Floats | None:
    return values if len(values) else None
