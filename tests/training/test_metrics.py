import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, precision_recall_fscore_support
from torch.nn import functional

from cnnlab.training.metrics import class_figures, count_correct, evaluate_logits
from cnnlab.training.objective import Objective, heads

LOGITS = torch.tensor([[2.0, 0.0, 0.0], [0.0, 1.0, 0.0], [3.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
LABELS = torch.tensor([0, 1, 1, 0])


def test_figures_of_a_known_case():
    figures = evaluate_logits(LOGITS, LABELS, ("a", "b", "c"))
    assert figures.loss == pytest.approx(functional.cross_entropy(LOGITS.double(), LABELS).item())
    assert (figures.accuracy, figures.balanced_accuracy) == (0.75, 0.75)
    a, b, c = figures.per_class
    assert (a.recall, a.precision, a.pictures) == (1.0, pytest.approx(2 / 3), 2)
    assert (b.recall, b.precision, b.f1) == (0.5, 1.0, pytest.approx(2 / 3))
    assert (c.recall, c.precision, c.f1, c.pictures) == (None, None, None, 0)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40))
def test_balanced_accuracy_agrees_with_scikit_learn(pairs: list[tuple[int, int]]):
    labels, predicted = np.array(pairs).T
    logits = functional.one_hot(torch.tensor(predicted), 4).float()
    figures = evaluate_logits(logits, torch.tensor(labels), "abcd")
    if len(set(labels)) > 1 and set(predicted) <= set(labels):  # otherwise scikit-learn warns
        assert figures.balanced_accuracy == pytest.approx(balanced_accuracy_score(labels, predicted))
    assert 0 <= figures.balanced_accuracy <= 1


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40))
def test_figures_of_each_class_agree_with_scikit_learn(pairs: list[tuple[int, int]]):
    labels, predicted = np.array(pairs).T
    figures = class_figures(predicted, labels, "abcd")
    theirs = precision_recall_fscore_support(labels, predicted, labels=range(4), zero_division=np.nan)
    ours = [[getattr(of_class, name) for of_class in figures] for name in ("precision", "recall", "f1", "pictures")]
    np.testing.assert_allclose(np.array(ours, dtype=float), np.array(theirs, dtype=float))


def test_right_answers_are_counted():
    assert count_correct(LOGITS, LABELS).item() == 3


def test_the_plain_objective_is_the_sum_of_cross_entropies():
    losses = Objective()(LOGITS, (), LABELS)
    assert losses.objective.item() == losses.plain.item()
    assert losses.plain.item() == pytest.approx(4 * functional.cross_entropy(LOGITS, LABELS).item())


def test_class_weights_apply_to_whole_pictures():
    weights = torch.tensor([1.0, 3.0, 1.0])
    losses = Objective(class_weights=weights, label_smoothing=0.1)(LOGITS, (), LABELS)
    each = functional.cross_entropy(LOGITS, LABELS, label_smoothing=0.1, reduction="none")
    assert losses.objective.item() == pytest.approx((each * torch.tensor([1.0, 3.0, 3.0, 1.0])).sum().item())
    assert losses.plain.item() == pytest.approx(functional.cross_entropy(LOGITS, LABELS, reduction="sum").item())


def test_auxiliary_heads_are_added_with_their_weight():
    logits, auxiliary = heads((LOGITS, (LOGITS, LOGITS)))
    losses = Objective(auxiliary_weight=0.3)(logits, auxiliary, LABELS)
    assert losses.objective.item() == pytest.approx(1.6 * losses.plain.item())
    assert heads(LOGITS)[1] == ()
