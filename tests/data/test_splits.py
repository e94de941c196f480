"""Splits are immutable and stratified, keep old pictures and identical files in place and follow the folders."""

import dataclasses
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlab.data.identity import content_hash, numbered
from cnnlab.data.records import Part, Picture
from cnnlab.data.splits import make_split
from cnnlab.errors import ConfigError

fractions = st.sampled_from([0.0, 0.1, 0.2, 0.35, 0.5])


@st.composite
def picture_lists(draw: st.DrawFn) -> list[Picture]:
    """Up to 40 pictures of three classes, some of them identical."""
    rows = draw(st.lists(st.tuples(st.integers(0, 25), st.sampled_from("abc")), max_size=40))
    names = numbered(f"{content:064x}" for content, _ in rows)
    return [
        Picture(id=name, path=Path("/x"), label=label, width=1, height=1, format="PNG", size_bytes=1)
        for name, (_, label) in zip(names, rows, strict=True)
    ]


@given(picture_lists(), fractions, fractions, st.integers(0, 9), st.randoms(use_true_random=False))
def test_a_split_assigns_every_picture_once_in_any_order(pictures, val, test, seed, shuffler: random.Random):
    if val + test >= 1:
        return
    split = make_split(pictures, val_fraction=val, test_fraction=test, seed=seed)
    shuffled = list(pictures)
    shuffler.shuffle(shuffled)
    assert set(split.parts) == {picture.id for picture in pictures}
    assert make_split(shuffled, val_fraction=val, test_fraction=test, seed=seed).hash == split.hash
    assert sorted(name for part in Part for name in split.ids(part)) == sorted(split.parts)


@given(picture_lists(), fractions, st.integers(0, 9))
def test_identical_files_share_a_part(pictures, val, seed):
    split = make_split(pictures, val_fraction=val, test_fraction=0.2, seed=seed)
    parts_of: dict[str, set[Part]] = {}
    for name, part in split.parts.items():
        parts_of.setdefault(content_hash(name), set()).add(part)
    assert all(len(parts) == 1 for parts in parts_of.values())


@given(picture_lists(), picture_lists(), fractions, fractions)
def test_old_pictures_keep_their_parts_when_others_are_added(old, new, first, second):
    before = make_split(old, val_fraction=first, seed=1)
    both = old + [picture for picture in new if picture.id not in before.parts]
    after = make_split(both, val_fraction=second, seed=2, previous=before)
    assert {name: after.parts[name] for name in before.parts} == dict(before.parts)


@pytest.mark.parametrize(("count", "fraction", "expected"), [(20, 0.2, 4), (10, 0.25, 2), (3, 0.1, 1), (1, 0.5, 0)])
def test_each_class_contributes_its_share(make_pictures, count, fraction, expected):
    pictures = make_pictures(*((f"{label}{number}", label) for label in "ab" for number in range(count)))
    split = make_split(pictures, val_fraction=fraction)
    taken = Counter(picture.label for picture in split.select(pictures, Part.VAL))
    assert [taken[label] for label in "ab"] == [expected, expected]


def test_a_fraction_of_zero_gives_no_validation_pictures(make_pictures):
    split = make_split(make_pictures(("1", "a"), ("2", "a"), ("3", "b")), val_fraction=0)
    assert split.ids(Part.VAL) == ()


def test_another_seed_gives_another_split(make_pictures):
    pictures = make_pictures(*((f"{number}", "ab"[number % 2]) for number in range(40)))
    assert len({make_split(pictures, val_fraction=0.3, seed=seed).hash for seed in range(5)}) == 5


def test_parts_named_by_folders_are_taken_from_them(make_pictures):
    rows = [(f"{number}", "ab"[number % 2], Part.TRAIN) for number in range(20)]
    pictures = make_pictures(*rows, ("v1", "a", Part.VAL), ("v2", "b", Part.VAL), ("t1", "a", Part.TEST))
    split = make_split(pictures, val_fraction=0.5, test_fraction=0.3)
    assert split.ids(Part.VAL) == ("v1", "v2")
    assert split.ids(Part.TEST) == ("t1",)


def test_a_part_without_a_folder_is_taken_from_the_training_pictures(make_pictures):
    rows = [(f"{number}", "ab"[number % 2], Part.TRAIN) for number in range(20)]
    split = make_split(make_pictures(*rows, ("t1", "a", Part.TEST)), val_fraction=0.2)
    assert len(split.ids(Part.VAL)) == 4
    assert split.ids(Part.TEST) == ("t1",)


def test_a_picture_in_two_part_folders_is_used_only_for_training(make_pictures):
    same = "f" * 64
    pictures = make_pictures((same, "a", Part.TRAIN), (f"{same}+1", "a", Part.TEST), ("x", "b", Part.TEST))
    assert make_split(pictures, val_fraction=0).ids(Part.TRAIN) == (same, f"{same}+1")


def test_a_split_cannot_be_changed(make_pictures):
    split = make_split(make_pictures(("1", "a")), val_fraction=0.5)
    with pytest.raises(dataclasses.FrozenInstanceError):
        split.seed = 4


@pytest.mark.parametrize(("val", "test"), [(-0.1, 0), (1.0, 0), (0.6, 0.4), (0.1, 2)])
def test_fractions_out_of_range_are_rejected(make_pictures, val, test):
    with pytest.raises(ConfigError, match="fraction"):
        make_split(make_pictures(("1", "a")), val_fraction=val, test_fraction=test)
