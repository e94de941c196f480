"""Unpacks a zip of pictures that may be malicious.

Nothing is written outside the target, and nothing is left behind when the archive is rejected or unpacking is stopped.
"""

import lzma
import re
import shutil
import stat
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import IO, Final, NamedTuple

from cnnlab.data.formats import is_picture_name
from cnnlab.data.layout import is_passed_over
from cnnlab.data.progress import ProgressCallback, Stopped, check_stopped, report_progress
from cnnlab.errors import DataError, DiskError

COUNT_LIMIT: Final = 200_000
TOTAL_LIMIT_BYTES: Final = 20 * 2**30
RATIO_LIMIT: Final = 200
_RATIO_FREE_BYTES: Final = 64 * 2**20  # drawings in one colour can legitimately compress to a thousandth
_CHUNK_BYTES: Final = 2**20
_UTF8_NAME: Final = 0x800
_ENCRYPTED: Final = 0x1
_RESERVED: Final = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)))
)
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
_OLD_ENCODINGS: Final = (
    ("euc_kr", "Korean", ("HANGUL",)),
    ("cp1251", "Cyrillic", ("CYRILLIC",)),
    ("cp866", "Cyrillic", ("CYRILLIC",)),
    ("cp932", "Japanese", ("CJK", "HIRAGANA", "KATAKANA")),
    ("gb18030", "simplified Chinese", ("CJK",)),
    ("big5", "traditional Chinese", ("CJK",)),
    ("cp1252", "Western European", ("LATIN",)),
)
"""Code pages and the scripts they are for; those that could decode other text by accident come last."""
_BAD_CHARACTERS: Final = frozenset('<>:"|?*\\')


class Unpacked(NamedTuple):
    """Pictures written, their bytes, and files ignored because they do not have a picture's file extension.

    `refused` are the names of pictures left out because not every system can store them; `encoding` is the old code
    page of the names, as far as it can be guessed.
    """

    files: int
    size_bytes: int
    ignored: int
    refused: tuple[str, ...] = ()
    encoding: str | None = None


class Guess(NamedTuple):
    """Names whose encoding was guessed: the script, the code page, and the names as they would be stored."""

    writing: str
    encoding: str
    names: tuple[str, ...]


