"""What is minimised, and beside it the plain loss that is shown; knows neither optimiser nor loop.

The objective is a sum over pictures, to be divided by the pictures of a step: so the parts of an accumulated step,
whose batches differ in size, add up to the mean that one large batch would have.
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
    """Smoothed and weighted cross-entropy of the main head, plus the auxiliary heads times their weight."""

    label_smoothing: float = 0.0
    class_weights: Tensor | None = None
    auxiliary_weight: float = 0.0

    def __call__(self, logits: Tensor, auxiliary: tuple[Tensor, ...], labels: Tensor) -> Losses:
        """Both sums for logits (N, classes), the auxiliary heads' logits and labels (N,)."""
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
        # The weight belongs to the picture: torch's own `weight` would weight the smoothed share class by class.
        return (losses * self.class_weights[labels]).sum()


def heads(output: Tensor | tuple[Tensor, tuple[Tensor, ...]]) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Main logits and auxiliary logits of whatever a network returned."""
    return output if isinstance(output, tuple) else (output, ())
