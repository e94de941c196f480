"""Plain frozen records that describe a folder of pictures."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self, TypeAlias

MeanStd: TypeAlias = tuple[tuple[float, float, float], tuple[float, float, float]]
"""Mean and standard deviation of red, green and blue, in [0, 1]."""


class Part(StrEnum):
    """What a picture is used for: to train, to validate during training, or to test once at the very end."""

    TRAIN = "train"
    VAL = "val"
    TEST = "test"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One readable picture. `width` and `height` are in pixels, upright; `format` is Pillow's name for the content.

    `id` is the SHA-256 of the file's bytes, with a counter from the second identical file on; `folder_part` is the part
    given by a train / val / test folder, if there is one.
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
    """How much a finding matters: a warning distorts results or loses pictures, a note is only good to know."""

    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something odd about a data set. `kind` is for programs, `sentence` is for people.

    It concerns `pictures` (by id), all pictures of `classes`, or `files` with a reason each; the lists are complete,
    however many entries a page shows.
    """

    kind: str
    severity: Severity
    sentence: str
    pictures: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, object]:
        """As plain values for the store, without empty fields."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The finding from the values that `as_json` returned."""
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
    """The result of scanning a folder.

    `classes` are those with at least one readable picture, in a fixed order (a picture's target is the index of its
    label in them); `empty_classes` are folders without one. `duplicates` groups identical files; `findings` are other
    oddities, the most serious first.
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
        """The object that `cnnlab scan --json` prints; null stands for anything that was not examined."""
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
