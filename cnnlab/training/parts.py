"""The pictures of one run, split into parts. Reads no pixels and does not import torch."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from cnnlab.data.records import Part, Picture
from cnnlab.data.splits import Split
from cnnlab.errors import ConfigError, DataError
from cnnlab.training.config import RunConfig


@dataclass(frozen=True, kw_only=True)
class TrainingData:
    """Classes in the order of the logits, and the pictures of each part."""

    classes: tuple[str, ...]
    train: tuple[Picture, ...]
    val: tuple[Picture, ...] = ()
    test: tuple[Picture, ...] = ()

    @classmethod
    def split(cls, classes: Sequence[str], pictures: Sequence[Picture], split: Split) -> Self:
        """Assign pictures to parts by a split; pictures that are not in the split are left out."""
        return cls(
            classes=tuple(classes),
            train=split.select(pictures, Part.TRAIN),
            val=split.select(pictures, Part.VAL),
            test=split.select(pictures, Part.TEST),
        )

    def labels(self, pictures: Sequence[Picture]) -> list[int]:
        """Class index of each picture."""
        indices = {label: index for index, label in enumerate(self.classes)}
        return [indices[picture.label] for picture in pictures]

    def class_weights(self) -> list[float]:
        """Weights that make all classes count equally, one a class; their mean over the training pictures is 1."""
        labels = self.labels(self.train)
        by_index = Counter(labels)
        counts = [by_index[index] for index in range(len(self.classes))]
        present = sum(1 for count in counts if count)
        return [len(labels) / (present * count) if count else 0.0 for count in counts]


def check_parts(config: RunConfig, data: TrainingData) -> None:
    """Raise an error for what cannot be trained, before any picture is decoded.

    Raises:
        DataError: too few classes or pictures.
        ConfigError: a setting needs a validation part, and there is none.
    """
    if len(data.classes) < 2:
        raise DataError(
            f"Training needs at least two classes (got {', '.join(data.classes) or 'none'}); add a sub-folder."
        )
    if not data.train:
        raise DataError("No pictures are left to train on; choose smaller validation and test fractions.")
    missing = sorted(set(data.classes) - {picture.label for picture in data.train})
    if missing:
        raise DataError(
            f"No pictures of {missing[0]!r} are left to train on; choose smaller fractions or add pictures."
        )
    if config.training.patience is not None and not data.val:
        raise ConfigError(
            "`training.patience` needs a validation loss, but the validation part has no pictures; increase "
            f"`data.val_fraction` above {config.data.val_fraction:g} or leave patience empty."
        )
