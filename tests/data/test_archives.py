"""Well-formed archives are unpacked; all others are rejected and leave nothing behind."""

import io
import os
import stat
import struct
import zipfile
import zlib

import pytest

from cnnlab.data import archives
from cnnlab.data.archives import Guess, guessed_names, unpack_zip
from cnnlab.data.scan import scan_folder
from cnnlab.errors import DataError, DiskError, StoppedError


def packed(*entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    buffer.seek(0)
    return buffer


def check_rejected(source, tmp_path, match: str, error: type[Exception] = DataError, **options) -> None:
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(error, match=match) as caught:
        unpack_zip(source, tmp_path / "in" / "target", **options)
    assert "\n" not in str(caught.value)
    assert [path for path in sorted(tmp_path.rglob("*")) if path.name != "in"] == before


def test_a_zipped_folder_of_pictures_is_unpacked_unchanged(folder, tmp_path):
    entries = [(path.relative_to(folder).as_posix(), path.read_bytes()) for path in folder.rglob("*.png")]
    reports = []
    unpacked = unpack_zip(
        packed(*entries, ("readme.txt", b"x"), ("__MACOSX/dog/._a.png", b"x"), ("dog/.DS_Store", b"x")),
        tmp_path / "new" / "target",
        progress=lambda done, total: reports.append((done, total)),
    )
    assert unpacked.files == 12
    assert unpacked.ignored == 1
    assert reports[0] == (0, unpacked.size_bytes)
    assert reports[-1] == (unpacked.size_bytes, unpacked.size_bytes)
    assert scan_folder(tmp_path / "new" / "target").fingerprint == scan_folder(folder).fingerprint
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["target"]


@pytest.mark.parametrize(
    "name",
    [
        "../a.png",
        "a/../../b.png",
        "/etc/a.png",
        "C:/a.png",
        "c:a.png",
        "..\\a.png",
        "\\\\host\\share\\a.png",
        "a/..\\..\\b.png",
    ],
)
def test_names_that_lead_outside_are_rejected(name, tmp_path):
    check_rejected(packed(("a/ok.png", b"x"), (name, b"x")), tmp_path, "points outside the target folder")


@pytest.mark.parametrize(
    ("kind", "word"), [(stat.S_IFLNK, "a link"), (stat.S_IFIFO, "a device"), (stat.S_IFCHR, "a device")]
)
def test_links_and_devices_are_rejected(kind, word, tmp_path):
    info = zipfile.ZipInfo("a/link.png")
    info.external_attr = (kind | 0o777) << 16
    check_rejected(packed((info, b"/etc/passwd")), tmp_path, word)


def test_a_zip_bomb_is_rejected_before_it_is_unpacked(tmp_path):
    check_rejected(packed(("a/zeros.bmp", bytes(80 * 2**20))), tmp_path, "times its size")


def test_too_many_and_too_large_files_are_rejected(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "COUNT_LIMIT", 2)
    check_rejected(
        packed(*((f"{number}.png", b"x") for number in range(3))), tmp_path, "3 entries, more than the limit of 2"
    )
    monkeypatch.setattr(archives, "TOTAL_LIMIT_BYTES", 10)
    check_rejected(packed(("a.png", os.urandom(20))), tmp_path, "limit of 0 GB")


def test_an_archive_that_lies_about_sizes_is_rejected(tmp_path):
    data = bytearray(packed(("a/x.png", bytes(5000))).getvalue())
    for offset in (data.index(b"PK\x03\x04") + 22, data.index(b"PK\x01\x02") + 24):
        data[offset : offset + 4] = struct.pack("<I", 10)
    check_rejected(io.BytesIO(data), tmp_path, "zip")


@pytest.mark.parametrize("names", [("a/x.png", "A/X.PNG"), ("a/x.png", "a/x.png/y.png")])
def test_names_that_collide_are_rejected(names, tmp_path):
    check_rejected(packed(*((name, b"x") for name in names)), tmp_path, "in the zip")


def test_encrypted_entries_are_rejected(tmp_path):
    data = bytearray(packed(("a/x.png", b"x")).getvalue())
    for offset in (data.index(b"PK\x03\x04") + 6, data.index(b"PK\x01\x02") + 8):
        data[offset] |= 1
    check_rejected(io.BytesIO(data), tmp_path, "encrypted")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damage_is_reported_and_leaves_nothing_behind(method, tmp_path):
    data = bytearray(packed(("a/x.png", os.urandom(5000)), method=method).getvalue())
    for offset in range(1000, 1200):
        data[offset] ^= 0xFF
    check_rejected(io.BytesIO(data), tmp_path, "cannot be unpacked")


@pytest.mark.parametrize("data", [b"", b"not a zip", b"PK\x03\x04 cut"])
def test_a_file_that_is_not_a_zip_is_rejected(data, tmp_path):
    check_rejected(io.BytesIO(data), tmp_path, "cannot be unpacked")


def test_unpacking_can_be_stopped_and_leaves_nothing_behind(tmp_path):
    answers = iter([False, True])
    entries = [(f"a/{number}.png", b"x") for number in range(5)]
    check_rejected(packed(*entries), tmp_path, "stopped", StoppedError, stopped=lambda: next(answers))


def test_a_full_disk_is_noticed_before_unpacking(tmp_path, monkeypatch):
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1})())
    check_rejected(packed(("a/x.png", b"xx")), tmp_path, "free some disk space", DiskError)


