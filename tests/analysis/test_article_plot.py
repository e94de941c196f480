"""The article's sums, recomputed from means."""

import pytest

from cnnlab.analysis.article_plot import article_sums


def history(losses: list[float], steps_an_epoch: int) -> list[dict[str, float]]:
    return [{"train_loss": loss, "step": steps_an_epoch * (index + 1)} for index, loss in enumerate(losses)]


def test_the_first_value_covers_one_epoch_and_the_next_ten() -> None:
    assert article_sums(history([1.0] * 21, 40)) == [40.0, 400.0, 400.0]


def test_an_incomplete_last_span_is_left_out() -> None:
    assert len(article_sums(history([1.0] * 20, 4))) == 2


def test_sums_equal_those_of_the_articles_own_loop() -> None:
    losses = [0.9 - 0.02 * epoch for epoch in range(15)]
    total, expected = 0.0, []
    for epoch, loss in enumerate(losses):
        for _ in range(7):
            total += loss
        if epoch % 10 == 0:
            expected.append(total)
            total = 0.0
    assert article_sums(history(losses, 7)) == pytest.approx(expected)


def test_without_epochs_there_are_no_values() -> None:
    assert article_sums([]) == []
