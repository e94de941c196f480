"""Confusion and disagreement from the files that runs keep."""

from pathlib import Path

import numpy as np
import pytest

from cnnlab.analysis.evaluation import Evaluation, Judged, disagreements, load_evaluation
from cnnlab.runs.folder import RunFolder
from cnnlab.store.records import RunRecord, Status
from cnnlab.store.store import Store
from cnnlab.training.predictions import Predictions
from cnnlab.workspace import Workspace


def judged(picture_id: str, label: str, predicted: str, probability: float = 0.9) -> Judged:
    return Judged(
        picture_id=picture_id, path=f"{picture_id}.png", label=label, predicted=predicted, probability=probability
    )


def evaluation(name: str, *pictures: Judged) -> Evaluation:
    return Evaluation(run_id=name, name=name, classes=("cat", "dog"), pictures=pictures)


def test_a_cell_of_the_confusion_matrix_lists_its_pictures_the_most_confident_first() -> None:
    evaluated = evaluation(
        "a", judged("1", "cat", "cat"), judged("2", "cat", "dog", 0.6), judged("3", "cat", "dog", 0.8)
    )
    assert evaluated.confusion().tolist() == [[1, 2], [0, 0]]
    assert [picture.picture_id for picture in evaluated.cell("cat", "dog")] == ["3", "2"]


def test_pictures_that_most_runs_got_wrong_come_first_without_those_all_got_right() -> None:
    first = evaluation("a", judged("1", "cat", "cat"), judged("2", "cat", "dog"), judged("3", "dog", "dog"))
    second = evaluation("b", judged("1", "cat", "dog"), judged("2", "cat", "dog"), judged("3", "dog", "dog"))
    assert [(picture.picture_id, picture.wrong) for picture in disagreements([first, second])] == [("2", 2), ("1", 1)]


def test_only_pictures_that_all_runs_classified_are_compared() -> None:
    first = evaluation("a", judged("1", "cat", "dog"))
    second = evaluation("b", judged("2", "cat", "dog"))
    assert disagreements([first, second]) == ()
    assert disagreements([]) == ()


@pytest.fixture
def run(workspace: Workspace) -> RunRecord:
    return RunRecord(
        number=1,
        run_id="abc",
        name="a run",
        status=Status.FINISHED,
        family="vgg",
        preset="small",
        config={},
        device="cpu",
        threads=1,
        created=0.0,
        epochs=1,
    )


def test_the_files_of_a_run_are_enough(workspace: Workspace, run: RunRecord) -> None:
    store = Store.open(workspace)
    assert load_evaluation(store, run) is None
    folder = RunFolder(workspace.runs / "abc")
    folder.path.mkdir(parents=True)
    folder.write_pictures([("x", "cat/ä b.png", "cat", "val"), ("y", "dog/y.png", "dog", "train")])
    kept = Predictions(
        classes=("cat", "dog"),
        val_ids=("x",),
        val_labels=np.array([0]),
        test_ids=(),
        test_labels=np.array([], dtype=np.int64),
    )
    kept.add_epoch(1, np.array([[0.0, np.log(3.0)]], dtype=np.float32), is_best=True)
    kept.write(Path(folder.predictions))
    evaluated = load_evaluation(store, run)
    assert evaluated is not None
    (picture,) = evaluated.pictures
    assert (picture.path, picture.label, picture.predicted, picture.is_right) == ("cat/ä b.png", "cat", "dog", False)
    assert picture.probability == pytest.approx(0.75)
