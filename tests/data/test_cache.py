"""Working pictures: the same bits from the cache and without it, whatever happens to the cache."""

import shutil
import threading

import pytest
import torch

from cnnlab.data.augmentation import Augmentation
from cnnlab.data.cache import WorkingSet
from cnnlab.data.cache_files import CacheFiles
from cnnlab.data.pipeline import make_pipeline
from cnnlab.data.scan import scan_folder
from cnnlab.errors import DataError, StoppedError


@pytest.fixture
def augmentation():
    return Augmentation(make_pipeline("light", 16))


@pytest.fixture
def pictures(folder, noise):
    noise(70, 900, 700).save(folder / "dog" / "large.jpg")
    return scan_folder(folder).pictures


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def same(first, second) -> bool:
    return all(torch.equal(first[index], second[index]) for index in range(len(first)))


def test_cached_and_uncached_pictures_are_equal(pictures, augmentation, tmp_path):
    uncached = WorkingSet(pictures, augmentation, tmp_path / "off", limit_bytes=0)
    cached = WorkingSet(pictures, augmentation, tmp_path / "cache")
    assert same(cached, uncached)
    assert same(cached, uncached)
    assert same(WorkingSet(pictures, augmentation, tmp_path / "cache"), uncached)
    assert not files(tmp_path / "off")
    assert len(files(tmp_path / "cache")) == len(pictures)
    assert min(cached[0].shape[1:]) == 18


def test_preparing_fills_the_cache_and_tells_its_progress(pictures, augmentation, tmp_path):
    told = []
    working = WorkingSet(pictures, augmentation, tmp_path / "cache")
    working.prepare(lambda done, total: told.append((done, total)))
    assert told[0] == (0, 13)
    assert told[-1] == (13, 13)
    assert told == sorted(told)
    for picture in pictures:
        picture.path.unlink()  # from here on the cache is all there is
    assert len([working[index] for index in range(13)]) == 13


def test_preparing_ends_when_time_is_up_and_the_rest_is_made_when_it_is_needed(pictures, augmentation, tmp_path):
    uncached = WorkingSet(pictures, augmentation, tmp_path / "off", limit_bytes=0)
    working, told = WorkingSet(pictures, augmentation, tmp_path / "cache"), []
    order = tuple(reversed(range(13)))
    working.prepare(lambda done, _: told.append(done), order=order, at_least=4, patience_seconds=0)
    names = {path.name for path in files(tmp_path / "cache")}
    assert names == {pictures[index].id for index in order[:4]} and told[-1] == 4
    fetched = working.fetch((12, 0, 5, 0))
    assert all(torch.equal(picture, uncached[index]) for picture, index in zip(fetched, (12, 0, 5, 0), strict=True))
    assert len(files(tmp_path / "cache")) == 6


def test_parts_of_a_set_know_what_the_others_use(pictures, augmentation, tmp_path):
    """Else a part that makes room would delete what another part reads in every epoch."""
    whole = WorkingSet(pictures, augmentation, tmp_path / "cache")
    whole.prepare()
    limit = sum(path.stat().st_size for path in files(tmp_path / "cache"))
    shutil.rmtree(tmp_path / "cache")
    tight = WorkingSet(pictures, augmentation, tmp_path / "cache", limit_bytes=limit)
    first, second = tight.part(pictures[:6]), tight.part(pictures[6:])
    first.prepare()
    kept = {path.name for path in files(tmp_path / "cache")}
    second.prepare()
    assert kept <= {path.name for path in files(tmp_path / "cache")}


def test_preparing_can_be_stopped(pictures, augmentation, tmp_path):
    with pytest.raises(StoppedError):
        WorkingSet(pictures, augmentation, tmp_path / "cache").prepare(stopped=lambda: True)


def test_the_cache_may_be_deleted_or_damaged_at_any_time(pictures, augmentation, tmp_path):
    uncached = WorkingSet(pictures, augmentation, tmp_path / "off", limit_bytes=0)
    cached = WorkingSet(pictures, augmentation, tmp_path / "cache")
    cached.prepare()
    for number, path in enumerate(files(tmp_path / "cache")):
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes([bytes(data), bytes(data[:-5]), b"", b"nonsense" * 9][number % 4])
    assert same(cached, uncached)
    shutil.rmtree(tmp_path / "cache")
    assert same(cached, uncached)
    assert len(files(tmp_path / "cache")) == len(pictures)


def test_a_cache_that_cannot_be_written_is_done_without(pictures, augmentation, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    working = WorkingSet(pictures, augmentation, tmp_path / "cache")
    working.prepare()
    assert same(working, WorkingSet(pictures, augmentation, tmp_path / "off", limit_bytes=0))


def test_a_changed_or_missing_file_is_named(pictures, augmentation, tmp_path, noise):
    working = WorkingSet(pictures, augmentation, tmp_path / "cache")
    noise(98).save(pictures[0].path)
    pictures[1].path.unlink()
    with pytest.raises(DataError, match=r"large.jpg.* has changed since the scan"):
        working[0]
    with pytest.raises(DataError, match=r"photo 0.png"):
        working[1]
    with pytest.raises(DataError):
        working.prepare()


def test_identical_files_share_one_working_picture(folder, augmentation, tmp_path):
    shutil.copy(folder / "dog" / "photo 0.png", folder / "dog" / "copy.png")
    working = WorkingSet(scan_folder(folder).pictures, augmentation, tmp_path / "cache")
    working.prepare()
    assert len(files(tmp_path / "cache")) == 12
    assert torch.equal(working[0], working[1])


def picture(value: int) -> torch.Tensor:
    return torch.full((3, 100, 100), value, dtype=torch.uint8)


def test_the_least_recently_used_go_first(tmp_path):
    old = CacheFiles(tmp_path, "old", limit_bytes=400_000)
    for number in range(10):
        old.write(f"{number:02d}", picture(number))
    new = CacheFiles(tmp_path, "new", limit_bytes=400_000)
    for number in range(5):
        new.write(f"{number:02d}", picture(number))
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 400_000
    assert all(new.read(f"{number:02d}") is not None for number in range(5))
    assert old.read("00") is None
    assert old.read("09") is not None


def test_a_data_set_beyond_the_limit_is_cached_in_part_and_not_in_turns(tmp_path):
    cache = CacheFiles(tmp_path, "key", limit_bytes=300_000)
    for number in range(30):
        cache.write(f"{number:02d}", picture(number))
    kept = sorted(int(name) for name in cache.names())
    assert kept == list(range(len(kept)))
    assert 5 <= len(kept) <= 10
    assert not cache.writable


def test_two_writers_and_a_reader_never_see_halves(tmp_path):
    caches = [CacheFiles(tmp_path, "key", limit_bytes=10**8) for _ in range(3)]
    wrong = []

    def write(cache) -> None:
        for number in range(60):
            cache.write(f"{number % 6:02d}", picture(number % 6))

    def read() -> None:
        for number in range(200):
            found = caches[2].read(f"{number % 6:02d}")
            if found is not None and not torch.equal(found, picture(number % 6)):
                wrong.append(number)

    threads = [threading.Thread(target=write, args=(cache,)) for cache in caches[:2]] + [threading.Thread(target=read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(files(tmp_path)) == 6
