"""Splits: which pictures train, which validate and which are kept for the final test.

A split is immutable. It is stratified by class, keeps identical files in the same part and follows the folders where
they name a part; if it is made from a previous split, every old picture stays in its part.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cnnlab.data.identity import content_hash, digest, key
from cnnlab.data.records import Part, Picture
from cnnlab.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Split:
    """A split: the requested fractions and seed, and the result (id to part)."""

    seed: int
    val_fraction: float
    test_fraction: float
    parts: Mapping[str, Part] = field(repr=False)

    @property
    def hash(self) -> str:
        """Hash of (id, part): equal for splits that put every picture in the same part, however they were made."""
        return digest(*(text for pair in sorted(self.parts.items()) for text in pair))

    def ids(self, part: Part) -> tuple[str, ...]:
        """Ids of one part, sorted."""
        return tuple(sorted(identifier for identifier, its_part in self.parts.items() if its_part is part))

    def select(self, pictures: Iterable[Picture], part: Part) -> tuple[Picture, ...]:
        """The pictures of one part in the order given; pictures not in the split are left out."""
        return tuple(picture for picture in pictures if self.parts.get(picture.id) is part)


@dataclass(frozen=True)
class _Group:
    """Identical files: they must be in the same part, or the lab would validate on training pictures."""

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
    """Split `pictures`; the result depends on the set of ids, labels and folder parts, not on their order.

    Fractions apply to each class, rounded, with at least one picture if the class has two or more. A part that the
    folders name (`Picture.folder_part`) is taken from them and its fraction is ignored; a part that they lack is chosen
    at random from their training pictures.

    Raises:
        ConfigError: a fraction is out of range.
    """
    _check(val_fraction, test_fraction)
    fixed = _fixed_parts(pictures, previous)
    given = {picture.folder_part for picture in pictures} - {None}
    fractions = {
        Part.VAL: 0.0 if Part.VAL in given else val_fraction,
        Part.TEST: 0.0 if Part.TEST in given else test_fraction,
    }
    classes: dict[str, list[_Group]] = defaultdict(list)
    for group in _groups(pictures):
        classes[group.label].append(group)
    part_of = dict(fixed)
    for groups in classes.values():
        part_of |= _divide(groups, fractions, fixed, seed)
    return Split(
        seed=seed,
        val_fraction=val_fraction,
        test_fraction=test_fraction,
        parts={picture.id: part_of[content_hash(picture.id)] for picture in pictures},
    )


def _check(val_fraction: float, test_fraction: float) -> None:
    for name, value in (("val_fraction", val_fraction), ("test_fraction", test_fraction)):
        if not 0 <= value < 1:
            raise ConfigError(f"`{name}` must be at least 0 and less than 1 (got {value:g}).")
    if val_fraction + test_fraction >= 1:
        raise ConfigError(
            f"The sum of `val_fraction` and `test_fraction` must be below 1 (got {val_fraction + test_fraction:g}); "
            "leave some pictures for training."
        )


def _groups(pictures: Iterable[Picture]) -> list[_Group]:
    """Groups of identical files, with the alphabetically first label if they are in several classes."""
    labels: dict[str, list[str]] = defaultdict(list)
    for picture in pictures:
        labels[content_hash(picture.id)].append(picture.label)
    return [_Group(content, min(names), len(names)) for content, names in labels.items()]


def _fixed_parts(pictures: Iterable[Picture], previous: Split | None) -> dict[str, Part]:
    """Parts that are already decided, by content: by the previous split, else by the folders."""
    requested: dict[str, set[Part]] = defaultdict(set)
    for picture in pictures:
        if picture.folder_part is not None:
            requested[content_hash(picture.id)].add(picture.folder_part)
    fixed = {
        # Identical files in two parts: both train, because validating on training pictures would look too good.
        content: next(iter(parts)) if len(parts) == 1 else Part.TRAIN
        for content, parts in requested.items()
        if parts != {Part.TRAIN}  # not fixed: if there is no validation folder, validation pictures come from these
    }
    if previous is not None:
        present = {content_hash(picture.id) for picture in pictures}
        old = {content_hash(identifier): part for identifier, part in sorted(previous.parts.items(), reverse=True)}
        fixed |= {content: part for content, part in old.items() if content in present}
    return fixed


def _divide(
    groups: Sequence[_Group], fractions: Mapping[Part, float], fixed: Mapping[str, Part], seed: int
) -> dict[str, Part]:
    """Parts of one class's groups: the fixed ones stay, the others fill validation, then test, then training."""
    total = sum(group.size for group in groups)
    counts = dict.fromkeys(Part, 0)
    part_of = {group.content: fixed[group.content] for group in groups if group.content in fixed}
    for group in groups:
        if group.content in fixed:
            counts[fixed[group.content]] += group.size
    # Sorted by a keyed hash and not shuffled, so that the order of the folder's listing does not matter.
    free = sorted((g for g in groups if g.content not in fixed), key=lambda g: key("split", seed, g.content))
    for part, fraction in fractions.items():
        wanted = max(round(total * fraction), 1) if fraction > 0 else 0
        for group in _chosen(free, wanted - counts[part], may_take_all=counts[Part.TRAIN] > 0):
            part_of[group.content] = part
            counts[part] += group.size
            free.remove(group)
    return part_of | {group.content: Part.TRAIN for group in free}


def _chosen(free: Sequence[_Group], wanted: int, *, may_take_all: bool) -> list[_Group]:
    """Groups in order, with at most `wanted` pictures in total; if none is small enough, the smallest one."""
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
