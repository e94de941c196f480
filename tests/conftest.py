"""Fixtures shared by all tests."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from PIL import Image, ImageDraw

from cnnlab.data.pipeline import default_pipeline
from cnnlab.store.store import Store
from cnnlab.training.config import RunConfig
from cnnlab.workspace import Workspace

settings.register_profile("any speed", deadline=None)  # tests do not check their own speed
settings.load_profile("any speed")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real pictures in `CNNLAB_REAL_DATA`; without it, tests that need it are skipped."""
    folder = os.environ.get("CNNLAB_REAL_DATA")
    if not folder:
        pytest.skip("CNNLAB_REAL_DATA is not set to a folder of real pictures")
    return Path(folder)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """An empty workspace for this test and its child processes."""
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CNNLAB_DATABASE_URL", raising=False)
    yield Workspace.current().create()


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    """An empty store in a workspace of its own."""
    opened = Store.open(workspace)
    yield opened
    opened.close()


def draw_pictures(folder: Path, *, per_class: int = 12, size: int = 40) -> Path:
    """Make two classes that a small network can tell apart, with no two pictures alike."""
    for label in ("disc", "square"):
        (folder / label).mkdir(parents=True)
        for number in range(per_class):
            picture = Image.new("RGB", (size, size), (number * 7 % 256, 40, 90))
            draw = ImageDraw.Draw(picture)
            shape = draw.ellipse if label == "disc" else draw.rectangle
            shape((4 + number % 5, 5, size - 6, size - 4 - number % 7), fill=(250, 200 - number, number * 11 % 256))
            picture.save(folder / label / f"{number:03}.png")
    return folder


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of 24 small pictures in two classes."""
    return draw_pictures(tmp_path / "pictures")


@pytest.fixture
def configure(pictures: Path) -> Callable[..., RunConfig]:
    """Configures a short run on one thread; changes are given by path, with __ for the dot."""
    base = RunConfig.from_dict(
        {
            "data": {"path": str(pictures), "val_fraction": 0.25},
            "architecture": {"family": "vgg", "preset": "small"},
            "pipeline": default_pipeline(32).model_dump(),
            "training": {"epochs": 2, "batch_size": 6},
            "compute": {"device": "cpu", "threads": 1},
        }
    )
    return lambda **changes: base.with_overrides({path.replace("__", "."): value for path, value in changes.items()})


@pytest.fixture(scope="session")
def trained_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace to copy: VGG and ResNet trained for two epochs on one split of 16 pictures, GoogLeNet on another."""
    import torch

    from cnnlab.runs.execute import train
    from cnnlab.training.recipes import make_config

    folder = tmp_path_factory.mktemp("two_colours")
    for number in range(16):
        path = folder / ("blue" if number % 2 else "red") / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.new("RGB", (48, 40), (20 * (number % 9), 90, 60 + 10 * number)).save(path)
    home = Workspace.at(tmp_path_factory.mktemp("trained")).create()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    for family, split_seed in (("googlenet", 1), ("vgg", 0), ("resnet", 0)):
        config = make_config(
            data=folder,
            family=family,
            name=f"{family} tiny",
            image_size=32,
            epochs=2,
            batch_size=4,
            val_fraction=0.5,
            split_seed=split_seed,
            device="cpu",
            threads=1,
        )
        train(config, workspace=home)
    torch.set_num_threads(threads)
    return home.home
