import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from cnnlab.data.records import Picture
from cnnlab.errors import RunNotFoundError, UsageError
from cnnlab.helper import predict
from cnnlab.plots.overlay import heat_png, overlay
from cnnlab.runs.execute import train
from cnnlab.training.recipes import make_config
from cnnlab.workspace import Workspace

SETTINGS = {
    "base_width": 4,
    "depth": 11,
    "pipeline.image_size": 32,
    "training.epochs": 1,
    "training.batch_size": 3,
    "data.val_fraction": 0.34,
    "compute.device": "cpu",
    "compute.threads": 1,
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, pictures: tuple[Picture, ...]) -> Iterator[tuple[Workspace, str]]:
    """A workspace with one short run."""
    workspace = Workspace.at(tmp_path_factory.mktemp("home")).create()
    config = make_config(data=pictures[0].path.parents[1], family="vgg", settings=SETTINGS)
    yield workspace, train(config, workspace=workspace).run.run_id
    predict._kept.clear()


@pytest.mark.slow
def test_several_runs_predict_and_an_unusable_one_is_reported(
    lab: tuple[Workspace, str], pictures: tuple[Picture, ...]
) -> None:
    workspace, run_id = lab
    results = predict.predict([run_id, "nothing"], [pictures[0].path, b"bad"], workspace=workspace)
    assert results[0].error is None
    assert [prediction.error is None for prediction in results[0].predictions] == [True, False]
    assert results[0].predictions[0].labels == ("cat", "dog")
    assert results[1].error is not None
    assert "nothing" in results[1].error
    assert len(predict._kept) == 1


@pytest.mark.slow
def test_heat_covers_the_cropped_picture(lab: tuple[Workspace, str], pictures: tuple[Picture, ...]) -> None:
    workspace, run_id = lab
    heat = predict.explain(run_id, pictures[5].path, label="dog", workspace=workspace)
    assert heat.input.side == 32
    assert Image.open(io.BytesIO(heat.input.png)).size == (32, 32)
    assert Image.open(io.BytesIO(heat.heat)).mode == "RGBA"
    assert heat.input.box is not None
    assert heat.input.box.height == pytest.approx(7 / 8, abs=0.03)
    assert Image.open(io.BytesIO(overlay(heat.input.png, heat.heat, opacity=0.5))).size == (32, 32)


@pytest.mark.slow
def test_unknown_runs_and_classes_are_errors(lab: tuple[Workspace, str], pictures: tuple[Picture, ...]) -> None:
    workspace, run_id = lab
    with pytest.raises(RunNotFoundError):
        predict.explain("nothing", pictures[0].path, label="dog", workspace=workspace)
    with pytest.raises(UsageError, match="no class 'bird'"):
        predict.explain(run_id, pictures[0].path, label="bird", workspace=workspace)


@pytest.mark.slow
def test_the_least_recently_used_networks_are_dropped(
    lab: tuple[Workspace, str], pictures: tuple[Picture, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, run_id = lab
    predict.predict([run_id], [pictures[0].path], workspace=workspace)
    [(key, kept)] = predict._kept.items()
    predict._kept[("older",)] = kept
    predict._kept.move_to_end(("older",), last=False)
    predict._kept.move_to_end(key, last=False)
    monkeypatch.setattr(predict, "KEPT_BYTES", 1)
    predict._kept.pop(key)
    predict.predict([run_id], [pictures[0].path], workspace=workspace)
    assert list(predict._kept) == [key]


def test_opacity_lays_heat_over_the_picture() -> None:
    grey = io.BytesIO()
    Image.new("RGB", (16, 16), (128, 128, 128)).save(grey, "PNG")
    heat = heat_png([[0.0, 0.0], [1.0, 1.0]])

    def row(opacity: float, y: int) -> list[int]:
        pixels = np.asarray(Image.open(io.BytesIO(overlay(grey.getvalue(), heat, opacity=opacity))))
        return [int(value) for value in pixels[y, 8]]

    assert row(0.0, 15) == pytest.approx([128, 128, 128], abs=3)
    assert row(1.0, 0) == pytest.approx([128, 128, 128], abs=3)
    assert row(1.0, 15) == pytest.approx([252, 255, 164], abs=6)
    assert row(0.5, 15)[0] == pytest.approx(190, abs=6)
