"""Which conclusions a comparison of runs allows, and which it does not."""

from dataclasses import replace
from typing import Any

import pytest

from cnnlab.analysis.comparison import compare, differences, sentence
from cnnlab.store.records import RunRecord, Status, Summary


def run_with(
    name: str, accuracy: float | None, *, loss: float = 0.5, fingerprint: str = "same", split: str = "same"
) -> RunRecord:
    return RunRecord(
        number=1,
        run_id=name,
        name=name,
        status=Status.FINISHED,
        family="vgg",
        preset="small",
        config={},
        fingerprint=fingerprint,
        split_hash=split,
        summary=Summary(images={"val": 40}, keyed_weights=True),
        device="cpu",
        threads=1,
        created=0.0,
        epochs=3,
        val_accuracy=accuracy,
        val_loss=None if accuracy is None else loss,
    )


def test_the_run_with_the_highest_accuracy_is_named_with_the_number_of_pictures() -> None:
    runs = [run_with("a", 0.8), run_with("b", 0.9)]
    comparison = compare(runs)
    assert (comparison.comparable, comparison.best, comparison.val_pictures) == (True, "b", 40)
    assert "b has the highest validation accuracy, 90 %" in sentence(comparison, runs)
    assert "40 pictures" in sentence(comparison, runs)


def test_runs_of_a_version_that_initialised_weights_differently_are_named() -> None:
    new, old = run_with("a", 0.8), replace(run_with("b", 0.9), summary=Summary(images={"val": 40}))
    assert "weights of b in a different way" in sentence(compare([new, old]), [new, old])
    assert "initial weights" not in sentence(compare([new, new]), [new, new])
    assert "initial weights" not in sentence(compare([old, old]), [old, old])


def test_a_tie_has_no_winner_whatever_the_order_of_the_runs_and_the_loss() -> None:
    runs = [run_with("a", 0.9, loss=0.4), run_with("b", 0.9, loss=0.3), run_with("c", 0.8)]
    for order in (runs, runs[::-1]):
        comparison = compare(order)
        assert comparison.best is None
        assert sorted(comparison.tied) == ["a", "b"]
        assert "are tied: each has the highest validation accuracy, 90 %" in sentence(comparison, order)
    assert sentence(compare(runs), runs) == sentence(compare(runs[::-1]), runs[::-1])


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (run_with("b", 0.9, fingerprint="other"), "different pictures"),
        (run_with("b", 0.9, split="other"), "different validation pictures"),
        (run_with("b", None), "b has no validation figures"),
    ],
)
def test_runs_that_are_not_comparable_give_the_reason(other: RunRecord, reason: str) -> None:
    runs = [run_with("a", 0.8), other]
    comparison = compare(runs)
    assert not comparison.comparable
    assert comparison.best is None
    assert reason in sentence(comparison, runs)


def test_one_run_is_not_a_comparison() -> None:
    assert "at least two" in compare([run_with("a", 0.8)]).reasons[0]


def test_only_settings_that_differ_are_listed_by_path() -> None:
    first: dict[str, Any] = {"name": "x", "training": {"epochs": 3, "batch_size": 8}, "seed": 0}
    second: dict[str, Any] = {"name": "y", "training": {"epochs": 5, "batch_size": 8}, "seed": 0, "extra": 1}
    assert differences([first, second]) == (("extra", (None, 1)), ("training.epochs", (3, 5)))
