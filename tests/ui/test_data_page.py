"""The Data page in every state that can be tested without a browser; tasks run in this process, in sequence."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnnlab.runs.pictures import ensure_split
from cnnlab.store.datasets import register_folder
from cnnlab.store.store import Store
from cnnlab.tasks.process import run_task
from cnnlab.training.config import DataConfig
from cnnlab.ui import keys
from cnnlab.ui.data_page import collection
from cnnlab.ui.next_run import split_choice
from cnnlab.ui.resources import store
from cnnlab.workspace import PROJECT_ROOT


@pytest.fixture
def started(monkeypatch) -> list[str]:
    """Kinds of the tasks that were started; each one runs at once, in this process."""
    kinds: list[str] = []

    def start(opened: Store, kind: str, arguments: Mapping[str, Any]) -> str:
        kinds.append(kind)
        task_id = opened.tasks.file(kind, arguments)
        run_task(opened, task_id)
        return task_id

    monkeypatch.setattr("cnnlab.ui.data_page.work.start_task", start)
    return kinds


@pytest.fixture
def data_page(open_page, started):
    """The page on an empty workspace."""
    return open_page("data")


@pytest.fixture
def filled_page(open_page, started, workspace, picture_folder):
    """The page with two classes of six pictures."""
    register_folder(store(), picture_folder)
    return open_page("data")


def png(shade: int, size: tuple[int, int] = (40, 30)) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", size, (shade, 90, 255 - shade)).save(data, "PNG")
    return data.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def texts(elements) -> str:
    return " ".join(element.value for element in elements)


def metrics(page) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def choose_source(page, name: str):
    page.button_group(key=keys.DATA_SOURCE).set_value(name).run()
    return page


def type_path(page, path: Path | str):
    return page.text_input(key=keys.DATA_PATH).set_value(str(path)).run()


def test_a_typed_folder_is_checked_and_added(data_page, picture_folder, started):
    assert data_page.button(key=keys.DATA_ADD).disabled
    type_path(data_page, picture_folder)
    assert "12 pictures" in texts(data_page.success)
    data_page.button(key=keys.DATA_ADD).click().run()
    assert metrics(data_page)["Pictures"] == "12"
    assert metrics(data_page)["Smallest"] == "80 x 72"
    assert not data_page.error
    assert not data_page.exception
    assert started == ["scan", "thumbnails"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (None, "does not exist"),
        ({"a.png": png(1), "b.png": png(2)}, "not sorted by class"),
        ({"cats/a.png": png(1)}, "only one class"),
        ({"cats/notes.txt": b"text", "dogs/more.txt": b"text"}, "picture's file extension"),
    ],
)
def test_a_folder_that_cannot_be_used_is_reported_as_soon_as_it_is_typed(data_page, tmp_path, files, expected):
    folder = tmp_path / "wrong"
    if files is not None:
        write(folder, files)
    type_path(data_page, folder)
    assert expected in texts(data_page.error)
    assert data_page.button(key=keys.DATA_ADD).disabled


@pytest.mark.parametrize("typed", ["\0", "~nobody_has_this_name/x", "   ", "relative/that/is/not", "x" * 5000])
def test_no_text_in_the_path_breaks_the_page(data_page, typed):
    type_path(data_page, typed)
    assert not data_page.exception
    assert data_page.button(key=keys.DATA_ADD).disabled


def test_a_folder_around_the_classes_suggests_the_inner_one(data_page, picture_folder):
    type_path(data_page, picture_folder.parent / "outer")
    outer = picture_folder.parent / "outer"
    outer.mkdir()
    picture_folder.rename(outer / "inner")
    type_path(data_page, outer)
    data_page.button(key=keys.DATA_USE_INNER).click().run()
    assert data_page.text_input(key=keys.DATA_PATH).value == str(outer / "inner")
    assert not data_page.button(key=keys.DATA_ADD).disabled


def test_a_server_open_to_others_accepts_no_path_outside_its_roots(data_page, picture_folder, monkeypatch):
    monkeypatch.setattr("cnnlab.ui.data_page.from_folder._address", lambda: "0.0.0.0")
    type_path(data_page, picture_folder)
    assert "may not be opened" in texts(data_page.error)


def test_unreadable_files_are_listed_with_a_reason(open_page, started, workspace, picture_folder):
    (picture_folder / "red" / "text.jpg").write_text("no picture at all")
    (picture_folder / "red" / "copy.png").write_bytes((picture_folder / "red" / "0.png").read_bytes())
    (picture_folder / "red" / "notes.txt").write_text("notes")
    register_folder(store(), picture_folder)
    page = open_page("data")
    assert metrics(page)["Unreadable"] == "1"
    text = texts(page.markdown)
    assert "1 file cannot be read" in text
    assert "2 files are copies of 1 picture" in text
    page.button(key=f"{keys.DATA_FINDING}.0").click().run()
    table = page.dataframe[0].value
    assert table["file"].tolist() == ["red/text.jpg"]
    assert "not a picture in a known format" in table["reason"][0]


def test_a_folder_without_readable_files_is_rejected_and_the_reason_stays(data_page, tmp_path):
    write(tmp_path / "broken", {"a/1.jpg": b"text", "b/2.jpg": b"text"})
    type_path(data_page, tmp_path / "broken")
    data_page.button(key=keys.DATA_ADD).click().run()
    data_page.run()
    assert "can be read" in texts(data_page.error)
    assert store().datasets.all() == ()


@pytest.mark.parametrize(("name", "is_repeated"), [("dogs", False), ("all the dogs of our street", True)])
def test_the_sidebar_repeats_a_name_that_the_field_cuts_off(open_page, workspace, picture_folder, name, is_repeated):
    register_folder(store(), picture_folder, name=name)
    captions = [caption.value for caption in open_page("data").sidebar.caption]
    assert (f"**{name}**: 12 pictures, 2 classes" in captions) is is_repeated


def test_a_zip_is_unpacked_and_its_upload_is_not_kept(data_page, workspace):
    files = {f"out/{label}/{n}.png": png(100 * index + n) for index, label in enumerate("ab") for n in range(4)}
    choose_source(data_page, "zip")
    upload = ("animals.zip", zipped({**files, "out/readme.txt": b"hello"}), "application/zip")
    data_page.file_uploader[0].set_value(upload).run()
    data_page.button(key=keys.DATA_ADD).click().run()
    assert metrics(data_page)["Pictures"] == "8"
    (dataset,) = store().datasets.all()
    assert (dataset.name, dataset.owned) == ("animals", True)
    assert list((workspace.home / "uploads").iterdir()) == []


def test_guessed_names_of_a_zip_are_shown_before_it_is_unpacked(data_page, started):
    choose_source(data_page, "zip")
    data = zipped({"AB/1.png": png(1), "CD/1.png": png(2)})
    for name, label in ((b"AB", "犬"), (b"CD", "猫")):
        data = data.replace(name + b"/", label.encode("cp932") + b"/")
    data_page.file_uploader[0].set_value(("old.zip", data, "application/zip")).run()
    assert "Names guessed as Japanese (cp932): 犬, 猫." in texts(data_page.info)
    assert started == []
    assert not data_page.button(key=keys.DATA_ADD).disabled
    data_page.button(key=keys.DATA_ADD).click().run()
    (dataset,) = store().datasets.all()
    assert dataset.classes == ("犬", "猫")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"this is no zip", "cannot be unpacked"),
        (zipped({"../../out.png": png(1)}), "points outside the target folder"),
        (zipped({"a/1.png": png(1)}), "class"),
        (zipped({}), "contains no folders"),
    ],
)
def test_a_bad_zip_is_rejected_and_leaves_nothing_behind(data_page, workspace, content, expected):
    choose_source(data_page, "zip")
    data_page.file_uploader[0].set_value(("bad.zip", content, "application/zip")).run()
    data_page.button(key=keys.DATA_ADD).click().run()
    assert expected in texts(data_page.error)
    assert not data_page.exception
    assert list((workspace.home / "uploads").iterdir()) == []
    assert list(workspace.datasets.iterdir()) == []


def add_photos(page, label: str, *files: tuple[str, bytes]):
    (collection.begun() / label).mkdir(parents=True, exist_ok=True)  # AppTest's select box does not accept new options
    page.run()
    page.selectbox(key=keys.DATA_LABEL).set_value(label)
    page.file_uploader[0].set_value([(name, data, "image/png") for name, data in files]).run()
    return page.button(key=keys.DATA_ADD).click().run()


def test_photos_become_a_data_set_once_they_have_two_classes(data_page):
    choose_source(data_page, "photos")
    add_photos(data_page, "cat", ("1.png", png(1)), ("2.png", png(2)))
    assert store().datasets.all() == ()
    assert "second class" in texts(data_page.caption)
    add_photos(data_page, "dog", ("3.png", png(3)), ("text.png", b"no picture"))
    (dataset,) = store().datasets.all()
    assert dataset.counts == {"cat": 2, "dog": 1}
    assert dataset.owned
    assert "text.png" in texts(data_page.error)


def test_the_camera_stays_off_until_someone_turns_it_on(data_page):
    choose_source(data_page, "photos")
    assert not data_page.get("camera_input")
    data_page.toggle(key=keys.DATA_CAMERA_ON).set_value(True).run()
    assert data_page.get("camera_input")


def test_bundled_pictures_are_added(data_page):
    choose_source(data_page, "bundled")
    data_page.button_group(key=keys.DATA_SAMPLES).set_value("digits").run()
    data_page.number_input(key=keys.DATA_PER_CLASS).set_value(5).run()
    data_page.button(key=keys.DATA_ADD).click().run()
    assert metrics(data_page)["Pictures"] == "50"
    assert metrics(data_page)["Classes"] == "10"


def test_a_double_click_starts_one_task(open_page, monkeypatch, picture_folder, workspace):
    monkeypatch.setattr("cnnlab.tasks.launch.start_detached", lambda *_, **__: NeverEnding())
    page = type_path(open_page("data"), picture_folder)
    page.button(key=keys.DATA_ADD).click().run()
    page.button(key=keys.DATA_ADD).click().run()
    (task,) = store().tasks.open_tasks()
    assert page.get("progress")
    page.button(key=f"{keys.DATA_STOP}.{task.task_id}").click().run()
    assert store().tasks.open_tasks() == ()
    assert metrics(page) == {}


class NeverEnding:
    """A process that has started and does nothing."""

    def poll(self) -> None:
        return None


def test_a_new_split_is_numbered_and_used_by_the_next_run(filled_page):
    (dataset,) = store().datasets.all()
    assert [split.number for split in store().datasets.splits(dataset.dataset_id)] == [1]
    filled_page.number_input(key=keys.DATA_SPLIT_VAL).set_value(50.0).run()
    filled_page.button(key=keys.DATA_SPLIT_MAKE).click().run()
    first, second = store().datasets.splits(dataset.dataset_id)
    assert list(second.parts.values()).count("val") == 6
    assert split_choice.current(dataset).val_fraction == 0.5
    filled_page.button(key=keys.DATA_SPLIT_MAKE).click().run()
    assert len(store().datasets.splits(dataset.dataset_id)) == 2
    filled_page.selectbox(key=f"{keys.DATA_SPLIT}.{dataset.dataset_id}").set_value(first.number).run()
    assert split_choice.current(dataset).val_fraction == 0.2


def test_a_split_that_leaves_nothing_to_train_on_is_rejected(filled_page):
    filled_page.number_input(key=keys.DATA_SPLIT_VAL).set_value(60.0).run()
    filled_page.number_input(key=keys.DATA_SPLIT_TEST).set_value(40.0).run()
    assert "leave at least" in texts(filled_page.error)
    assert filled_page.button(key=keys.DATA_SPLIT_MAKE).disabled


def test_the_split_chosen_here_appears_on_the_train_page(filled_page):
    filled_page.number_input(key=keys.DATA_SPLIT_VAL).set_value(30.0).run()
    filled_page.button(key=keys.DATA_SPLIT_MAKE).click().run()
    filled_page.switch_page("pages/train.py").run()
    assert any("8 training, 4 validation pictures" in caption.value for caption in filled_page.caption)


def test_a_renamed_data_set_stays_chosen(filled_page):
    (dataset,) = store().datasets.all()
    filled_page.text_input(key=f"{keys.DATA_NAME}.{dataset.dataset_id}").set_value(" Colours  of mine ").run()
    filled_page.button(key=keys.DATA_RENAME).click().run()
    assert filled_page.selectbox(key=keys.DATASET).value == "Colours of mine"
    assert metrics(filled_page)["Pictures"] == "12"
    filled_page.text_input(key=f"{keys.DATA_NAME}.{dataset.dataset_id}").set_value("  ").run()
    filled_page.button(key=keys.DATA_RENAME).click().run()
    assert "needs a name" in texts(filled_page.error)


def test_forgetting_keeps_the_users_own_files(filled_page, picture_folder):
    assert "stay where they are" in texts(filled_page.markdown)
    filled_page.button(key=keys.DATA_FORGET).click().run()
    assert store().datasets.all() == ()
    assert len(list(picture_folder.rglob("*.png"))) == 12
    assert filled_page.button(key=keys.EMPTY_NEXT)


def test_forgetting_deletes_what_the_lab_made(data_page, workspace):
    choose_source(data_page, "bundled")
    data_page.number_input(key=keys.DATA_PER_CLASS).set_value(4).run()
    data_page.button(key=keys.DATA_ADD).click().run()
    assert "**deleted**" in texts(data_page.markdown)
    data_page.button(key=keys.DATA_FORGET).click().run()
    assert list(workspace.datasets.iterdir()) == []


def test_a_changed_folder_is_reported_and_can_be_scanned_again(filled_page, picture_folder):
    assert not filled_page.warning
    (picture_folder / "red" / "new.png").write_bytes(png(77))
    clear_listing()
    filled_page.run()
    assert "changed since" in texts(filled_page.warning)
    (dataset,) = store().datasets.all()
    before = ensure_split(store(), dataset, DataConfig(path=dataset.path))
    filled_page.button(key=keys.DATA_CHANGED).click().run()
    assert metrics(filled_page)["Pictures"] == "13"
    assert not filled_page.warning
    _, after = store().datasets.splits(dataset.dataset_id)
    assert before.parts.items() <= after.parts.items()


def reopened(page):
    """The page in a new session with the same address."""
    other = AppTest.from_file(str(PROJECT_ROOT / "app.py"), default_timeout=60)
    for name, value in page.query_params.items():
        other.query_params[name] = value
    return other.switch_page("pages/data.py").run()


def clear_listing() -> None:
    from cnnlab.ui.data_page import reading

    reading._listing.clear()


def test_a_missing_folder_is_reported_and_the_rest_stays(filled_page, picture_folder):
    picture_folder.rename(picture_folder.with_name("elsewhere"))
    filled_page.run()
    assert "no longer exists" in texts(filled_page.warning)
    assert metrics(filled_page)["Pictures"] == "12"
    assert not filled_page.exception


def test_class_part_and_page_come_from_the_address(open_page, started, workspace, tmp_path):
    write(tmp_path / "many", {f"{label}/{n}.png": png(n) for label in "ab" for n in range(100)})
    register_folder(store(), tmp_path / "many")
    page = open_page("data")
    page.query_params.update({keys.DATA_CLASS: "b", keys.DATA_PART: "Training", keys.DATA_PAGE: "2"})
    page = reopened(page)
    assert "80 pictures of 200" in texts(page.caption)
    assert page.session_state[keys.DATA_PAGE] == 2
    page.button_group(key=keys.DATA_PART).set_value("val").run()
    assert "20 pictures of 200" in texts(page.caption)
    page.selectbox(key=keys.DATA_CLASS).set_value(None).run()
    assert "40 pictures of 200" in texts(page.caption)


@pytest.mark.parametrize("query", [{"class": "nothing"}, {"part": "nothing"}, {"page": "999"}, {"page": "x"}])
def test_an_address_with_nonsense_still_shows_the_page(filled_page, query):
    for name, value in query.items():
        filled_page.query_params[name] = value
    filled_page.run()
    assert not filled_page.exception
    assert not filled_page.error


def test_a_hundred_classes_with_long_names_are_shown(open_page, started, workspace, tmp_path):
    names = [f"{index:03} a class whose name is longer than its column_{'x' * 40}" for index in range(100)]
    write(tmp_path / "many", {f"{name}/{n}.png": png(n + index) for index, name in enumerate(names) for n in (0, 1)})
    register_folder(store(), tmp_path / "many")
    page = open_page("data")
    assert not page.exception
    assert not page.error
    assert metrics(page)["Classes"] == "100"
    assert len(page.selectbox(key=keys.DATA_CLASS).options) == 100


def test_the_source_stays_chosen_after_a_change_of_page_and_a_refresh(data_page, open_page):
    choose_source(data_page, "bundled")
    data_page.switch_page("pages/train.py").run()
    data_page.switch_page("pages/data.py").run()
    assert data_page.button(key=keys.DATA_ADD).label == "Add drawings"
    assert open_page("data").button(key=keys.DATA_ADD).label == "Add drawings"


@pytest.mark.slow
def test_a_page_full_of_pictures_does_not_import_torch_into_the_server(filled_page):
    script = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=60).run()
app.switch_page("pages/data.py").run()
assert not app.exception and len(app.metric) == 5
print("torch" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip().splitlines()[-1] == "False"
