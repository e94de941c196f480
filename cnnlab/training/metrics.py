"""Figures of an evaluation, computed from its logits.

The loss is the plain cross-entropy in nats, mean over pictures, summed in double precision.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from cnnlab.training.events import ClassFigures


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Loss in nats; accuracies 0 to 1. Balanced accuracy is the mean recall of the classes that have pictures."""

    loss: float
    accuracy: float
    balanced_accuracy: float
    per_class: tuple[ClassFigures, ...]


def evaluate_logits(logits: Tensor, labels: Tensor, classes: Sequence[str]) -> Figures:
    """Figures for logits (N, classes) and labels (N,), both on the CPU, N at least 1."""
    predicted = logits.argmax(dim=1)
    per_class = class_figures(predicted.numpy(), labels.numpy(), classes)
    recalls = [figures.recall for figures in per_class if figures.recall is not None]
    return Figures(
        loss=functional.cross_entropy(logits.double(), labels).item(),
        accuracy=(predicted == labels).double().mean().item(),
        balanced_accuracy=sum(recalls) / len(recalls),
        per_class=per_class,
    )


def class_figures(
    predicted: npt.NDArray[np.int64], labels: npt.NDArray[np.int64], classes: Sequence[str]
) -> tuple[ClassFigures, ...]:
    """Precision, recall and F1 of each class; None where undefined."""
    cells = np.bincount(labels * len(classes) + predicted, minlength=len(classes) ** 2)
    matrix = cells.reshape(len(classes), len(classes))  # true class x predicted class, pictures
    right, actual, answered = matrix.diagonal(), matrix.sum(axis=1), matrix.sum(axis=0)
    return tuple(
        ClassFigures(
            label=label,
            pictures=int(actual[index]),
            recall=_share(right[index], actual[index]),
            precision=_share(right[index], answered[index]),
            f1=_share(2 * right[index], actual[index] + answered[index]),
        )
        for index, label in enumerate(classes)
    )


def _share(part: int, whole: int) -> float | None:
    return float(part / whole) if whole else None


def count_correct(logits: Tensor, labels: Tensor) -> Tensor:
    """How many predictions are right: a scalar on the logits' device."""
    return (logits.detach().argmax(dim=1) == labels).sum(dtype=torch.float64)
