"""What is odd about a data set, each finding with the pictures concerned."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cnnlab.data.identity import identical
from cnnlab.data.records import Finding, Picture, Severity
from cnnlab.store.records import DataSetRecord
from cnnlab.ui import wording

DUPLICATES: Final = "duplicates"


@dataclass(frozen=True)
class Shown:
    """A finding, and the pictures to show for it."""

    finding: Finding
    pictures: tuple[Picture, ...] = ()


def find(dataset: DataSetRecord, pictures: Sequence[Picture]) -> tuple[Shown, ...]:
    """All findings, the most serious first."""
    findings = sorted(_find(dataset), key=lambda finding: finding.severity is not Severity.WARNING)  # keeps their order
    return tuple(Shown(finding, _pictures(finding, pictures)) for finding in findings)


def _find(dataset: DataSetRecord) -> Iterator[Finding]:
    unreadable = tuple((item["file"], item["reason"]) for item in dataset.unreadable)
    if unreadable:
        yield Finding(
            kind="unreadable",
            severity=Severity.WARNING,
            sentence=f"{wording.counted(len(unreadable), 'file')} cannot be read and "
            f"{'is' if len(unreadable) == 1 else 'are'} left out.",
            files=unreadable,
        )
    yield from dataset.findings
    if dataset.duplicates:
        count = sum(len(group) for group in dataset.duplicates)
        yield Finding(
            kind=DUPLICATES,
            severity=Severity.NOTE,
            sentence=f"{count:,} files are copies of {wording.counted(len(dataset.duplicates), 'picture')}; a split "
            "keeps identical files together.",
        )


def _pictures(finding: Finding, pictures: Sequence[Picture]) -> tuple[Picture, ...]:
    if finding.kind == DUPLICATES:
        return tuple(picture for group in identical(pictures) for picture in group)
    ids, classes = frozenset(finding.pictures), frozenset(finding.classes)
    if not ids and not classes:
        return ()
    return tuple(picture for picture in pictures if picture.id in ids or picture.label in classes)
