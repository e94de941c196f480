"""Ids, fingerprints and keys."""

import hashlib
import random

from hypothesis import given
from hypothesis import strategies as st

from cnnlab.data.identity import content_hash, digest, fingerprint, key, numbered, picture_id

ids = st.sampled_from(["a" * 64, "b" * 64, "c" * 64])


def test_an_id_is_the_hash_of_the_bytes(tmp_path):
    (tmp_path / "x.png").write_bytes(b"pixels")
    assert picture_id(tmp_path / "x.png") == picture_id(b"pixels") == hashlib.sha256(b"pixels").hexdigest()


@given(st.lists(ids))
def test_numbered_ids_all_differ_and_keep_their_content(identifiers):
    result = numbered(identifiers)
    assert len(set(result)) == len(result)
    assert [content_hash(identifier) for identifier in result] == identifiers


@given(st.lists(st.tuples(st.text(max_size=3), ids)), st.randoms(use_true_random=False))
def test_a_fingerprint_does_not_depend_on_order(pairs, shuffler: random.Random):
    shuffled = list(pairs)
    shuffler.shuffle(shuffled)
    assert fingerprint(pairs) == fingerprint(shuffled)


@given(st.lists(st.tuples(st.text(max_size=3), ids), unique=True, min_size=1))
def test_a_fingerprint_changes_with_any_picture_or_label(pairs):
    assert fingerprint(pairs[1:]) != fingerprint(pairs)
    assert fingerprint([(pairs[0][0] + "x", pairs[0][1]), *pairs[1:]]) != fingerprint(pairs)


@given(st.lists(st.text(max_size=4)), st.lists(st.text(max_size=4)))
def test_a_digest_is_equal_only_for_equal_lists(first, second):
    assert (digest(*first) == digest(*second)) == (first == second)


def test_a_key_is_a_valid_seed_and_depends_on_all_its_parts():
    keys = {key(seed, epoch, name) for seed in range(20) for epoch in range(20) for name in "ab"}
    assert len(keys) == 800
    assert all(0 <= value < 2**63 for value in keys)
    assert key(1, 2, "a") == key("1", "2", "a")
