"""Records can be read by versions other than the one that wrote them."""

import json

from hypothesis import given
from hypothesis import strategies as st

from cnnlab.store.records import Preparation, Summary

shares = st.floats(0, 1)
three = st.tuples(shares, shares, shares)
summaries = st.builds(
    Summary,
    classes=st.lists(st.text(), max_size=3).map(tuple),
    images=st.dictionaries(st.sampled_from(["train", "val", "test"]), st.integers(0, 10**6)),
    mean_std=st.none() | st.tuples(three, three),
    test=st.none() | st.just({"loss": 0.5, "pictures": 3}),
    checkpoint=st.booleans(),
    preparation=st.none() | st.builds(Preparation, doing=st.text(), done=st.integers(0, 9), total=st.integers(0, 9)),
    keyed_weights=st.booleans(),
)


@given(summary=summaries)
def test_a_summary_survives_json(summary):
    assert Summary.from_json(json.loads(json.dumps(summary.as_json()))) == summary


def test_unknown_fields_of_a_summary_are_ignored():
    old = {"classes": ["cat", "dog"], "images": {"train": 3, "val": 1, "test": 0}, "mean_std": None, "later": {"a": 1}}
    summary = Summary.from_json(old)
    assert (summary.classes, summary.images["val"], summary.mean_std) == (("cat", "dog"), 1, None)
    assert not summary.keyed_weights
