"""How runs classified their validation pictures: which were right and which wrong, from the files in run folders.

Works even if the data set is gone. Does not import torch.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from cnnlab.runs.housekeeping import run_folder
from cnnlab.store.records import RunRecord
from cnnlab.store.store import Store
from cnnlab.training.predictions import Predictions


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A run's prediction for one validation picture at its best epoch. `path` is relative to the data set's folder."""

    picture_id: str
    path: str
    label: str
    predicted: str
    probability: float

    @property
    def is_right(self) -> bool:
        """Whether the predicted class is the true one."""
        return self.label == self.predicted


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """A run's predictions for all its validation pictures, in the run's order."""

    run_id: str
    name: str
    classes: tuple[str, ...]
    pictures: tuple[Judged, ...] = field(repr=False)

    def confusion(self) -> npt.NDArray[np.int64]:
        """The confusion matrix: counts by (true class, predicted class)."""
        indices = {label: index for index, label in enumerate(self.classes)}
        counts = np.zeros((len(self.classes), len(self.classes)), dtype=np.int64)
        for picture in self.pictures:
            counts[indices[picture.label], indices[picture.predicted]] += 1
        return counts

    def cell(self, label: str, predicted: str) -> tuple[Judged, ...]:
        """The pictures in one cell of the confusion matrix, the most confident first."""
        inside = (picture for picture in self.pictures if (picture.label, picture.predicted) == (label, predicted))
        return tuple(sorted(inside, key=lambda picture: -picture.probability))


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """A picture that at least one run got wrong; `seen` holds the predictions, in the order of the runs."""

    picture_id: str
    path: str
    label: str
    seen: tuple[Judged, ...]

    @property
    def wrong(self) -> int:
        """The number of runs that got it wrong."""
        return sum(not judged.is_right for judged in self.seen)


def load_evaluation(store: Store, run: RunRecord) -> Evaluation | None:
    """Load a run's evaluation at its best epoch; None if there is none yet, or no validation part."""
    folder = run_folder(store, run)
    if not folder.predictions.is_file():
        return None
    kept = Predictions.read(folder.predictions)
    if kept.best_logits is None:
        return None
    paths = {row["id"]: row["path"] for row in folder.read_pictures()}
    probabilities = _softmax(kept.best_logits)
    tops = probabilities.argmax(axis=1)
    return Evaluation(
        run_id=run.run_id,
        name=run.name,
        classes=kept.classes,
        pictures=tuple(
            Judged(
                picture_id=identifier,
                path=paths.get(identifier, ""),
                label=kept.classes[label],
                predicted=kept.classes[top],
                probability=float(row[top]),
            )
            for identifier, label, top, row in zip(kept.val_ids, kept.val_labels, tops, probabilities, strict=True)
        ),
    )


def disagreements(evaluations: Sequence[Evaluation]) -> tuple[Disagreement, ...]:
    """Pictures that all runs classified and at least one got wrong; those that most runs got wrong come first."""
    by_id = [{judged.picture_id: judged for judged in evaluation.pictures} for evaluation in evaluations]
    if not by_id:
        return ()
    result = []
    for picture_id, first in by_id[0].items():
        seen = tuple(pictures[picture_id] for pictures in by_id if picture_id in pictures)
        if len(seen) == len(by_id) and not all(judged.is_right for judged in seen):
            result.append(Disagreement(picture_id=picture_id, path=first.path, label=first.label, seen=seen))
    return tuple(sorted(result, key=lambda picture: (-picture.wrong, picture.label, picture.path)))


def _softmax(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: npt.NDArray[np.float32] = exponentials / exponentials.sum(axis=1, keepdims=True)
    return result
