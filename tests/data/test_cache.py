"""Working pictures have the same bits with and without the cache, whatever happens to the cache."""

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


def test_preparing_fills_the_cache_and_reports_progress(pictures, augmentation, tmp_path):
    reports = []
    working = WorkingSet(pictures, augmentation, tmp_path / "cache")
    working.prepare(lambda done, total: reports.append((done, total)))
    assert reports[0] == (0, 13)
    assert reports[-1] == (13, 13)
    assert reports == sorted(reports)
    for picture in pictures:
        picture.path.unlink()  # from here on the cache is all there is
    assert len([working[index] for index in range(13)]) == 13


def test_preparing_ends_after_its_time_and_the_rest_is_made_on_demand(pictures, augmentation, tmp_path):
    uncached = WorkingSet(pictures, augmentation, tmp_path / "off", limit_bytes=0)
    working, reports = WorkingSet(pictures, augmentation, tmp_path / "cache"), []
    order = tuple(reversed(range(13)))
    working.prepare(lambda done, _: reports.append(done), order=order, at_least=4, patience_seconds=0)
    names = {path.name for path in files(tmp_path / "cache")}
    assert names == {pictures[index].id for index in order[:4]} and reports[-1] == 4
    fetched = working.fetch((12, 0, 5, 0))
    assert all(torch.equal(picture, uncached[index]) for picture, index in zip(fetched, (12, 0, 5, 0), strict=True))
    assert len(files(tmp_path / "cache")) == 6


def test_a_part_of_a_set_does_not_delete_what_another_part_uses(pictures, augmentation, tmp_path):
    """The parts share one record of which files are in use."""
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


def test_an_unwritable_cache_is_not_used(pictures, augmentation, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    working = WorkingSet(pictures, augmentation, tmp_path / "cache")
    working.prepare()
    assert same(working, WorkingSet(pictures, augmentation, tmp_path / "off", limit_bytes=0))


def test_the_error_names_a_changed_or_missing_file(pictures, augmentation, tmp_path, noise):
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


def test_the_least_recently_used_files_are_deleted_first(tmp_path):
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


def test_a_data_set_larger_than_the_limit_is_cached_in_part(tmp_path):
    cache = CacheFiles(tmp_path, "key", limit_bytes=300_000)
    for number in range(30):
        cache.write(f"{number:02d}", picture(number))
    kept = sorted(int(name) for name in cache.names())
    assert kept == list(range(len(kept)))
    assert 5 <= len(kept) <= 10
    assert not cache.writable


def test_a_reader_never_sees_a_half_written_file(tmp_path):
    caches = [CacheFiles(tmp_path, "key", limit_bytes=10**8) for _ in range(3)]
    wrong = []

    def write(cache) -> None:
        for number in range(60):
            cache.write(f"{number % 6:02d}", picture(number % 6))

    def read() -> None:
        for number in range(200):
            read_back = caches[2].read(f"{number % 6:02d}")
            if read_back is not None and not torch.equal(read_back, picture(number % 6)):
                wrong.append(number)

    threads = [threading.Thread(target=write, args=(cache,)) for cache in caches[:2]] + [threading.Thread(target=read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(files(tmp_path)) == 6
