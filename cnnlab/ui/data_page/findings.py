"""What is odd about a data set, each finding a sentence with the files that it speaks of. Draws nothing."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cnnlab.data.identity import content_hash
from cnnlab.data.records import Picture
from cnnlab.store.records import DataSetRecord
from cnnlab.ui import wording

_QUOTED: Final = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A sentence, with the pictures or the unreadable files (name, reason) that it is about; perhaps with neither."""

    sentence: str
    pictures: tuple[Picture, ...] = ()
    files: tuple[tuple[str, str], ...] = ()


def find(dataset: DataSetRecord, found: Sequence[Picture]) -> tuple[Finding, ...]:
    """All findings, the gravest first."""
    return tuple(_find(dataset, found))


def _find(dataset: DataSetRecord, found: Sequence[Picture]) -> Iterator[Finding]:
    unreadable = tuple((item["file"], item["reason"]) for item in dataset.unreadable)
    if unreadable:
        yield Finding(
            sentence=f"{wording.counted(len(unreadable), 'file')} cannot be read and {_are(len(unreadable))} left out.",
            files=unreadable,
        )
    for warning in dataset.warnings:
        yield _from_warning(warning, dataset, found, unreadable)
    if dataset.duplicates:
        count = sum(len(group) for group in dataset.duplicates)
        yield Finding(
            sentence=f"{count:,} files are {wording.counted(len(dataset.duplicates), 'picture')} "
            "more than once; a split keeps identical files together.",
            pictures=_identical(found),
        )


def _from_warning(
    warning: str, dataset: DataSetRecord, found: Sequence[Picture], unreadable: Sequence[tuple[str, str]]
) -> Finding:
    """A sentence of the scan puts classes and files in quotes: those are what it is about."""
    names = {str(ast.literal_eval(quoted)) for quoted in _QUOTED.findall(warning)}
    classes = names & set(dataset.counts)
    if classes:
        return Finding(
            sentence=warning,
            pictures=tuple(picture for picture in found if picture.label in classes),
            files=tuple(item for item in unreadable if classes & set(Path(item[0]).parts[:-1])),
        )
    named = {content_hash(picture.id) for picture in found if picture.path.name in names}
    several = {content_hash(picture.id) for picture in _identical(found)}
    return Finding(
        sentence=warning, pictures=tuple(picture for picture in found if content_hash(picture.id) in named & several)
    )


def _identical(found: Sequence[Picture]) -> tuple[Picture, ...]:
    """Pictures of which there is another one, side by side."""
    groups: dict[str, list[Picture]] = {}
    for picture in found:
        groups.setdefault(content_hash(picture.id), []).append(picture)
    return tuple(picture for group in groups.values() if len(group) > 1 for picture in group)


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