def guessed_names(source: IO[bytes]) -> Guess | None:
    """The folders, or else the pictures, whose names are in an old code page; reads only the zip's directory.

    None if nothing has to be guessed, or if this is not a valid zip: unpacking it then raises the error.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            encoding = _old_encoding(archive.infolist())
            if encoding is None:
                return None
            entries, _ = _checked(archive.infolist(), encoding)
    except (*_DAMAGED, OSError, DataError):
        return None
    names = [name for _, name in entries if is_picture_name(name.name)]
    folders = dict.fromkeys(part for name in names for part in name.parts[:-1] if not part.isascii())
    files = dict.fromkeys(name.name for name in names if not name.name.isascii())
    writing = next(writing for tried, writing, _ in _OLD_ENCODINGS if tried == encoding)
    return Guess(writing, encoding, tuple(folders or files))


def unpack_zip(
    source: Path | IO[bytes], target: Path, *, progress: ProgressCallback | None = None, stopped: Stopped | None = None
) -> Unpacked:
    """Write the pictures in the zip `source` into `target`, which must not exist yet; `progress` counts bytes.

    Raises:
        DataError: not a zip, damaged, encrypted or unsafe (paths that lead outside, links, too many files).
        DiskError: not enough disk space, or the target is not writable.
        StoppedError: `stopped` returned True.
    """
    if target.exists():
        raise DiskError(f"{str(target)!r} already exists; unpack into a new folder.", file=target)
    half: Path | None = None
    try:
        with zipfile.ZipFile(source) as archive:
            encoding = _old_encoding(archive.infolist())
            entries, refused = _checked(archive.infolist(), encoding)
            pictures = [(info, name) for info, name in entries if is_picture_name(name.name)]
            _check_room(target, sum(info.file_size for info, _ in pictures))
            target.parent.mkdir(parents=True, exist_ok=True)
            half = Path(tempfile.mkdtemp(prefix=f".{target.name}-", suffix=".half", dir=target.parent))
            size = _write_all(archive, pictures, half, progress, stopped)
        half.rename(target)
    except _DAMAGED as error:
        raise DataError(
            f"The zip cannot be unpacked ({error}); create it again with the default compression."
        ) from error
    except OSError as error:
        if error.errno is None:  # this is how the bzip2 decoder reports damaged input
            raise DataError(
                f"The zip cannot be unpacked ({error}); create it again with the default compression."
            ) from error
        raise DiskError(
            f"The zip cannot be unpacked to {str(target)!r} ({error.strerror or error}); check the disk.",
            file=target,
        ) from error
    finally:
        if half is not None:
            shutil.rmtree(half, ignore_errors=True)
    return Unpacked(len(pictures), size, len(entries) - len(pictures), refused, encoding)


def _checked(
    infos: Sequence[zipfile.ZipInfo], encoding: str | None
) -> tuple[list[tuple[zipfile.ZipInfo, PurePosixPath]], tuple[str, ...]]:
    """The archive's files with safe relative names, without hidden ones, and the names that cannot be stored.

    Raises:
        DataError: an entry is unsafe or the archive is too large.
    """
    if len(infos) > COUNT_LIMIT:
        raise DataError(
            f"The zip contains {len(infos):,} entries, more than the limit of {COUNT_LIMIT:,}; "
            "split it into smaller archives."
        )
    _check_sizes(infos)
    entries, refused = [], []
    for info in infos:
        name = _safe_name(info, encoding)
        _check_kind(info, name)
        if info.is_dir() or any(is_passed_over(part) for part in name.parts):
            continue
        if any(map(_cannot_be_stored, name.parts)):
            refused.append(str(name))
        else:
            entries.append((info, name))
    _check_distinct(name for _, name in entries)
    return entries, tuple(refused)


def _check_sizes(infos: Iterable[zipfile.ZipInfo]) -> None:
    total = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if total > TOTAL_LIMIT_BYTES:
        raise DataError(
            f"The zip unpacks to {total / 2**30:.1f} GB, more than the limit of {TOTAL_LIMIT_BYTES >> 30} GB; "
            "split it into smaller archives."
        )
    if total > _RATIO_FREE_BYTES and total > RATIO_LIMIT * max(packed, 1):
        raise DataError(
            f"The zip unpacks to {total // max(packed, 1):,} times its size, which pictures never do "
            f"(limit: {RATIO_LIMIT} times), so it was not unpacked; use another archive."
        )


def _check_kind(info: zipfile.ZipInfo, name: PurePosixPath) -> None:
    if info.flag_bits & _ENCRYPTED:
        raise DataError(f"{str(name)!r} in the zip is encrypted; pack it without a password.")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        what = "a link" if kind == stat.S_IFLNK else "a device or other special file"
        raise DataError(f"{str(name)!r} in the zip is {what}; pack the files themselves.")


def _safe_name(info: zipfile.ZipInfo, encoding: str | None) -> PurePosixPath:
    """The entry's name as a relative path; trailing dots and spaces of each part are removed.

    Raises:
        DataError: the name leads outside, or means something else on another system.
    """
    text = unicodedata.normalize("NFC", _decoded_name(info, encoding)).replace("\\", "/")
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if text.startswith("/") or ".." in parts or (parts and ":" in parts[0]):
        raise DataError(f"{text!r} in the zip points outside the target folder; create the zip with relative paths.")
    parts = [part.rstrip(". ") or part for part in parts]  # Windows drops them: a class `Carex sp.` is `Carex sp`
    if not parts and not info.is_dir():
        raise DataError(f"{text!r} in the zip is not a valid file name; create the zip again.")
    return PurePosixPath(*parts)


def is_reserved(name: str) -> bool:
    """Whether Windows reserves the name for a device, such as CON or LPT1."""
    return name.split(".")[0].strip().lower() in _RESERVED


def _cannot_be_stored(part: str) -> bool:
    odd = any(character in _BAD_CHARACTERS or ord(character) < 32 for character in part)
    return is_reserved(part) or odd or part != part.rstrip(". ") or len(part.encode("utf-8", "replace")) > 240


def _decoded_name(info: zipfile.ZipInfo, encoding: str | None) -> str:
    """The name; many programs (macOS among them) write UTF-8 without setting the UTF-8 flag."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    try:
        return info.filename.encode("cp437").decode(encoding or "utf-8")
    except UnicodeError:
        return info.filename


