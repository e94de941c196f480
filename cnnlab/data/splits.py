"""Which picture trains, which validates, which is kept for the end; knows ids and labels, never pixels.

A split is immutable. It is stratified by class, keeps identical files on one side, takes a part from the folders where
they give one, and, made from a previous split, leaves every old picture where it was.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from cnnlab.data.identity import content_hash, digest, key
from cnnlab.data.records import Part, Picture
from cnnlab.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Split:
    """A numbered record's content: the wishes (fractions, seed) and what came of them (id to part)."""

    seed: int
    val_fraction: float
    test_fraction: float
    parts: Mapping[str, Part] = field(repr=False)

    @property
    def hash(self) -> str:
        """Hash of (id, part): equal for splits that put every picture in the same place, however they came about."""
        return digest(*(text for pair in sorted(self.parts.items()) for text in pair))

    def ids(self, part: Part) -> tuple[str, ...]:
        """Ids of one part, sorted."""
        return tuple(sorted(identifier for identifier, place in self.parts.items() if place is part))

    def select(self, pictures: Iterable[Picture], part: Part) -> tuple[Picture, ...]:
        """The pictures of one part in the order given; pictures that the split does not know are left out."""
        return tuple(picture for picture in pictures if self.parts.get(picture.id) is part)


@dataclass(frozen=True)
class _Group:
    """Identical files: they share a place, or the lab would validate on what it trained on."""

    content: str
    label: str
    size: int


def make_split(
    pictures: Sequence[Picture],
    *,
    val_fraction: float,
    test_fraction: float = 0.0,
    seed: int = 0,
    previous: Split | None = None,
) -> Split:
    """Divide `pictures`; the result depends on the set of ids, labels and folder parts, not on their order.

    Fractions are of each class, rounded, at least one picture where a class has two or more. A part that the folders
    give (`Picture.folder_part`) is taken from them and its fraction is ignored; a part they lack is drawn from their
    training pictures.

    Raises:
        ConfigError: a fraction is out of range.
    """
    _check(val_fraction, test_fraction)
    placed = _places_given(pictures, previous)
    given = {picture.folder_part for picture in pictures} - {None}
    fractions = {
        Part.VAL: 0.0 if Part.VAL in given else val_fraction,
        Part.TEST: 0.0 if Part.TEST in given else test_fraction,
    }
    classes: dict[str, list[_Group]] = defaultdict(list)
    for group in _groups(pictures):
        classes[group.label].append(group)
    places = dict(placed)
    for groups in classes.values():
        places |= _divide(groups, fractions, placed, seed)
    return Split(
        seed=seed,
        val_fraction=val_fraction,
        test_fraction=test_fraction,
        parts={picture.id: places[content_hash(picture.id)] for picture in pictures},
    )


def _check(val_fraction: float, test_fraction: float) -> None:
    for name, value in (("val_fraction", val_fraction), ("test_fraction", test_fraction)):
        if not 0 <= value < 1:
            raise ConfigError(f"`{name}` must be at least 0 and less than 1 (got {value:g}).")
    if val_fraction + test_fraction >= 1:
        raise ConfigError(
            f"`val_fraction` and `test_fraction` together must stay below 1 (got {val_fraction + test_fraction:g}); "
            "something has to be left to train on."
        )


def _groups(pictures: Iterable[Picture]) -> list[_Group]:
    """Identical files, under the first label in the alphabet where people filed them under several."""
    labels: dict[str, list[str]] = defaultdict(list)
    for picture in pictures:
        labels[content_hash(picture.id)].append(picture.label)
    return [_Group(content, min(names), len(names)) for content, names in labels.items()]


def _places_given(pictures: Iterable[Picture], previous: Split | None) -> dict[str, Part]:
    """Places that are not ours to choose, by content: the previous split's, else the folders'."""
    wishes: dict[str, set[Part]] = defaultdict(set)
    for picture in pictures:
        if picture.folder_part is not None:
            wishes[content_hash(picture.id)].add(picture.folder_part)
    given = {
        # Identical files in two parts: both train, for a figure measured on training pictures would flatter.
        content: next(iter(parts)) if len(parts) == 1 else Part.TRAIN
        for content, parts in wishes.items()
        if parts != {Part.TRAIN}  # a training folder only says what is not test: validation may have to come from it
    }
    if previous is not None:
        present = {content_hash(picture.id) for picture in pictures}
        old = {content_hash(identifier): place for identifier, place in sorted(previous.parts.items(), reverse=True)}
        given |= {content: place for content, place in old.items() if content in present}
    return given


def _divide(
    groups: Sequence[_Group], fractions: Mapping[Part, float], placed: Mapping[str, Part], seed: int
) -> dict[str, Part]:
    """Places of one class's groups: those given stay, the others fill up validation, then test, then training."""
    total = sum(group.size for group in groups)
    counts = dict.fromkeys(Part, 0)
    places = {group.content: placed[group.content] for group in groups if group.content in placed}
    for group in groups:
        if group.content in placed:
            counts[placed[group.content]] += group.size
    # A keyed order instead of a shuffled list: it does not depend on how the folder was listed.
    free = sorted((g for g in groups if g.content not in placed), key=lambda g: key("split", seed, g.content))
    for part, fraction in fractions.items():
        wanted = max(round(total * fraction), 1) if fraction > 0 else 0
        for group in _chosen(free, wanted - counts[part], may_take_all=counts[Part.TRAIN] > 0):
            places[group.content] = part
            counts[part] += group.size
            free.remove(group)
    return places | {group.content: Part.TRAIN for group in free}


def _chosen(free: Sequence[_Group], wanted: int, *, may_take_all: bool) -> list[_Group]:
    """Groups of together at most `wanted` pictures in their order; where none is small enough, the smallest one."""
    chosen: list[_Group] = []
    room = len(free) if may_take_all else len(free) - 1  # a class needs something to train on
    missing = wanted
    for group in free:
        if group.size <= missing and len(chosen) < room:
            chosen.append(group)
            missing -= group.size
    if not chosen and wanted > 0 and room > 0:
        chosen = [min(free, key=lambda group: group.size)]
    return chosen
