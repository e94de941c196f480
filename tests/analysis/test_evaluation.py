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


def test_confusion_counts_true_by_predicted_and_a_cell_holds_its_pictures_the_surest_first() -> None:
    found = evaluation("a", judged("1", "cat", "cat"), judged("2", "cat", "dog", 0.6), judged("3", "cat", "dog", 0.8))
    assert found.confusion().tolist() == [[1, 2], [0, 0]]
    assert [one.picture_id for one in found.cell("cat", "dog")] == ["3", "2"]


def test_pictures_that_most_runs_got_wrong_come_first_and_those_all_got_right_are_left_out() -> None:
    first = evaluation("a", judged("1", "cat", "cat"), judged("2", "cat", "dog"), judged("3", "dog", "dog"))
    second = evaluation("b", judged("1", "cat", "dog"), judged("2", "cat", "dog"), judged("3", "dog", "dog"))
    assert [(one.picture_id, one.wrong) for one in disagreements([first, second])] == [("2", 2), ("1", 1)]


def test_only_pictures_that_all_runs_were_asked_about_are_set_side_by_side() -> None:
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


def test_a_runs_files_suffice(workspace: Workspace, run: RunRecord) -> None:
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
    found = load_evaluation(store, run)
    assert found is not None
    (one,) = found.pictures
    assert (one.path, one.label, one.predicted, one.is_right) == ("cat/ä b.png", "cat", "dog", False)
    assert one.probability == pytest.approx(0.75)
