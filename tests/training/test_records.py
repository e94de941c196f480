import json
from pathlib import Path

import numpy as np

from cnnlab.training.events import ClassFigures, EpochEnd, TestEnd
from cnnlab.training.metrics import Figures
from cnnlab.training.predictions import Predictions
from cnnlab.training.progress import EpochSums, TrainingProgress

PER_CLASS = (ClassFigures(label="ä", pictures=2, recall=0.5, precision=None, f1=0.1 + 0.2),)
FIGURES = Figures(loss=1 / 3, accuracy=0.5, balanced_accuracy=0.5, per_class=PER_CLASS)


def _progress() -> TrainingProgress:
    progress = TrainingProgress(step=7)
    for loss in (0.4, 0.4, 0.3):
        progress.sums = EpochSums(pictures=3, loss=1.1, objective=1.2, correct=2, seconds=0.7)
        progress.end_epoch(
            Figures(loss=loss, accuracy=0.5, balanced_accuracy=0.5, per_class=PER_CLASS),
            learning_rate=0.1,
            val_seconds=0.1,
            memory=5,
        )
    return progress


def test_counters_survive_json_to_the_bit():
    progress = _progress()
    progress.test = TestEnd(epoch=3, pictures=2, loss=1 / 3, accuracy=1.0, balanced_accuracy=1.0, per_class=PER_CLASS)
    assert TrainingProgress.from_dict(json.loads(json.dumps(progress.to_dict()))) == progress
    assert TrainingProgress.from_dict(json.loads(json.dumps(TrainingProgress().to_dict()))) == TrainingProgress()


def test_the_earliest_of_equal_losses_is_the_best():
    progress = _progress()
    assert [epoch.is_best for epoch in progress.history] == [True, False, True]
    assert [epoch.best_epoch for epoch in progress.history] == [1, 1, 3]


def test_patience_counts_epochs_since_the_best():
    progress = _progress()
    assert not progress.ran_out_of(None) and not progress.ran_out_of(1)
    progress.sums = EpochSums(pictures=1)
    progress.end_epoch(FIGURES, learning_rate=0.1, val_seconds=0.0, memory=0)
    assert progress.ran_out_of(1) and not progress.ran_out_of(2)


def test_an_epoch_of_a_later_version_can_be_read():
    epoch = _progress().history[0]
    assert EpochEnd.from_dict({**epoch.to_dict(), "from_the_future": 1}) == epoch


def test_timing_is_not_compared_between_equal_runs():
    shared = _progress().history[0].without_timing()
    assert "train_loss" in shared and not {"seconds", "val_seconds", "memory_bytes"} & set(shared)


def test_predictions_survive_their_file(tmp_path: Path):
    made = Predictions(
        classes=("ä", "b"),
        val_ids=("1", "1+1", "2"),
        val_labels=np.array([0, 1, 1]),
        test_ids=(),
        test_labels=np.array([], dtype=np.int64),
    )
    made.add_epoch(1, np.array([[1, 0], [0, 1], [1, 0]], np.float32), is_best=True)
    made.add_epoch(2, np.array([[0, 1], [0, 1], [1, 0]], np.float32), is_best=False)
    made.write(tmp_path / "predictions.npz")
    read = Predictions.read(tmp_path / "predictions.npz")
    assert (read.classes, read.val_ids, read.best_epoch, read.last_epoch) == (("ä", "b"), ("1", "1+1", "2"), 1, 2)
    assert np.array_equal(read.best_logits, made.best_logits) and np.array_equal(read.last_logits, made.last_logits)
    assert [labels.tolist() for labels in read.top_labels] == [[0, 1, 0], [1, 1, 0]]
    assert read.test_logits is None
