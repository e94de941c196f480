"""The pictures of one run, divided into parts; knows labels and counts, neither pixels nor torch."""

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
    def divide(cls, classes: Sequence[str], pictures: Sequence[Picture], split: Split) -> Self:
        """The parts that a split makes of pictures; those it does not know are left out."""
        return cls(
            classes=tuple(classes),
            train=split.select(pictures, Part.TRAIN),
            val=split.select(pictures, Part.VAL),
            test=split.select(pictures, Part.TEST),
        )

    def labels(self, pictures: Sequence[Picture]) -> list[int]:
        """Place of each picture's class."""
        places = {label: place for place, label in enumerate(self.classes)}
        return [places[picture.label] for picture in pictures]

    def class_weights(self) -> list[float]:
        """Weight of a picture of each class so that all classes count alike; the mean over the training part is 1."""
        labels = self.labels(self.train)
        found = Counter(labels)
        counts = [found[place] for place in range(len(self.classes))]
        present = sum(1 for count in counts if count)
        return [len(labels) / (present * count) if count else 0.0 for count in counts]


def check_parts(config: RunConfig, data: TrainingData) -> None:
    """Refuse what cannot be trained, before anything is decoded.

    Raises:
        DataError: too few classes or pictures.
        ConfigError: a setting that needs a validation part, without one.
    """
    if len(data.classes) < 2:
        raise DataError(
            f"Training needs at least two classes (got {', '.join(data.classes) or 'none'}); add a sub-folder."
        )
    if not data.train:
        raise DataError("No picture is left to train on; choose smaller validation and test fractions.")
    missing = sorted(set(data.classes) - {picture.label for picture in data.train})
    if missing:
        raise DataError(f"No picture of {missing[0]!r} is left to train on; choose smaller fractions or add pictures.")
    if config.training.patience is not None and not data.val:
        raise ConfigError(
            "`training.patience` watches the validation loss, and the validation part has no picture; choose a "
            f"`data.val_fraction` of more than {config.data.val_fraction:g} or no patience."
        )
