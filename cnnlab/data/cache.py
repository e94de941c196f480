"""Pictures at working size, read from the cache or computed, with the same bits either way."""

import math
import os
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Final

import torch

from cnnlab.data.augmentation import Augmentation
from cnnlab.data.cache_files import GIGABYTE, CacheFiles
from cnnlab.data.decoding import decode, read_file
from cnnlab.data.identity import content_hash, picture_id
from cnnlab.data.progress import ProgressCallback, Stopped, check_stopped, report_progress
from cnnlab.data.records import Picture
from cnnlab.data.threads import one_thread
from cnnlab.errors import DataError, PictureError

DEFAULT_LIMIT_BYTES: Final = 4 * GIGABYTE
_THREADS: Final = min(4, os.cpu_count() or 1)


class WorkingSet:
    """`working_set[i]` is picture i as uint8 (3, h, w) after the pipeline's leading steps.

    `folder` is the workspace's cache. It may be deleted at any time, and other processes may use it too.
    """

    def __init__(
        self,
        pictures: Sequence[Picture],
        augmentation: Augmentation,
        folder: Path,
        *,
        limit_bytes: int = DEFAULT_LIMIT_BYTES,
    ) -> None:
        self.pictures = tuple(pictures)
        self.augmentation = augmentation
        self.folder = folder
        self.limit_bytes = limit_bytes
        self._files = CacheFiles(folder, augmentation.working_key, limit_bytes=limit_bytes)

    def part(self, pictures: Sequence[Picture]) -> "WorkingSet":
        """Some of the pictures, with the same cache: no part deletes files that another part uses."""
        part = WorkingSet(pictures, self.augmentation, self.folder, limit_bytes=self.limit_bytes)
        part._files = self._files
        return part

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> torch.Tensor:
        """Picture `index` at working size.

        Raises:
            DataError: its file is missing, has changed since the scan, or can no longer be decoded.
        """
        picture = self._files.read(content_hash(self.pictures[index].id))
        return self._make(index) if picture is None else picture

    def fetch(self, indices: Sequence[int]) -> list[torch.Tensor]:
        """These pictures in this order; those not in the cache are computed in several threads.

        Raises:
            DataError: a file is missing, has changed since the scan, or can no longer be decoded.
        """
        pictures = {index: self._files.read(content_hash(self.pictures[index].id)) for index in indices}
        missing = [index for index, picture in pictures.items() if picture is None]
        if len(missing) > 1:
            with one_thread(), ThreadPoolExecutor(min(_THREADS, len(missing))) as pool:
                pictures.update(zip(missing, pool.map(self._make, missing), strict=True))
        else:
            pictures.update((index, self._make(index)) for index in missing)
        return [picture for index in indices if (picture := pictures[index]) is not None]

    def prepare(
        self,
        progress: ProgressCallback | None = None,
        stopped: Stopped | None = None,
        *,
        order: Sequence[int] | None = None,
        at_least: int = 0,
        patience_seconds: float = math.inf,
    ) -> None:
        """Compute the missing pictures in several threads, so that the first epoch is as fast as the others.

        Works in the given order for at most `patience_seconds`; the rest are computed batch by batch as they are
        needed. The first `at_least` in the order are computed however long that takes.

        Raises:
            DataError: a file is missing, has changed since the scan, or can no longer be decoded.
            StoppedError: `stopped` returned True.
        """
        cached, deadline = self._files.names(), time.monotonic() + patience_seconds
        missing = [
            (position, index)
            for position, index in enumerate(order if order is not None else range(len(self)))
            if content_hash(self.pictures[index].id) not in cached
        ]
        done = len(self) - len(missing)
        report_progress(progress, done, len(self))
        with one_thread(), ThreadPoolExecutor(_THREADS) as pool:
            waiting: set[Future[torch.Tensor]] = set()
            try:
                for position, index in missing:
                    check_stopped(stopped, "Reading the pictures")
                    is_late = position >= at_least and time.monotonic() > deadline
                    if is_late or not self._files.writable:
                        break  # pictures that cannot be cached now would be computed again in the first epoch
                    waiting.add(pool.submit(self._make, index))
                    if len(waiting) >= 2 * _THREADS:  # results are pictures, so do not hold a thousand in memory
                        finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                        done += _collect(finished)
                        report_progress(progress, done, len(self))
                done += _collect(wait(waiting).done)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        report_progress(progress, done, len(self))

    def _make(self, index: int) -> torch.Tensor:
        picture = self.pictures[index]
        content = content_hash(picture.id)
        try:
            data = read_file(picture.path)
            if picture_id(data) != content:
                raise DataError(
                    f"{str(picture.path)!r} has changed since the scan; scan its folder again.", file=picture.path
                )
            working = self.augmentation.working(decode(data, short_side=self.augmentation.short_side))
        except PictureError as error:
            raise DataError(f"{str(picture.path)!r} can no longer be used. {error}", file=picture.path) from error
        self._files.write(content, working)
        return working


def _collect(finished: set[Future[torch.Tensor]]) -> int:
    """The number of finished pictures; raises the error of any that failed."""
    for future in finished:
        future.result()
    return len(finished)
