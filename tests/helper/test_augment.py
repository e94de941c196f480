import hashlib
import io
from pathlib import Path

import pytest
import torch
from PIL import Image

from cnnlab.data.augmentation import Augmentation
from cnnlab.data.cache import WorkingSet
from cnnlab.data.loading import TrainBatches
from cnnlab.data.pipeline import Pipeline, Step, make_pipeline
from cnnlab.data.records import Picture
from cnnlab.data.scan import scan_folder
from cnnlab.errors import ConfigError, DataError
from cnnlab.helper import augment
from cnnlab.workspace import Workspace

Pictures = tuple[Picture, ...]


def test_a_gallery_shows_bit_for_bit_what_the_loop_gets(pictures: Pictures, workspace: Workspace) -> None:
    pipeline = make_pipeline("strong", 32)
    augmentation = Augmentation(pipeline)
    working = WorkingSet(pictures, augmentation, workspace.cache)
    batches = TrainBatches(working, [0] * len(pictures), augmentation, batch_size=4, seed=7)
    for epoch in (1, 2):
        shown = augment.strip(pictures, pipeline, workspace=workspace, seed=7, epoch=epoch)
        for batch in batches.epoch(epoch):
            for index, image in zip(batch.indices, batch.images, strict=True):
                assert shown[index].digest == hashlib.sha256(image.numpy().tobytes()).hexdigest()
        alone = augment.gallery(pictures[2], pipeline, workspace=workspace, seed=7, epochs=[epoch])
        assert alone.samples[0] == shown[2]


def test_figures_are_those_of_the_normalised_tensor(pictures: Pictures, workspace: Workspace) -> None:
    pipeline = make_pipeline("article", 32)
    [sample] = augment.gallery(pictures[0], pipeline, workspace=workspace, seed=0, epochs=[1]).samples
    assert sample.figures.shape == (3, 32, 32)
    assert 0 <= sample.figures.minimum < sample.figures.mean < sample.figures.maximum <= 1
    imagenet = pipeline.model_copy(update={"normalisation": "imagenet"})
    [normalised] = augment.gallery(pictures[0], imagenet, workspace=workspace, seed=0, epochs=[1]).samples
    assert normalised.figures.minimum < 0
    assert normalised.digest == sample.digest


def test_a_sample_matches_its_box(pictures: Pictures, workspace: Workspace) -> None:
    pipeline = make_pipeline("article", 64).model_copy(update={"steps": (Step(name="random_resized_crop"),)})
    picture = pictures[3]
    gallery = augment.gallery(picture, pipeline, workspace=workspace, seed=0, epochs=range(1, 9))
    original = Image.open(picture.path)
    for sample in gallery.samples:
        assert sample.box is not None
        left, top = sample.box.left * picture.width, sample.box.top * picture.height
        right, bottom = left + sample.box.width * picture.width, top + sample.box.height * picture.height
        expected = original.resize((16, 16), Image.Resampling.BOX, box=(left, top, right, bottom))
        actual = Image.open(io.BytesIO(sample.jpeg)).resize((16, 16), Image.Resampling.BOX)
        difference = (torch.tensor(list(expected.tobytes())) - torch.tensor(list(actual.tobytes()))).abs()
        assert difference.float().mean() < 8


def test_a_rotated_picture_has_no_box(pictures: Pictures, workspace: Workspace) -> None:
    steps = (Step(name="rotation", parameters={"degrees": 30.0}), Step(name="random_resized_crop"))
    pipeline = Pipeline(image_size=32, steps=steps)
    [sample] = augment.gallery(pictures[0], pipeline, workspace=workspace, seed=0, epochs=[1]).samples
    assert sample.box is None


def test_without_a_crop_the_box_is_the_middle(pictures: Pictures, workspace: Workspace) -> None:
    picture = pictures[0]
    gallery = augment.gallery(picture, make_pipeline("none", 32), workspace=workspace, seed=0, epochs=[1])
    box = gallery.samples[0].box
    assert box is not None
    assert box.left + box.width / 2 == pytest.approx(0.5, abs=0.02)
    assert box.height == pytest.approx(7 / 8, abs=0.02)
    assert box.width * picture.width == pytest.approx(box.height * picture.height, rel=0.03)
    assert (gallery.width, gallery.height) == (picture.width, picture.height)


def test_the_last_step_is_the_sample(pictures: Pictures, workspace: Workspace) -> None:
    pipeline = make_pipeline("strong", 32)
    steps = augment.step_by_step(pictures[1], pipeline, workspace=workspace, seed=3, epoch=2)
    [sample] = augment.gallery(pictures[1], pipeline, workspace=workspace, seed=3, epochs=[2]).samples
    assert [step.name for step in steps] == ["working", *(step.name for step in pipeline.following)]
    assert steps[-1].jpeg == sample.jpeg
    assert [step.name for step in steps if step.box is not None] == ["random_resized_crop"]


@pytest.mark.parametrize(("probability", "is_applied"), [(0.0, False), (1.0, True)])
@pytest.mark.parametrize("name", ["horizontal_flip", "grayscale", "gaussian_blur", "erasing", "perspective"])
def test_a_random_step_reports_whether_it_was_applied(
    pictures: Pictures, workspace: Workspace, name: str, probability: float, is_applied: bool
) -> None:
    pipeline = Pipeline(image_size=32, steps=(Step(name=name, parameters={"probability": probability}),))
    steps = augment.step_by_step(pictures[1], pipeline, workspace=workspace, seed=3, epoch=2)
    assert [step.is_applied for step in steps if step.name == name] == [is_applied]


def test_a_flip_that_changes_no_pixel_still_counts_as_applied(workspace: Workspace, tmp_path: Path) -> None:
    for label in ("dark", "bright"):
        (tmp_path / "plain" / label).mkdir(parents=True)
        Image.new("RGB", (64, 64), (90, 90, len(label))).save(tmp_path / "plain" / label / "one.png")
    grey = scan_folder(tmp_path / "plain").pictures[0]
    pipeline = Pipeline(image_size=32, steps=(Step(name="horizontal_flip", parameters={"probability": 1.0}),))
    steps = augment.step_by_step(grey, pipeline, workspace=workspace, seed=0, epoch=1)
    assert [step.is_applied for step in steps if step.name == "horizontal_flip"] == [True]


def test_statistics_of_the_data_set_are_needed_and_measured(pictures: Pictures, workspace: Workspace) -> None:
    pipeline = make_pipeline("light", 32).model_copy(update={"normalisation": "dataset"})
    with pytest.raises(ConfigError, match="statistics"):
        augment.gallery(pictures[0], pipeline, workspace=workspace, seed=0, epochs=[1])
    statistics = augment.dataset_statistics(pictures, pipeline, workspace=workspace)
    assert all(0 < value < 1 for row in statistics for value in row)
    augment.gallery(pictures[0], pipeline, workspace=workspace, seed=0, epochs=[1], mean_std=statistics)


def test_a_missing_file_is_reported(pictures: Pictures, workspace: Workspace, tmp_path: Path) -> None:
    gone = Picture(**{**pictures[0].__dict__, "path": tmp_path / "gone.png", "id": "0" * 64})
    with pytest.raises(DataError, match=r"gone\.png"):
        augment.gallery(gone, make_pipeline("light", 32), workspace=workspace, seed=0, epochs=[1])
