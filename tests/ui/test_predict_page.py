"""The Predict page: choice of runs and pictures, and files that are not pictures.

The helper's functions run in this process: their results are real, without a separate process.
"""

import csv
import io
import shutil

import pytest
from PIL import ExifTags, Image

from cnnlab.helper import predict as work
from cnnlab.runs.housekeeping import delete_run, run_folder
from cnnlab.store.datasets import pictures_of
from cnnlab.store.records import Status
from cnnlab.ui import keys
from cnnlab.ui.predict_page import answers, many_pictures, one_picture
from cnnlab.ui.predict_page.sources import Asked
from cnnlab.ui.resources import store

pytestmark = pytest.mark.slow  # three tiny networks are trained once


TURNED = Image.Exif()
TURNED[ExifTags.Base.Orientation] = 6


@pytest.fixture
def lab(workspace, trained_home, monkeypatch):
    """The workspace with the runs; yields their ids by family."""
    shutil.copytree(trained_home, workspace.home, dirs_exist_ok=True)
    monkeypatch.setattr("cnnlab.helper.front.start_warming", lambda: None)
    monkeypatch.setattr("cnnlab.helper.front.ask", lambda function, *args, **kwargs: function(*args, **kwargs))
    monkeypatch.setattr(
        "cnnlab.helper.front.ask_within", lambda _, function, *args, **kwargs: function(*args, **kwargs)
    )
    yield {run.family: run.run_id for run in store().runs.list()}
    work._kept.clear()
    work._stores.clear()
    answers._predictions.clear()
    answers._heat.clear()


def picture(kind="PNG", mode="RGB", size=(60, 40), **options):
    data = io.BytesIO()
    Image.new(mode, size, 120).save(data, kind, **options)
    return data.getvalue()


def upload(page, *files):
    page.file_uploader(key=keys.PREDICT_UPLOAD).set_value(list(files)).run()
    assert not page.exception
    return page


def texts(page):
    kinds = ("markdown", "caption", "info", "error", "subheader")
    return " ".join(element.value for kind in kinds for element in page.get(kind))


def table(page):
    return next(frame for frame in page.dataframe if frame.key == keys.PREDICT_SHOWN).value


def test_one_run_of_each_family_is_chosen_at_first(open_page, lab):
    page = open_page("predict")
    assert not page.error
    assert set(page.multiselect(key=keys.PREDICT_RUNS).value) == set(lab.values())
    assert "Choose a picture" in texts(page)


def test_the_address_contains_the_chosen_runs(open_page, lab):
    page = open_page("predict")
    page.multiselect(key=keys.PREDICT_RUNS).set_value([lab["vgg"]]).run()
    assert page.query_params[keys.RUNS] == lab["vgg"]
    page.multiselect(key=keys.PREDICT_RUNS).set_value([]).run()
    assert "Choose a run" in texts(page)


def test_every_run_predicts_a_picture_with_its_time_and_pre_processing(open_page, lab):
    page = upload(open_page("predict"), ("a `strange` *name*.png", picture(), "image/png"))
    assert not page.error
    text = texts(page)
    assert "All 3 runs predict" in text or "The runs disagree" in text
    assert text.count("sees 32 x 32 pixels") == 3
    assert text.count("ms on one core") == 3
    assert text.count("at layer `") == 3
    saved = [button for button in page.get("download_button") if button.key.startswith(keys.PREDICT_HEAT)]
    assert len(saved) == 3


def test_classes_that_are_not_shown_are_counted(open_page, lab, monkeypatch):
    monkeypatch.setattr(one_picture, "SHOWN_CLASSES", 1)
    page = upload(open_page("predict"), ("one.png", picture(), "image/png"))
    assert texts(page).count("1 more class: ") == 3


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("text.jpg", b"this is no picture"),
        ("empty.png", b""),
        ("cut.jpg", picture("JPEG", size=(400, 300))[:600]),
        ("page.png", b"<html><script>alert(1)</script></html>"),
    ],
)
def test_a_file_that_is_not_a_picture_is_reported_with_the_reason(open_page, lab, name, data):
    page = upload(open_page("predict"), (name, data, "image/jpeg"))
    assert name in page.error[0].value
    assert len(page.error) == 1


def test_a_decompression_bomb_is_rejected_and_the_other_files_are_read(open_page, lab):
    bomb = picture("PNG", "1", (30_000, 30_000))
    page = upload(
        open_page("predict"),
        ("bomb.png", bomb, "image/png"),
        ("good.png", picture(), "image/png"),
        ("text.jpg", b"text", "image/jpeg"),
    )
    assert not page.error
    rows = table(page).set_index("picture")
    assert rows.loc["good.png", "vgg tiny"] and isinstance(rows.loc["bomb.png", "error"], str)
    assert rows.loc["bomb.png", "error"] and rows.loc["text.jpg", "error"]
    assert "2 files could not be read" in texts(page)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("cmyk.jpg", picture("JPEG", "CMYK")),
        ("grey.png", picture("PNG", "L")),
        ("deep.png", picture("PNG", "I;16")),
        ("palette.gif", picture("GIF", "P")),
        ("alpha.webp", picture("WEBP", "RGBA")),
        (
            "turned.jpg",
            picture("JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"),
        ),
    ],
)
def test_unusual_pictures_are_read_like_any_other(open_page, lab, name, data):
    page = upload(open_page("predict"), (name, data, ""))
    assert not page.error
    assert "ms on one core" in texts(page)


