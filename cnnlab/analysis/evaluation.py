"""What runs made of their validation pictures, from the files that each run keeps: who was right, who was wrong, where.

Works with the data set gone; knows neither torch nor how it is drawn.
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
    """One validation picture as one run saw it at its best epoch. `path` is relative to the data set's folder."""

    picture_id: str
    path: str
    label: str
    predicted: str
    probability: float

    @property
    def is_right(self) -> bool:
        """Whether the likeliest class is the true one."""
        return self.label == self.predicted


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """All validation pictures of one run, in the run's order."""

    run_id: str
    name: str
    classes: tuple[str, ...]
    pictures: tuple[Judged, ...] = field(repr=False)

    def confusion(self) -> npt.NDArray[np.int64]:
        """Counts (true class, predicted class)."""
        places = {label: place for place, label in enumerate(self.classes)}
        counts = np.zeros((len(self.classes), len(self.classes)), dtype=np.int64)
        for one in self.pictures:
            counts[places[one.label], places[one.predicted]] += 1
        return counts

    def cell(self, label: str, predicted: str) -> tuple[Judged, ...]:
        """The pictures of one cell of the confusion matrix, the surest first."""
        inside = (one for one in self.pictures if (one.label, one.predicted) == (label, predicted))
        return tuple(sorted(inside, key=lambda one: -one.probability))


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """One picture that at least one run got wrong; `seen` is each run's view of it, in the order of the runs."""

    picture_id: str
    path: str
    label: str
    seen: tuple[Judged, ...]

    @property
    def wrong(self) -> int:
        """How many runs were wrong."""
        return sum(not one.is_right for one in self.seen)


def load_evaluation(store: Store, run: RunRecord) -> Evaluation | None:
    """What a run kept of its best epoch; None before one is on disk, or without a validation part."""
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
    """Pictures that all runs were asked about and at least one got wrong; those that most got wrong come first."""
    by_id = [{one.picture_id: one for one in evaluation.pictures} for evaluation in evaluations]
    if not by_id:
        return ()
    found = []
    for picture_id, first in by_id[0].items():
        seen = tuple(views[picture_id] for views in by_id if picture_id in views)
        if len(seen) == len(by_id) and not all(one.is_right for one in seen):
            found.append(Disagreement(picture_id=picture_id, path=first.path, label=first.label, seen=seen))
    return tuple(sorted(found, key=lambda one: (-one.wrong, one.label, one.path)))


def _softmax(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: npt.NDArray[np.float32] = exponentials / exponentials.sum(axis=1, keepdims=True)
    return result
