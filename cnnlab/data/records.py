"""What is known of a folder of pictures, as plain frozen records; knows nothing of how it was found out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self, TypeAlias


MeanStd: TypeAlias = tuple[tuple[float, float, float], tuple[float, float, float]]
"""Mean and standard deviation of red, green and blue, in [0, 1]."""


class Part(StrEnum):
    """What a picture is used for: to fit the weights, to watch the fit, or once at the very end."""

    TRAIN = "train"
    VAL = "val"
    TEST = "test"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One readable picture. `width` and `height` are in pixels and upright, `format` is Pillow's name for the content.

    `id` is the SHA-256 of the file's bytes, with a counter for further identical files; `folder_part` is the part that
    a train / val / test folder gives it, if there are such folders.
    """

    id: str
    path: Path
    label: str
    width: int
    height: int
    format: str
    size_bytes: int
    folder_part: Part | None = None


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """A file that is left out; `file` is relative to the data set's folder, with forward slashes."""

    file: str
    reason: str


class Severity(StrEnum):
    """How much a finding matters: whether it spoils results or loses pictures, or is only good to know."""

    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something odd about a data set. `kind` is a word for programs, `sentence` is for people.

    It is about `pictures` (by id), about all pictures of `classes`, or about `files` with a reason each; all of them
    are kept, however many a page shows.
    """

    kind: str
    severity: Severity
    sentence: str
    pictures: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, object]:
        """As plain values for the store, without what is empty."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The finding that `as_json` gave."""
        return cls(
            kind=values["kind"],
            severity=Severity(values["severity"]),
            sentence=values["sentence"],
            pictures=tuple(values.get("pictures", ())),
            classes=tuple(values.get("classes", ())),
            files=tuple((file, reason) for file, reason in values.get("files", ())),
        )


@dataclass(frozen=True, kw_only=True)
class Scan:
    """All that one look at a folder found.

    `classes` are those with at least one readable picture, sorted as ImageFolder sorts them (a picture's target is the
    place of its label in them); `empty_classes` are folders without one. `duplicates` groups identical files;
    `findings` is what else is odd, the gravest first.
    """

    root: Path
    classes: tuple[str, ...]
    pictures: tuple[Picture, ...]
    unreadable: tuple[Unreadable, ...] = ()
    duplicates: tuple[tuple[str, ...], ...] = ()
    empty_classes: tuple[str, ...] = ()
    ignored: int = 0
    findings: tuple[Finding, ...] = ()
    fingerprint: str = ""

    @property
    def counts(self) -> Mapping[str, int]:
        """Readable pictures of each class, empty ones included."""
        counts = dict.fromkeys(sorted((*self.classes, *self.empty_classes)), 0)
        for picture in self.pictures:
            counts[picture.label] += 1
        return counts

    def as_json(self) -> dict[str, object]:
        """The object that `cnnlab scan --json` prints; null stands for what was not examined."""
        return {
            "path": str(self.root),
            "images": len(self.pictures),
            "classes": dict(self.counts),
            "unreadable": [{"file": item.file, "reason": item.reason} for item in self.unreadable],
            "duplicates": [list(group) for group in self.duplicates],
            "near_duplicates": None,
            "leaks": None,
            "ignored": self.ignored,
            "warnings": [finding.sentence for finding in self.findings],
            "fingerprint": self.fingerprint,
        }
