"""Pictures at working size, from the cache or made anew, with the same bits; knows nothing of labels or epochs."""

import os
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

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> torch.Tensor:
        """Picture `index` at working size.

        Raises:
            DataError: its file is gone, has changed since the scan, or can no longer be decoded.
        """
        picture = self._files.read(content_hash(self.pictures[index].id))
        return self._make(index) if picture is None else picture

    def prepare(self, progress: Progress | None = None, stopped: Stopped | None = None) -> None:
        """Make all that is missing, with several threads, so that the first epoch is as fast as the others.

        Raises:
            DataError: a file is gone, has changed since the scan, or can no longer be decoded.
            StoppedError: `stopped` said so.
        """
        missing = [i for i, picture in enumerate(self.pictures) if not self._files.has(content_hash(picture.id))]
        done = len(self) - len(missing)
        report(progress, done, len(self))
        with one_thread(), ThreadPoolExecutor(_THREADS) as pool:
            waiting: set[Future[torch.Tensor]] = set()
            try:
                for index in missing:
                    check_stopped(stopped, "Reading the pictures")
                    if not self._files.writable:
                        break  # made now and not kept, it would be made again in the first epoch
                    waiting.add(pool.submit(self._make, index))
                    if len(waiting) >= 2 * _THREADS:  # results are pictures: a thousand of them need not wait in memory
                        finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                        done += _collect(finished)
                        report(progress, done, len(self))
                _collect(wait(waiting).done)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        report(progress, len(self), len(self))

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
