"""Caches uint8 pictures in small files that may be deleted at any time.

There is one file per picture, written under a temporary name and then renamed, so that no process reads a half-written
file. The least recently used files are deleted first, but never those that this process itself uses: a data set larger
than the limit is cached in part instead of being written and deleted over and over. If anything goes wrong on disk, the
picture counts as not cached.
"""

import itertools
import logging
import os
import struct
import threading
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

import torch

GIGABYTE: Final = 2**30
_HEADER: Final = struct.Struct("<8sIII")  # magic, height, width, CRC-32 of the pixels
_MAGIC: Final = b"CNNLABW1"
_STALE_SECONDS: Final = 3600.0  # a half-written file this old was left by a process that has died
_LOG = logging.getLogger(__name__)


class _Entry(NamedTuple):
    used: float
    size: int
    path: str


class CacheFiles:
    """The files of one key, `<root>/<key>/`; the limit in bytes applies to all keys under `root` together."""

    def __init__(self, root: Path, key: str, *, limit_bytes: int) -> None:
        self._root = root
        self._folder = root / key
        self._limit = limit_bytes
        self._used: set[str] = set()
        self._writable = limit_bytes > 0
        self._unchecked = limit_bytes  # so that the first write checks what is already there
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    @property
    def writable(self) -> bool:
        """False once nothing more can be cached because the disk is full or the limit is reached."""
        return self._writable

    def names(self) -> frozenset[str]:
        """The names of all pictures cached at the moment."""
        names: set[str] = set()
        for _, _, files in os.walk(self._folder):
            names.update(files)  # half-written files have other names
        return frozenset(names)

    def read(self, name: str) -> torch.Tensor | None:
        """The uint8 picture (3, h, w), or None if it is missing or damaged."""
        path = self._path(name)
        try:
            data = bytearray(path.read_bytes())
        except OSError:
            return None
        picture = _unpack(data)
        if picture is None:
            with suppress(OSError):
                path.unlink()
        elif name not in self._used:
            self._used.add(name)
            with suppress(OSError):
                os.utime(path)  # once per process is enough to mark it as in use
        return picture

    def write(self, name: str, picture: torch.Tensor) -> None:
        """Cache the picture, if there is room."""
        if not self._writable:
            return
        pixels = picture.contiguous().numpy().tobytes()
        data = _HEADER.pack(_MAGIC, picture.shape[1], picture.shape[2], zlib.crc32(pixels)) + pixels
        with self._lock:
            self._used.add(name)
            self._make_room(len(data))
            if not self._writable:
                return
        try:
            self._place(self._path(name), data)
        except OSError as error:
            self._writable = False
            _LOG.warning("Working pictures are no longer cached in %s (%s); training continues.", self._root, error)

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name  # at most a few hundred files per folder

    def _place(self, path: Path, data: bytes) -> None:
        half = path.with_name(f"{path.name}.{os.getpid()}.{next(self._numbers)}.half")
        for last_try in (False, True):  # the folder may be deleted between creating and using it
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                half.write_bytes(data)
                half.replace(path)
            except FileNotFoundError:
                if last_try:
                    raise
            except OSError:
                with suppress(OSError):
                    half.unlink()
                raise
            else:
                return

    def _make_room(self, size: int) -> None:
        """Delete the least recently used files of others; measures the disk only now and then, as others write too."""
        self._unchecked += size
        if self._unchecked < self._limit // 16:
            return
        self._unchecked = 0
        entries = _entries(self._root)
        total = sum(entry.size for entry in entries) + size
        own = {str(self._path(name)) for name in self._used}
        for entry in sorted(entries):
            if total <= self._limit - self._limit // 8:
                return
            if entry.path not in own:
                with suppress(OSError):
                    Path(entry.path).unlink()
                total -= entry.size
        self._writable = total <= self._limit - self._limit // 16


def _unpack(data: bytearray) -> torch.Tensor | None:
    if len(data) < _HEADER.size:
        return None
    magic, height, width, checksum = _HEADER.unpack_from(data)
    pixels = memoryview(data)[_HEADER.size :]
    if magic != _MAGIC or len(pixels) != 3 * height * width or zlib.crc32(pixels) != checksum:
        return None
    return torch.frombuffer(data, dtype=torch.uint8, offset=_HEADER.size).view(3, height, width)


def _entries(folder: Path) -> list[_Entry]:
    """All files of the cache; also deletes half-written files that nobody will finish."""
    entries = []
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)  # noqa: PTH118 -- ten thousand Path objects would take longer than the rest
            try:
                status = os.stat(path)  # noqa: PTH116
                if name.endswith(".half") and time.time() - status.st_mtime > _STALE_SECONDS:
                    os.unlink(path)  # noqa: PTH108
                else:
                    entries.append(_Entry(status.st_mtime, status.st_size, path))
            except OSError:
                continue
    return entries
