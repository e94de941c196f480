"""Scanning folders: what is found, what is reported, what is rejected."""

import csv
import json
import os
import shutil
import unicodedata

import pytest
from PIL import Image
from torchvision.datasets import ImageFolder

from cnnlab.data.layout import propose_folder
from cnnlab.data.records import Finding, Part
from cnnlab.data.scan import scan_folder
from cnnlab.errors import AmbiguousLayoutError, DataError, StoppedError
from cnnlab.names import as_unicode


def sentences(scan):
    return [finding.sentence for finding in scan.findings]


def test_classes_pictures_and_names_are_those_of_image_folder(folder):
    scan = scan_folder(folder)
    theirs = ImageFolder(folder)
    assert list(scan.classes) == theirs.classes == ["dog", "고양이"]
    assert [str(picture.path) for picture in scan.pictures] == [path for path, _ in theirs.samples]
    assert [scan.classes.index(picture.label) for picture in scan.pictures] == theirs.targets
    assert dict(scan.counts) == {"dog": 6, "고양이": 6}
    assert scan.pictures[0].width == 40
    assert scan.pictures[0].format == "PNG"
    assert not scan.unreadable
    assert not scan.findings


def test_the_json_has_the_documented_fields(folder):
    (folder / "dog" / "bad.jpg").write_bytes(b"no")
    shutil.copy(folder / "dog" / "photo 0.png", folder / "dog" / "copy.png")
    data = json.loads(json.dumps(scan_folder(folder).as_json()))
    assert data["images"] == 13
    assert data["classes"] == {"dog": 7, "고양이": 6}
    assert data["unreadable"][0]["file"] == "dog/bad.jpg"
    assert data["unreadable"][0]["reason"].endswith(".")
    assert data["duplicates"] == [["dog/copy.png", "dog/photo 0.png"]]
    assert data["near_duplicates"] is None
    assert data["leaks"] is None
    assert len(data["fingerprint"]) == 64


def test_a_fingerprint_survives_moving_and_renaming_but_not_a_new_picture(folder, tmp_path, noise):
    before = scan_folder(folder).fingerprint
    moved = folder.rename(tmp_path / "elsewhere")
    (moved / "dog" / "photo 0.png").rename(moved / "dog" / "zzz.png")
    assert scan_folder(moved).fingerprint == before
    noise(99).save(moved / "dog" / "new.png")
    assert scan_folder(moved).fingerprint != before


def test_train_val_and_test_folders_give_parts(folder, tmp_path):
    root = tmp_path / "parted"
    for name in ("train", "Valid", "test"):
        shutil.copytree(folder, root / name)
    scan = scan_folder(root)
    assert scan.classes == ("dog", "고양이")
    assert {picture.folder_part for picture in scan.pictures} == {Part.TRAIN, Part.VAL, Part.TEST}
    assert any("several parts" in warning for warning in sentences(scan))
    shutil.rmtree(root / "train" / "dog")
    assert any("'dog' has no training pictures" in warning for warning in sentences(scan_folder(root)))


def test_the_error_names_the_right_folder_one_level_down(folder, tmp_path):
    outer = tmp_path / "download"
    outer.mkdir()
    folder.rename(outer / "my pictures")
    (outer / "__MACOSX").mkdir()
    with pytest.raises(DataError, match=r"use '.*download/my pictures' instead"):
        scan_folder(outer)
    assert propose_folder(outer) == outer / "my pictures"
    assert propose_folder(outer / "my pictures") is None


def test_an_empty_class_is_left_out_with_a_warning(folder):
    (folder / "bird").mkdir()
    scan = scan_folder(folder)
    assert scan.classes == ("dog", "고양이")
    assert scan.counts["bird"] == 0
    assert any("'bird'" in warning for warning in sentences(scan))


def test_hidden_files_are_skipped_and_other_files_counted(folder, noise):
    noise(50).save(folder / "dog" / ".hidden.png")
    (folder / ".git").mkdir()
    (folder / "dog" / "notes.txt").write_text("hello")
    (folder / "dog" / "Thumbs.db").write_text("x")
    noise(51).save(folder / "beside.png")
    scan = scan_folder(folder)
    assert len(scan.pictures) == 12
    assert scan.ignored == 2
    assert any("1 .db, 1 .txt" in warning for warning in sentences(scan))
    assert any("'beside.png'" in warning for warning in sentences(scan))


def test_files_in_an_unsupported_picture_format_are_reported(folder):
    (folder / "dog" / "raw.NEF").write_bytes(b"x")
    assert "NEF pictures are not supported" in scan_folder(folder).unreadable[0].reason


