"""Batch sizes differ by at most one; an order depends only on its key."""

from hypothesis import given
from hypothesis import strategies as st

from cnnlab.data.ordering import batch_sizes, epoch_order, portions


@given(st.integers(0, 2000), st.integers(1, 300))
def test_batches_contain_everything_and_their_sizes_differ_by_at_most_one(count, batch_size):
    sizes = batch_sizes(count, batch_size)
    assert sum(sizes) == count
    assert len(sizes) == -(-count // batch_size) or batch_size == 2
    assert not sizes or max(sizes) <= max(batch_size, 3)
    assert not sizes or max(sizes) - min(sizes) <= 1


@given(st.integers(2, 500), st.integers(2, 100))
def test_a_batch_of_one_occurs_only_if_requested(count, batch_size):
    assert min(batch_sizes(count, batch_size)) > 1


def test_batches_are_as_even_as_possible():
    assert batch_sizes(41, 8) == (7, 7, 7, 7, 7, 6)
    assert batch_sizes(3, 1) == (1, 1, 1)
    assert batch_sizes(5, 2) == (3, 2)


@given(st.integers(0, 300), st.integers(0, 2**31), st.integers(1, 1000))
def test_an_epoch_visits_every_picture_once(count, seed, epoch):
    order = epoch_order(count, seed, epoch)
    assert sorted(order) == list(range(count))
    assert order == epoch_order(count, seed, epoch)


def test_orders_of_other_epochs_and_seeds_differ():
    assert len({epoch_order(50, seed, epoch) for seed in range(4) for epoch in range(1, 5)}) == 16


@given(st.lists(st.integers(), max_size=50), st.integers(1, 20))
def test_portions_keep_the_order(order, batch_size):
    assert [item for portion in portions(order, batch_size) for item in portion] == order
