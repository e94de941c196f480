import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from cnnlab.analysis.explanation import explain
from cnnlab.analysis.prediction import TrainedModel, load_trained, predict
from cnnlab.data.augmentation import Augmentation
from cnnlab.data.pipeline import make_pipeline
from cnnlab.errors import PictureError, UsageError, WeightsError
from cnnlab.models.blocks import Network
from cnnlab.models.build import build_model
from cnnlab.models.registry import family_names, preset_names
from cnnlab.runs.execute import train
from cnnlab.runs.folder import RunFolder
from cnnlab.store.records import RunRecord
from cnnlab.store.store import Store
from cnnlab.training.predictions import Predictions
from cnnlab.training.recipes import make_config
from cnnlab.workspace import Workspace

Trained = Callable[..., TrainedModel]
CASES = [(family, preset) for family in family_names() for preset in preset_names(family)]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes that a few epochs can tell apart, in photos of several shapes and formats."""
    root = tmp_path_factory.mktemp("shapes")
    for label in ("disc", "square"):
        (root / label).mkdir()
        for number in range(12):
            image = Image.new("RGB", (90 + 9 * number, 100), (number * 7, 40, 90))
            draw = ImageDraw.Draw(image)
            shape = draw.ellipse if label == "disc" else draw.rectangle
            shape((20, 15 + number, 80, 80), fill=(250, 200 - number, number * 11))
            image.save(root / label / f"{number}.{'jpg' if number % 2 else 'png'}")
    return root


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace.at(tmp_path_factory.mktemp("home")).create()


@pytest.fixture(scope="module")
def store(workspace: Workspace) -> Iterator[Store]:
    opened = Store.open(workspace)
    yield opened
    opened.close()


@pytest.fixture(scope="module", params=["none", "imagenet", "dataset"])
def run(request: pytest.FixtureRequest, folder: Path, workspace: Workspace) -> RunRecord:
    """A run of two epochs with the validation logits of the best one, for each way to normalise."""
    config = make_config(
        data=folder,
        family="vgg",
        settings={
            "base_width": 4,
            "depth": 11,
            "pipeline.image_size": 32,
            "pipeline.normalisation": request.param,
            "training.epochs": 2,
            "training.batch_size": 6,
            "data.val_fraction": 0.34,
            "compute.device": "cpu",
            "compute.threads": 1,
        },
    )
    return train(config, workspace=workspace).run


@pytest.mark.slow
def test_a_run_predicts_what_it_predicted_in_validation(run: RunRecord, store: Store) -> None:
    files = RunFolder(store.workspace.runs / run.run_id)
    kept = Predictions.read(files.predictions)
    assert kept.best_logits is not None
    root = Path(run.config["data"]["path"])
    paths = {row["id"]: root / row["path"] for row in files.read_pictures()}
    trained = load_trained(store, run)
    predictions = predict(trained, [paths[identifier] for identifier in kept.val_ids])
    expected = torch.from_numpy(kept.best_logits).softmax(dim=1).numpy()
    assert len(predictions) == len(expected) >= 6
    np.testing.assert_allclose([prediction.probabilities for prediction in predictions], expected, atol=1e-5)
    assert all(prediction.labels == kept.classes for prediction in predictions)


@pytest.mark.slow
def test_hostile_files_are_reported_and_the_others_are_classified(run: RunRecord, store: Store, tmp_path: Path) -> None:
    good = Path(run.config["data"]["path"]) / "disc" / "0.png"
    cut = tmp_path / "cut.png"
    cut.write_bytes(good.read_bytes()[:150])
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    sources = [good, cut, b"", b"<svg/>", pointer, tmp_path / "gone.jpg", good.read_bytes()]
    predictions = predict(load_trained(store, run), sources)
    is_readable = [prediction.error is None for prediction in predictions]
    assert is_readable == [True, False, False, False, False, False, True]
    assert predictions[0].probabilities == pytest.approx(predictions[-1].probabilities)
    assert all(prediction.error and prediction.error.endswith(".") for prediction in predictions[1:-1])


@pytest.mark.slow
def test_a_run_whose_data_set_is_gone_still_predicts(run: RunRecord, store: Store, tmp_path: Path) -> None:
    picture = tmp_path / "new.webp"
    Image.new("RGB", (400, 30), "purple").save(picture)
    [prediction] = predict(load_trained(store, run), [picture])
    assert sum(prediction.probabilities) == pytest.approx(1)
    assert json.loads(json.dumps(prediction.ranked))[0][1] >= 0.5


@pytest.mark.slow
def test_a_run_without_weights_is_an_error(run: RunRecord, store: Store) -> None:
    files = RunFolder(store.workspace.runs / run.run_id)
    hidden = [path.rename(path.with_suffix(".away")) for path in (files.best, files.checkpoints) if path.exists()]
    try:
        with pytest.raises(WeightsError, match="has no weights yet"):
            load_trained(store, run)
    finally:
        for path in hidden:
            path.rename(path.with_suffix(".safetensors" if path.is_file() else ""))


@pytest.fixture
def untrained(folder: Path) -> Trained:
    """A network with random weights, small enough to explain, as if a run had trained it."""

    def make(family: str, preset: str, image_size: int | None = None, **options: object) -> TrainedModel:
        module = build_model(family, preset=preset, num_classes=3, image_size=image_size, options=options, seed=1)
        assert isinstance(module, Network)
        pipeline = make_pipeline("light", module.architecture.image_size)
        return TrainedModel(
            run_id="r", module=module.eval(), augmentation=Augmentation(pipeline), classes=("a", "b", "c")
        )

    return make


@pytest.mark.slow
@pytest.mark.parametrize(("family", "preset"), CASES)
def test_every_preset_shows_where_it_looked(family: str, preset: str, untrained: Trained, folder: Path) -> None:
    trained = untrained(family, preset)
    side = trained.pipeline.image_size
    for label in trained.classes:  # with random weights there may be no evidence for a class
        explanation = explain(trained, folder / "disc" / "1.jpg", label=label)
        heat = np.array(explanation.heat)
        assert heat.shape == (side, side)
        assert np.isfinite(heat).all()
        assert heat.min() >= 0
        assert side / explanation.stride >= 4
        if heat.max() > 0:
            break
    assert heat.max() == pytest.approx(1)


@pytest.mark.parametrize(
    ("family", "options"),
    [
        ("googlenet", {"auxiliary": True}),
        ("googlenet", {"auxiliary": False, "batch_norm": False}),
        ("resnet", {"skip": False}),
        ("resnet", {"block": "bottleneck", "depth": 50, "base_width": 8}),
        ("vgg", {"batch_norm": False, "dropout": 0.5}),
    ],
)
def test_options_that_change_the_graph_are_explained_too(
    family: str, options: dict[str, object], untrained: Trained, folder: Path
) -> None:
    trained = untrained(family, "small", 64, **options)
    labels = {label: np.array(explain(trained, folder / "disc" / "1.jpg", label=label).heat) for label in "abc"}
    assert any(heat.max() > 0 for heat in labels.values())
    assert not np.array_equal(labels["a"], labels["b"])


def test_heat_is_where_the_evidence_is(untrained: Trained, tmp_path: Path) -> None:
    trained = untrained("vgg", "small", 64, batch_norm=False)
    with torch.no_grad():  # every filter detects brightness, and every class responds to it
        for parameter in trained.module.parameters():
            parameter.abs_()
    picture = Image.new("RGB", (73, 73), "black")
    ImageDraw.Draw(picture).rectangle((44, 44, 66, 66), fill="white")
    picture.save(tmp_path / "corner.png")
    heat = np.array(explain(trained, tmp_path / "corner.png", label="a").heat)
    assert heat[32:, 32:].mean() > 1.5 * heat[:32, :32].mean()


def test_explaining_does_not_change_the_network(untrained: Trained, folder: Path) -> None:
    trained = untrained("resnet", "small", 64)
    before = {name: tensor.clone() for name, tensor in trained.module.state_dict().items()}
    explain(trained, folder / "disc" / "1.jpg", label="a")
    assert all(torch.equal(before[name], tensor) for name, tensor in trained.module.state_dict().items())
    assert not any(module._forward_hooks for module in trained.module.modules())
    assert not any(parameter.grad is not None for parameter in trained.module.parameters())


@pytest.mark.parametrize("weight", [0.0, float("nan")])
def test_a_class_without_evidence_has_no_heat_and_is_not_seen(untrained: Trained, folder: Path, weight: float) -> None:
    trained = untrained("vgg", "small", 64)
    with torch.no_grad():
        list(trained.module.parameters())[-2].fill_(weight)  # the last layer's
    explanation = explain(trained, folder / "disc" / "1.jpg", label="a")
    assert not explanation.is_seen
    assert not np.array(explanation.heat).any()


def test_an_unknown_class_is_an_error(untrained: Trained, folder: Path) -> None:
    with pytest.raises(UsageError, match="has no class 'dog'; choose one of a, b, c"):
        explain(untrained("vgg", "small", 64), folder / "disc" / "1.jpg", label="dog")


def test_a_picture_that_cannot_be_read_is_not_explained(untrained: Trained) -> None:
    with pytest.raises(PictureError):
        explain(untrained("vgg", "small", 64), b"nothing", label="a")