@pytest.mark.skipif(os.name == "nt", reason="needs special permissions on Windows")
def test_circular_links_are_not_followed_for_ever(folder):
    (folder / "dog" / "again").symlink_to(folder / "dog", target_is_directory=True)
    (folder / "dog" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "dog" / "gone.png").symlink_to(folder / "nothing.png")
    scan = scan_folder(folder)
    assert {item.file for item in scan.unreadable} == {"dog/gone.png"}
    assert scan.counts["고양이"] == 6


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_a_pipe_does_not_block_the_scan(folder):
    os.mkfifo(folder / "dog" / "pipe.png")
    assert "not a regular file" in scan_folder(folder).unreadable[0].reason


def test_one_picture_in_two_classes_is_a_warning(folder):
    shutil.copy(folder / "dog" / "photo 0.png", folder / "고양이" / "dog.png")
    scan = scan_folder(folder)
    assert len({picture.id for picture in scan.pictures}) == 13
    assert any("several classes" in warning for warning in sentences(scan))


def test_an_unusable_folder_is_rejected_in_one_sentence(folder, tmp_path, noise):
    def message(path) -> str:
        with pytest.raises(DataError) as caught:
            scan_folder(path)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    assert "does not exist" in message(tmp_path / "nowhere")
    assert "is not a folder" in message(folder / "dog" / "photo 0.png")
    assert "not sorted by class" in message(folder / "dog")
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "contains no folders" in message(empty)
    (empty / "a").mkdir()
    (empty / "b").mkdir()
    assert "can be read" in message(empty)
    (empty / "b" / "x.png").write_bytes(b"x")
    assert "'b/x.png'" in message(empty)
    noise(1).save(empty / "a" / "x.png")
    assert "only one class, 'a' (no readable picture in 'b')" in message(empty)


def test_a_scan_reports_progress_and_can_be_stopped(folder):
    reports = []
    scan_folder(folder, progress=lambda done, total: reports.append((done, total)))
    assert reports == [(number, 12) for number in range(13)]
    with pytest.raises(StoppedError, match="stopped"):
        scan_folder(folder, stopped=lambda: True)


def test_all_odd_files_are_used_or_reported(real_data):
    with (real_data / "odd_images" / "MANIFEST.csv").open(encoding="utf-8") as file:
        verdicts = {row["file"]: row["verdict"] for row in csv.DictReader(file)}
    scan = scan_folder(real_data / "odd_images")
    used = {picture.path.relative_to(scan.root).as_posix() for picture in scan.pictures}
    named = {item.file for item in scan.unreadable}
    assert used == {name for name, verdict in verdicts.items() if verdict == "ok"}
    assert named == {name for name, verdict in verdicts.items() if verdict == "rejected"}
    assert len(used) + len(named) == 218
    assert all(item.reason.endswith(".") for item in scan.unreadable)


def test_rotated_photographs_are_turned_upright(real_data):
    scan = scan_folder(real_data / "odd_images")
    landscapes = [picture for picture in scan.pictures if picture.path.name.startswith("Landscape")]
    assert {(picture.width, picture.height) for picture in landscapes} == {(1800, 1200)}


def test_the_article_has_twenty_photographs_of_each_class(real_data):
    scan = scan_folder(real_data / "poodle_siamese" / "all")
    assert dict(scan.counts) == {"poodle": 20, "siamesecat": 20}
    with pytest.raises(DataError, match="poodle_siamese/all"):
        scan_folder(real_data / "poodle_siamese")


def fill(folder, noise, number=0):
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(2):
        noise(1000 + 10 * number + index).save(folder / f"{index}.png")


@pytest.mark.parametrize(
    "names", [("train", "val", "annotations"), ("training_set", "test_set"), ("Train", "Test data")]
)
def test_the_user_decides_how_folders_named_like_parts_are_read(tmp_path, noise, names):
    for position, name in enumerate(names):
        for label in ("cat", "dog"):
            fill(tmp_path / name / label, noise, 10 * position + len(label) + ord(label[0]))
    with pytest.raises(AmbiguousLayoutError, match="may be the parts"):
        scan_folder(tmp_path)
    assert scan_folder(tmp_path, reading="parts").classes == ("cat", "dog")
    assert set(scan_folder(tmp_path, reading="classes").classes) == set(names)


def test_folders_that_all_contain_the_same_folders_are_ambiguous(tmp_path, noise):
    for number, top in enumerate(("camera 1", "camera 2")):
        for label in ("cat", "dog"):
            fill(tmp_path / top / label, noise, 10 * number + ord(label[0]))
    with pytest.raises(AmbiguousLayoutError, match="all contain 'cat', 'dog'"):
        scan_folder(tmp_path)


