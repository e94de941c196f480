"""Series in chunks: what is written is read back, however it was batched."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnlab.store.metric_rows import Points, truncate_metrics


def values_for(steps):
    return np.sin(np.asarray(steps, np.float64)) * 1e-3


def make_run(store):
    return store.runs.add(
        {"name": "a", "family": "vgg", "preset": "small", "config": {}, "device": "cpu", "threads": 1, "epochs": 3},
        token=None,
    )


def fill(store, run, batches, gap=1):
    step, steps = 0, []
    for size in batches:
        batch = np.arange(step + gap, step + gap * size + 1, gap)
        store.metrics.append(run.number, {"loss": Points(batch, values_for(batch)), "rate": Points(batch, batch * 1.0)})
        steps += batch.tolist()
        step = steps[-1] if steps else 0
    return steps


batches = st.lists(st.integers(1, 700), min_size=1, max_size=8)
in_one_store = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@in_one_store
@given(sizes=batches, gap=st.sampled_from((1, 3)), after=st.integers(0, 3_000), until=st.integers(0, 3_000))
def test_appended_points_are_read_back_bit_for_bit(store, sizes, gap, after, until):
    run = make_run(store)
    steps = fill(store, run, sizes, gap)
    whole = store.metrics.read(run.number, "loss")
    assert whole.steps.tolist() == steps
    assert whole.values.tobytes() == values_for(steps).tobytes()
    part = store.metrics.read(run.number, "loss", after=after, until=until)
    assert part.steps.tolist() == [step for step in steps if after < step <= until]
    assert store.metrics.last_step(run.number, "loss") == steps[-1]
    assert store.metrics.names(run.number) == ("loss", "rate")


@in_one_store
@given(sizes=batches, cut=st.integers(0, 3_000))
def test_a_resumed_run_continues_where_its_series_were_cut(store, sizes, cut):
    run = make_run(store)
    steps = fill(store, run, sizes)
    with store.metrics.writing() as connection:
        truncate_metrics(connection, run.number, step=cut, epoch=0)
    kept = [step for step in steps if step <= cut]
    assert store.metrics.read(run.number, "loss").steps.tolist() == kept
    again = np.arange(cut + 1, cut + 400)
    store.metrics.append(run.number, {"loss": Points(again, values_for(again))})
    assert store.metrics.read(run.number, "loss").steps.tolist() == kept + again.tolist()


def test_a_run_without_a_series_has_no_points(store):
    assert len(store.metrics.read(7, "loss").steps) == 0
    assert store.metrics.last_step(7, "loss") is None


@pytest.mark.slow
def test_a_million_points_take_less_than_100_mb(store):
    run = make_run(store)
    names = [f"series {number}" for number in range(8)]
    for start in range(1, 125_000, 2_500):
        steps = np.arange(start, start + 2_500)
        noise = np.random.default_rng(start).normal(size=2_500)
        store.metrics.append(run.number, {name: Points(steps, noise) for name in names})
    store.close()
    assert sum(file.stat().st_size for file in store.workspace.home.glob("lab.db*")) < 40e6
