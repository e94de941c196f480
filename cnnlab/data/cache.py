"""Pictures at working size, from the cache or made anew, with the same bits; knows nothing of labels or epochs."""

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
from cnnlab.data.progress import Progress, Stopped, check_stopped, report
from cnnlab.data.records import Picture
from cnnlab.data.threads import one_thread
from cnnlab.errors import DataError, PictureError

DEFAULT_LIMIT_BYTES: Final = 4 * GIGABYTE
_THREADS: Final = min(4, os.cpu_count() or 1)


class WorkingSet:
    """`working_set[i]` is picture i as uint8 (3, h, w) after the pipeline's leading steps.

    `folder` is the workspace's cache. It may be deleted at any moment; other processes may use it as well.
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
        """Some of the pictures, with the same cache: what one part uses, the others do not delete to make room."""
        part = WorkingSet(pictures, self.augmentation, self.folder, limit_bytes=self.limit_bytes)
        part._files = self._files
        return part

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> torch.Tensor:
        """Picture `index` at working size.

        Raises:
            DataError: its file is gone, has changed since the scan, or can no longer be decoded.
        """
        picture = self._files.read(content_hash(self.pictures[index].id))
        return self._make(index) if picture is None else picture

    def fetch(self, indices: Sequence[int]) -> list[torch.Tensor]:
        """These pictures in this order; those that are not in the cache are made by several threads at once.

        Raises:
            DataError: a file is gone, has changed since the scan, or can no longer be decoded.
        """
        found = {index: self._files.read(content_hash(self.pictures[index].id)) for index in indices}
        missing = [index for index, picture in found.items() if picture is None]
        if len(missing) > 1:
            with one_thread(), ThreadPoolExecutor(min(_THREADS, len(missing))) as pool:
                found.update(zip(missing, pool.map(self._make, missing), strict=True))
        else:
            found.update((index, self._make(index)) for index in missing)
        return [picture for index in indices if (picture := found[index]) is not None]

    def prepare(
        self,
        progress: Progress | None = None,
        stopped: Stopped | None = None,
        *,
        order: Sequence[int] | None = None,
        at_least: int = 0,
        patience_seconds: float = math.inf,
    ) -> None:
        """Make what is missing, with several threads, so that the first epoch is as fast as the others.

        In the given order, and not for longer than one wants to wait for a first step: what is left then is made batch
        by batch as it is needed. The first `at_least` of the order are made however long that takes.

        Raises:
            DataError: a file is gone, has changed since the scan, or can no longer be decoded.
            StoppedError: `stopped` said so.
        """
        kept, until = self._files.names(), time.monotonic() + patience_seconds
        missing = [
            (place, index)
            for place, index in enumerate(order if order is not None else range(len(self)))
            if content_hash(self.pictures[index].id) not in kept
        ]
        done = len(self) - len(missing)
        report(progress, done, len(self))
        with one_thread(), ThreadPoolExecutor(_THREADS) as pool:
            waiting: set[Future[torch.Tensor]] = set()
            try:
                for place, index in missing:
                    check_stopped(stopped, "Reading the pictures")
                    is_late = place >= at_least and time.monotonic() > until
                    if is_late or not self._files.writable:
                        break  # what is made now and not kept would be made again in the first epoch
                    waiting.add(pool.submit(self._make, index))
                    if len(waiting) >= 2 * _THREADS:  # results are pictures: a thousand of them need not wait in memory
                        finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                        done += _collect(finished)
                        report(progress, done, len(self))
                done += _collect(wait(waiting).done)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        report(progress, done, len(self))

    def _make(self, index: int) -> torch.Tensor:
        picture = self.pictures[index]
        content = content_hash(picture.id)
        try:
            data = read_file(picture.path)
            if picture_id(data) != content:
                raise DataError(f"{str(picture.path)!r} has changed since the scan; scan its folder again.")
            working = self.augmentation.working(decode(data, short_side=self.augmentation.short_side))
        except PictureError as error:
            raise DataError(f"{str(picture.path)!r} can no longer be used. {error}") from error
        self._files.write(content, working)
        return working


def _collect(finished: set[Future[torch.Tensor]]) -> int:
    """The number of those finished; an error in one of them is raised here."""
    for future in finished:
        future.result()
    return len(finished)
