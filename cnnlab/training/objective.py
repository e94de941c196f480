"""The objective that is minimised, and the plain loss that is shown.

The objective is a sum over pictures, to be divided by the pictures in a step. So the batches of an accumulated step,
which differ in size, add up to the mean of one large batch.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Losses:
    """Sums over the pictures of a batch: `objective` carries the gradient, `plain` does not."""

    objective: Tensor
    plain: Tensor


@dataclass(frozen=True, kw_only=True)
class Objective:
    """Smoothed and weighted cross-entropy of the main head, plus that of the auxiliary heads times their weight."""

    label_smoothing: float = 0.0
    class_weights: Tensor | None = None
    auxiliary_weight: float = 0.0

    def __call__(self, logits: Tensor, auxiliary: tuple[Tensor, ...], labels: Tensor) -> Losses:
        """Both sums, for logits (N, classes), the logits of auxiliary heads, and labels (N,)."""
        objective = self._head(logits, labels)
        for head in auxiliary:
            objective = objective + self.auxiliary_weight * self._head(head, labels)
        if self._is_plain and not auxiliary:
            return Losses(objective, objective.detach())
        with torch.no_grad():
            return Losses(objective, functional.cross_entropy(logits, labels, reduction="sum"))

    @property
    def _is_plain(self) -> bool:
        return not self.label_smoothing and self.class_weights is None

    def _head(self, logits: Tensor, labels: Tensor) -> Tensor:
        if self.class_weights is None:
            return functional.cross_entropy(logits, labels, label_smoothing=self.label_smoothing, reduction="sum")
        losses = functional.cross_entropy(logits, labels, label_smoothing=self.label_smoothing, reduction="none")
        # Weight whole pictures: torch's own `weight` would weight the smoothed targets class by class.
        return (losses * self.class_weights[labels]).sum()


def heads(output: Tensor | tuple[Tensor, tuple[Tensor, ...]]) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Main and auxiliary logits in the output of a network, with or without auxiliary heads."""
    return output if isinstance(output, tuple) else (output, ())
