import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from cnnlab.data.samples import write_samples
from cnnlab.data.samples.painting import paint
from cnnlab.data.scan import scan_folder
from cnnlab.errors import DataError, UsageError


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples") / "drawings"
    write_samples("drawings", folder, per_class=3, seed=7)
    return folder


def test_drawings_are_an_image_folder_of_two_classes(drawings: Path) -> None:
    scan = scan_folder(drawings)
    assert scan.classes == ("poodle", "siamese_cat")
    assert dict(scan.counts) == {"poodle": 3, "siamese_cat": 3}
    assert not scan.unreadable
    assert {(picture.width, picture.height) for picture in scan.pictures} == {(256, 256)}


def test_every_drawing_has_a_mask_beside_the_folder(drawings: Path) -> None:
    masks = drawings.with_name("drawings_masks")
    for picture in drawings.glob("*/*.jpg"):
        mask = np.asarray(Image.open(masks / picture.parent.name / f"{picture.stem}.png"))
        assert mask.shape == (256, 256)
        assert 0.03 < (mask > 127).mean() < 0.9


def test_the_same_seed_gives_the_same_bytes_however_many_are_written(drawings: Path, tmp_path: Path) -> None:
    write_samples("drawings", tmp_path / "drawings", per_class=1, seed=7)
    for name, content in contents(tmp_path / "drawings").items():
        assert content == contents(drawings)[name]


def test_another_seed_gives_other_drawings() -> None:
    first, second = (np.asarray(paint("poodle", seed=seed, number=0).picture, dtype=float) for seed in (0, 1))
    assert np.abs(first - second).mean() > 5


def test_writing_twice_changes_nothing_and_more_adds(tmp_path: Path) -> None:
    folder = tmp_path / "drawings"
    write_samples("drawings", folder, per_class=1, seed=1)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.jpg")}
    assert write_samples("drawings", folder, per_class=2, seed=1).images == 4
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_an_interrupted_write_is_finished_by_the_next_call(tmp_path: Path) -> None:
    class InterruptionError(Exception):
        pass

    def interrupt(done: int, total: int) -> None:
        if done == 2:
            raise InterruptionError

    with pytest.raises(InterruptionError):
        write_samples("drawings", tmp_path / "cut", per_class=2, seed=3, progress=interrupt)
    half_written = tmp_path / "cut" / "poodle" / ".poodle_00002.jpg.part"
    half_written.write_bytes(b"half")
    (tmp_path / "cut" / "poodle" / "poodle_00002.jpg").unlink()

    reports = []
    write_samples("drawings", tmp_path / "cut", per_class=2, seed=3, progress=lambda *step: reports.append(step))
    write_samples("drawings", tmp_path / "whole", per_class=2, seed=3)
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")
    assert contents(tmp_path / "cut_masks") == contents(tmp_path / "whole_masks")
    assert reports == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_folder_of_other_samples_is_rejected(drawings: Path) -> None:
    with pytest.raises(DataError, match=r"seed 7.*requested.*seed 8"):
        write_samples("drawings", drawings, per_class=1, seed=8)


def test_the_error_names_a_damaged_note(tmp_path: Path) -> None:
    (tmp_path / ".samples.json").write_text("{")
    with pytest.raises(DataError, match=r"\.samples\.json"):
        write_samples("digits", tmp_path, per_class=1, seed=0)


@pytest.mark.parametrize(("name", "per_class"), [("cats", 1), ("drawings", 0)])
def test_an_unknown_name_and_a_count_of_zero_are_rejected(tmp_path: Path, name: str, per_class: int) -> None:
    with pytest.raises(UsageError, match=name if per_class else "got 0"):
        write_samples(name, tmp_path, per_class=per_class, seed=0)
    assert not list(tmp_path.iterdir())


def test_digits_keep_every_measured_value(tmp_path: Path) -> None:
    written = write_samples("digits", tmp_path / "digits", per_class=2, seed=0)
    assert (written.images, written.classes, written.masks) == (20, tuple("0123456789"), None)
    assert json.loads((tmp_path / "digits" / ".samples.json").read_text())["seed"] is None
    source = load_digits()
    pixels = np.asarray(Image.open(tmp_path / "digits" / "3" / "3_00002.png"))
    ink = np.round((1 - pixels[4::8, 4::8] / 255) * 16)
    assert (ink == source.images[source.target == 3][1]).all()


def test_all_digits_are_included(tmp_path: Path) -> None:
    assert write_samples("digits", tmp_path / "digits", per_class=1000, seed=0).images == 1797