def test_a_link_back_into_the_data_set_is_not_followed(folder):
    before = scan_folder(folder).counts
    (folder / "dog" / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "고양이" / "others").symlink_to(folder / "dog", target_is_directory=True)
    (folder / "all of it").symlink_to(folder, target_is_directory=True)
    assert scan_folder(folder).counts == before


@pytest.mark.parametrize(
    "name", ["@eaDir", "#recycle", ".thumbnails", "__MACOSX", ".ipynb_checkpoints", "$RECYCLE.BIN"]
)
def test_thumbnail_and_bin_folders_of_devices_are_ignored(folder, noise, name):
    before = scan_folder(folder).counts
    fill(folder / name, noise, 7)
    fill(folder / "dog" / name, noise, 8)
    scan = scan_folder(folder)
    assert scan.counts == before
    assert name.startswith(".") or any(name in warning for warning in sentences(scan))


def test_names_that_differ_in_unicode_form_or_case_are_one_class(tmp_path, noise):
    composed, decomposed = "école", unicodedata.normalize("NFD", "école")
    fill(tmp_path / "train" / composed, noise, 1)
    fill(tmp_path / "val" / decomposed, noise, 2)
    fill(tmp_path / "train" / "Cat", noise, 3)
    fill(tmp_path / "val" / "cat", noise, 4)
    scan = scan_folder(tmp_path)
    assert len(scan.classes) == 2
    assert composed in scan.classes
    assert sum("count as one class" in warning for warning in sentences(scan)) == 2


def test_numbered_classes_are_sorted_as_people_count(tmp_path, noise):
    for number in (10, 2, 1, 12):
        fill(tmp_path / str(number), noise, number)
    assert scan_folder(tmp_path).classes == ("1", "2", "10", "12")


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="cannot give up permissions here")
def test_a_folder_that_cannot_be_read_is_reported(folder, noise):
    fill(folder / "dog" / "closed", noise, 9)
    (folder / "dog" / "closed").chmod(0)
    for path in (folder, *folder.parents):
        if path.owner() == "root" and str(path) != path.anchor and os.geteuid() == 0:
            path.chmod(path.stat().st_mode | 0o055)
    was = os.geteuid()
    try:
        if was == 0:
            os.seteuid(65534)
        scan = scan_folder(folder)
    finally:
        os.seteuid(was)
        (folder / "dog" / "closed").chmod(0o755)
    assert ("dog/closed", True) in [(item.file, "cannot be read" in item.reason) for item in scan.unreadable]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("~nosuchuser/x", "not a valid folder path"),
        ("x" * 300, "not a valid folder path"),
        ("https://example.com/pets", "is a URL"),
        pytest.param(r"C:\pets", "Windows path", marks=pytest.mark.skipif(os.name == "nt", reason="valid on Windows")),
        ("a\0b", "not a valid folder path"),
    ],
)
def test_a_text_that_is_not_a_local_path_is_rejected_in_one_sentence(path, reason):
    with pytest.raises(DataError, match=reason):
        scan_folder(path)


def test_a_file_url_is_accepted(folder):
    assert scan_folder(folder.as_uri()).counts == scan_folder(folder).counts


@pytest.mark.skipif(os.name == "nt", reason="file names are always text on Windows")
def test_a_class_name_that_is_not_valid_unicode_is_the_same_everywhere(folder, noise):
    strange = os.fsdecode(b"caf\xe9")
    fill(folder / strange, noise, 5)
    scan = scan_folder(folder)
    assert as_unicode(strange) in scan.classes
    assert all(picture.path.exists() for picture in scan.pictures)
    assert json.dumps(scan.as_json(), ensure_ascii=False).encode("utf-8")


def test_a_finding_keeps_every_picture_it_concerns(tmp_path):
    """Including those that its sentence omits, and with names full of quotation marks."""
    names = [f'it\'s "{number}".png' if os.name != "nt" else f"{number}.png" for number in range(9)]
    for label in ("cat", "dog's"):
        (tmp_path / label).mkdir()
        for number, name in enumerate(names):
            Image.new("RGB", (9, 9), (20 * number, 0, 0)).save(tmp_path / label / name)
        Image.new("RGB", (9, 9), (0, len(label), 200)).save(tmp_path / label / "own.png")
    scan = scan_folder(tmp_path)
    (finding,) = (finding for finding in scan.findings if finding.kind == "several_classes")
    named = {picture.id: picture.path.name for picture in scan.pictures}
    assert sorted(named[identifier] for identifier in finding.pictures) == sorted(2 * names)
    assert Finding.from_json(json.loads(json.dumps(finding.as_json()))) == finding