def test_a_photo_from_an_iphone_is_read(open_page, lab):
    pillow_heif = pytest.importorskip("pillow_heif")
    data = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 48), "red")).save(data)
    page = upload(open_page("predict"), ("photo.heic", data.getvalue(), "image/heic"))
    assert not page.error


def test_a_picture_of_the_data_set_shows_its_true_class_and_the_runs_trained_on_it(open_page, lab):
    page = open_page("predict")
    page.button_group(key=keys.PREDICT_SOURCE).set_value("Data set").run()
    chosen = next(
        known
        for known in pictures_of(store(), store().datasets.all()[0])
        if answers.part_of(store().runs.get(lab["vgg"]), known.id) == "train"
    )
    page.session_state[keys.PREDICT_PICTURE] = (chosen.id, store().datasets.all()[0].dataset_id)
    page.run()
    assert not page.exception and not page.error
    assert f"true class **{chosen.label}**" in texts(page)
    assert "Trained on this picture" in texts(page)
    assert page.query_params[keys.PICTURE] == chosen.id[:12]


def test_a_link_to_a_picture_of_the_data_set_opens_it(open_page, lab):
    chosen = pictures_of(store(), store().datasets.all()[0])[5]
    page = open_page("home")
    page.query_params[keys.PICTURE] = chosen.id[:12]
    page.switch_page("pages/predict.py")
    page.query_params[keys.PICTURE] = chosen.id[:12]
    page.run()
    assert chosen.path.name in texts(page)


def test_all_pictures_of_a_page_are_predicted_with_right_and_wrong_marked(open_page, lab):
    page = open_page("predict")
    page.button_group(key=keys.PREDICT_SOURCE).set_value("Data set").run()
    page.toggle(key=keys.PREDICT_ALL).set_value(True).run()
    assert not page.exception and not page.error
    rows = table(page)
    assert len(rows) == 12
    for truth, predicted in zip(rows["true class"], rows["vgg tiny"], strict=True):
        assert predicted.startswith("✓" if truth in predicted else "✗")


def test_a_run_still_training_predicts_with_the_weights_of_its_checkpoint(open_page, lab):
    folder = run_folder(store(), store().runs.get(lab["vgg"]))
    checkpoint = folder.checkpoints / "8"
    checkpoint.mkdir(parents=True, exist_ok=True)
    shutil.move(folder.best, checkpoint / "best.safetensors")
    (checkpoint / "state.json").write_text("{}")
    assert store().runs.update(lab["vgg"], ended=None) is None
    page = open_page("predict")
    page.multiselect(key=keys.PREDICT_RUNS).set_value([lab["vgg"]]).run()
    upload(page, ("good.png", picture(), "image/png"))
    assert not page.error and "ms on one core" in texts(page)


def test_a_run_deleted_in_another_tab_is_no_longer_chosen(open_page, lab):
    page = upload(open_page("predict"), ("good.png", picture(), "image/png"))
    delete_run(store(), lab["resnet"])
    page.run()
    assert not page.exception and not page.error
    assert set(page.multiselect(key=keys.PREDICT_RUNS).value) == {lab["vgg"], lab["googlenet"]}


def test_a_queued_run_cannot_be_chosen(open_page, lab):
    run = store().runs.get(lab["vgg"])
    names = ("name", "family", "preset", "config", "device", "threads", "epochs")
    waiting = store().runs.add({name: getattr(run, name) for name in names}, token=None)
    assert waiting.status is Status.QUEUED
    page = open_page("predict")
    assert waiting.run_id not in page.multiselect(key=keys.PREDICT_RUNS).value
    assert len(page.multiselect(key=keys.PREDICT_RUNS).options) == 3


def test_the_downloaded_table_has_every_probability_and_no_formula(lab, workspace):
    asked = [Asked(name="=1+1.png", source=picture()), Asked(name="bad.png", source=b"bad")]
    predictions = work.predict(
        list(lab.values()), [picture_asked.source for picture_asked in asked], workspace=workspace
    )
    rows = list(csv.DictReader(io.StringIO(many_pictures.table_csv(asked, predictions))))
    assert len(rows) == 6
    assert rows[0]["file"] == "'=1+1.png"
    assert float(rows[0]["blue"]) + float(rows[0]["red"]) == pytest.approx(1, abs=1e-5)
    assert rows[1]["error"] and not rows[1]["predicted_class"]


def test_an_upload_is_still_there_after_another_page_until_it_is_removed(open_page, lab):
    page = upload(open_page("predict"), ("one.png", picture(), "image/png"))
    held = page.session_state[keys.PREDICT_HELD]
    assert held == [("one.png", picture())]
    again = open_page("predict")
    again.session_state[keys.PREDICT_HELD] = held
    again.run()
    assert "Uploaded earlier: one" in texts(again)
    assert "Choose a picture" not in texts(again)
    again.button(key=keys.PREDICT_HELD_REMOVE).click().run()
    assert "Choose a picture" in texts(again)
