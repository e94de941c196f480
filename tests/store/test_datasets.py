"""Data sets: registered once, scanned again when their files change, with numbered splits."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnlab.data import scan as scan_module
from cnnlab.data.access import check_path_allowed
from cnnlab.errors import AmbiguousLayoutError, DataError, RunStateError
from cnnlab.runs.filing import file_run
from cnnlab.runs.folder import RunFolder
from cnnlab.runs.pictures import check_unchanged, ensure_split
from cnnlab.store.datasets import forget, list_folder, path_from, path_text, pictures_of, register_folder, split_of


def test_a_folder_is_registered_once_however_it_is_named(store, pictures, monkeypatch):
    first = register_folder(store, pictures)
    monkeypatch.chdir(pictures.parent)
    assert register_folder(store, f"{pictures.name}/../{pictures.name}") == first
    assert first.classes == ("disc", "square") and first.images == 24
    assert len(pictures_of(store, first)) == 24
    assert [row["label"] for row in store.datasets.pictures(first.dataset_id, label="disc", offset=10)] == ["disc"] * 2


def test_an_unchanged_folder_is_not_scanned_again(store, pictures, monkeypatch):
    first = register_folder(store, pictures)
    monkeypatch.setattr("cnnlab.data.scan.scan_folder", None)
    assert register_folder(store, pictures) == first


def test_a_changed_folder_keeps_its_number_and_the_parts_of_its_old_pictures(store, pictures, configure):
    data = configure().data
    first = register_folder(store, pictures)
    split = ensure_split(store, first, data)
    assert ensure_split(store, first, data) == split
    picture = pictures / "disc" / "000.png"
    (pictures / "disc" / "new.png").write_bytes(picture.read_bytes()[:-1] + b"\0")
    second = register_folder(store, pictures)
    assert second.dataset_id == first.dataset_id and second.fingerprint != first.fingerprint
    later = ensure_split(store, second, data)
    assert (split.number, later.number) == (1, 2)
    assert {key: later.parts[key] for key in split.parts} == split.parts
    assert split_of(later).hash == later.hash
    assert [images for _, _, images in store.datasets.history(first.dataset_id)] == [24, 25]
    assert store.datasets.split(first.dataset_id, 1) == split  # immutable


def test_a_split_that_does_not_exist_is_an_error(store, pictures, configure):
    with pytest.raises(DataError, match="has no split 7"):
        ensure_split(store, register_folder(store, pictures), configure(data__split=7).data)


def test_the_error_for_a_missing_folder_names_it(store, tmp_path):
    with pytest.raises(DataError, match="nowhere"):
        register_folder(store, tmp_path / "nowhere")


def test_pictures_that_changed_during_a_run_are_named(store, pictures, configure):
    dataset = register_folder(store, pictures)
    run = file_run(store, configure())
    check_unchanged(store, run)  # it has not started
    run, folder = replace(run, fingerprint=dataset.fingerprint), RunFolder(store.workspace.runs / run.run_id)
    folder.create()
    rows = store.datasets.pictures(dataset.dataset_id)
    folder.write_pictures((row["picture_id"], Path(row["path"]).name, row["label"], "train") for row in rows)
    check_unchanged(store, run)
    (pictures / "square" / "extra.png").write_bytes((pictures / "disc" / "001.png").read_bytes())
    with pytest.raises(DataError, match=r"new: square/extra\.png"):
        check_unchanged(store, run)


def test_forgetting_deletes_only_files_that_the_lab_made(store, pictures, configure):
    theirs = register_folder(store, pictures)
    run = file_run(store, configure())
    with pytest.raises(RunStateError, match=run.run_id):
        forget(store, theirs.dataset_id)
    store.runs.remove(run.run_id)
    forget(store, theirs.dataset_id)
    assert pictures.exists() and store.datasets.all() == ()
    ours = store.workspace.datasets / "ours"
    pictures.rename(ours)
    made = register_folder(store, ours, owned=True, name="Ours")
    assert made.name == "Ours" and made.owned
    forget(store, made.dataset_id)
    assert not ours.exists()


def test_a_folder_taken_off_the_list_returns_when_it_is_registered_again(store, pictures):
    first = register_folder(store, pictures)
    forget(store, first.dataset_id)
    assert register_folder(store, pictures).dataset_id == first.dataset_id
    assert len(store.datasets.all()) == 1


def test_on_a_shared_server_only_folders_under_the_roots_are_allowed(tmp_path, monkeypatch):
    allowed, other = tmp_path / "allowed", tmp_path / "other"
    allowed.mkdir(), other.mkdir()
    monkeypatch.setenv("CNNLAB_DATA_ROOTS", os.pathsep.join([str(allowed), str(tmp_path / "more")]))
    assert check_path_allowed(other, server_address="localhost") == other
    assert check_path_allowed(allowed / "a", server_address="0.0.0.0") == allowed / "a"
    (allowed / "link").symlink_to(other)
    for path in (other, allowed / ".." / "other", allowed / "link"):
        with pytest.raises(DataError, match="CNNLAB_DATA_ROOTS"):
            check_path_allowed(path, server_address="0.0.0.0")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(min_size=1, max_size=40).filter(lambda raw: b"\0" not in raw))
def test_any_file_name_survives_the_store(raw):
    path = path_from(os.fsdecode(raw))
    assert path_from(path_text(path)) == path
    path_text(path).encode("utf-8")


def test_changes_behind_a_linked_class_folder_are_noticed(store, pictures, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (pictures / "disc").rename(elsewhere)
    (pictures / "disc").symlink_to(elsewhere, target_is_directory=True)
    first = register_folder(store, pictures)
    (elsewhere / "new.png").write_bytes((elsewhere / "000.png").read_bytes()[:-1] + b"\0")
    assert register_folder(store, pictures).images == first.images + 1
    (elsewhere / "new.png").unlink()
    assert register_folder(store, pictures).images == first.images


def test_a_file_with_repaired_permissions_is_scanned_again(store, pictures):
    first = list_folder(pictures)
    (pictures / "disc" / "000.png").chmod(0o600)
    assert list_folder(pictures) != first


def test_scanning_again_always_scans(store, pictures, monkeypatch):
    first = register_folder(store, pictures)
    looked = []
    scan = scan_module.scan_folder
    monkeypatch.setattr(scan_module, "scan_folder", lambda *given, **named: looked.append(1) or scan(*given, **named))
    assert register_folder(store, pictures, again=True).fingerprint == first.fingerprint
    assert looked == [1]


def test_an_answer_about_the_folders_is_kept_for_later_scans(store, pictures, tmp_path):
    root = tmp_path / "set"
    for part in ("training_set", "test_set"):
        shutil.copytree(pictures, root / part)
    with pytest.raises(AmbiguousLayoutError):
        register_folder(store, root)
    first = register_folder(store, root, reading="parts")
    assert first.classes == ("disc", "square")
    (root / "training_set" / "disc" / "000.png").unlink()
    assert register_folder(store, root).classes == ("disc", "square")


def test_a_folder_with_a_generic_name_includes_its_parents_name(store, pictures):
    target = pictures.parent / "animals" / "all"
    target.parent.mkdir()
    pictures.rename(target)
    assert register_folder(store, target).name == "animals/all"
