"""Ids, hashes and seeds that depend on content alone, for pictures, data sets and samples."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from cnnlab.data.records import Picture

_COUNTER = "+"


def picture_id(source: bytes | Path) -> str:
    """SHA-256 of the file's bytes, as 64 hexadecimal digits."""
    data = source.read_bytes() if isinstance(source, Path) else source
    return hashlib.sha256(data).hexdigest()


def numbered(ids: Iterable[str]) -> list[str]:
    """The same ids with `+1`, `+2`, ... appended to the second, third, ... of each, so that all differ."""
    seen: dict[str, int] = {}
    result = []
    for identifier in ids:
        count = seen.get(identifier, 0)
        seen[identifier] = count + 1
        result.append(f"{identifier}{_COUNTER}{count}" if count else identifier)
    return result


def content_hash(identifier: str) -> str:
    """The id without its counter: equal for identical files."""
    return identifier.partition(_COUNTER)[0]


def identical(pictures: Iterable[Picture]) -> list[list[Picture]]:
    """Groups of pictures with the same content; those that occur only once are left out."""
    groups: dict[str, list[Picture]] = {}
    for picture in pictures:
        groups.setdefault(content_hash(picture.id), []).append(picture)
    return [group for group in groups.values() if len(group) > 1]


def fingerprint(pairs: Iterable[tuple[str, str]]) -> str:
    """Hash of the (label, id) pairs of a data set, independent of their order."""
    return digest(*(text for pair in sorted(pairs) for text in pair))


def digest(*texts: object) -> str:
    """SHA-256 of a list of texts; their lengths are hashed too, so that ("ab", "c") and ("a", "bc") differ."""
    state = hashlib.sha256()
    for text in texts:
        data = str(text).encode("utf-8", "surrogatepass")  # file names need not be valid Unicode
        state.update(len(data).to_bytes(8, "big"))
        state.update(data)
    return state.hexdigest()


def key(*texts: object) -> int:
    """A 63-bit seed from all the texts: equal texts give equal seeds, in every process and on every machine."""
    return int(digest(*texts)[:16], 16) >> 1