def _old_encoding(infos: Iterable[zipfile.ZipInfo]) -> str | None:
    """The code page of the names, if they are not UTF-8: the first in which all of them are plausible text."""
    try:
        raw = [info.filename.encode("cp437") for info in infos if not info.flag_bits & _UTF8_NAME]
    except UnicodeError:
        return None
    names = b"\n".join(raw)
    if names.isascii() or _decoded(names, "utf-8") is not None:
        return None
    return next((encoding for encoding, _, script in _OLD_ENCODINGS if _makes_sense(names, encoding, script)), None)


def _decoded(names: bytes, encoding: str) -> str | None:
    try:
        return names.decode(encoding)
    except UnicodeError:
        return None


def _makes_sense(names: bytes, encoding: str, script: tuple[str, ...]) -> bool:
    """Whether all non-ASCII letters are in the script; unless it is Latin, no word may mix them with ASCII letters."""
    text = _decoded(names, encoding)
    if text is None:
        return False
    words = [word for word in re.findall(r"[^\W\d_]+", text) if not word.isascii()]
    if script != ("LATIN",) and any(letter.isascii() for word in words for letter in word):
        return False
    foreign = [letter for letter in text if not letter.isascii()]
    return all(unicodedata.name(letter, "").startswith(script) for letter in foreign)


def _check_distinct(names: Iterable[PurePosixPath]) -> None:
    seen: set[str] = set()
    folders: set[str] = set()
    for name in names:
        folded = str(name).casefold()
        if folded in seen:
            raise DataError(f"{str(name)!r} is in the zip twice, ignoring upper and lower case; rename one.")
        seen.add(folded)
        folders.update(str(parent).casefold() for parent in name.parents)
    if clash := seen & folders:
        raise DataError(f"{min(clash)!r} is both a file and a folder in the zip; rename one.")


def _check_room(target: Path, size: int) -> None:
    existing = next(parent for parent in target.absolute().parents if parent.exists())
    free = shutil.disk_usage(existing).free
    if size > free:
        raise DiskError(
            f"The zip unpacks to {size / 2**20:.0f} MB, but only {free / 2**20:.0f} MB are free; free some disk space.",
            file=target,
        )


def _write_all(
    archive: zipfile.ZipFile,
    pictures: Sequence[tuple[zipfile.ZipInfo, PurePosixPath]],
    folder: Path,
    progress: ProgressCallback | None,
    stopped: Stopped | None,
) -> int:
    total = sum(info.file_size for info, _ in pictures)
    written = 0
    report_progress(progress, 0, total)
    for info, name in pictures:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        left = info.file_size
        with archive.open(info) as packed, path.open("xb") as unpacked:
            while chunk := packed.read(_CHUNK_BYTES):
                check_stopped(stopped, "Unpacking")
                left -= len(chunk)
                if left < 0:  # the sizes in an archive's directory may be false
                    raise DataError(
                        f"{str(name)!r} in the zip is larger than the zip's directory says; create the zip again."
                    )
                unpacked.write(chunk)
                written += len(chunk)
                report_progress(progress, written, total)
    return written