def test_an_existing_folder_is_left_alone(tmp_path):
    (tmp_path / "target").mkdir()
    with pytest.raises(DiskError, match="already exists"):
        unpack_zip(packed(("a.png", b"x")), tmp_path / "target")


def test_utf8_names_without_the_flag_are_read_as_utf8(tmp_path):
    data = packed(("푸들/a.png", b"x")).getvalue()
    unflagged = bytearray(data)
    for offset in (data.index(b"PK\x03\x04") + 6, data.index(b"PK\x01\x02") + 8):
        unflagged[offset + 1] &= ~0x08
    unpack_zip(io.BytesIO(unflagged), tmp_path / "target")
    assert (tmp_path / "target" / "푸들" / "a.png").exists()


def test_names_that_windows_cannot_store_are_left_out_and_reported(folder, tmp_path):
    good = next(folder.rglob("*.png")).read_bytes()
    source = packed(("a/ok.png", good), ("a/aux.png", good), ("b/ok.png", good), ("b/why?.png", good))
    unpacked = unpack_zip(source, tmp_path / "target")
    assert unpacked.refused == ("a/aux.png", "b/why?.png")
    assert sorted(path.name for path in (tmp_path / "target").rglob("*.png")) == ["ok.png", "ok.png"]


def test_a_class_name_that_ends_with_a_dot_loses_only_the_dot(folder, tmp_path):
    good = next(folder.rglob("*.png")).read_bytes()
    unpacked = unpack_zip(packed(("Carex sp./1.png", good), ("Poa/1.png", good)), tmp_path / "target")
    assert unpacked.refused == ()
    assert sorted(path.name for path in (tmp_path / "target").iterdir()) == ["Carex sp", "Poa"]


@pytest.mark.parametrize(
    ("encoding", "label"), [("cp932", "犬と猫"), ("gb18030", "小狗"), ("euc_kr", "고양이"), ("cp1251", "собака")]
)
def test_names_in_an_old_code_page_are_guessed(folder, tmp_path, encoding, label):
    good = next(folder.rglob("*.png")).read_bytes()
    raw = rewritten(f"{label}/1.png".encode(encoding), good)
    unpacked = unpack_zip(io.BytesIO(raw), tmp_path / "target")
    assert unpacked.encoding is not None
    assert [path.name for path in (tmp_path / "target").iterdir()] == [label]


@pytest.mark.parametrize(
    ("encoding", "label", "writing"),
    [("cp932", "犬と猫", "Japanese"), ("euc_kr", "고양이", "Korean"), ("cp1251", "собака", "Cyrillic")],
)
def test_guessed_names_are_known_before_anything_is_unpacked(encoding, label, writing):
    raw = rewritten(f"all/{label}/1.png".encode(encoding), b"not a picture")
    assert guessed_names(io.BytesIO(raw)) == Guess(writing, encoding, (label,))


def test_nothing_is_guessed_if_the_names_are_clear_or_the_file_is_not_a_zip():
    assert guessed_names(packed(("푸들/a.png", b"x"), ("cat/b.png", b"x"))) is None
    assert guessed_names(io.BytesIO(b"not a zip")) is None
    assert guessed_names(io.BytesIO(rewritten("../犬と猫/1.png".encode("cp932"), b"x"))) is None


def rewritten(name: bytes, data: bytes) -> bytes:
    """A zip of one file whose name is these bytes, without the UTF-8 flag, as old programs wrote it."""
    crc = zlib.crc32(data)
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, 0, 33, crc, len(data), len(data), len(name), 0)
    central = struct.pack(
        "<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 0, 0, 33, crc, len(data), len(data), len(name), 0, 0, 0, 0, 0, 0
    )
    start = len(local) + len(name) + len(data)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(central) + len(name), start, 0)
    return local + name + data + central + name + end
