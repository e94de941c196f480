"""Fixtures that every part's tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnnlab.workspace import Workspace


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real pictures that `CNNLAB_REAL_DATA` names; tests that need it are skipped without it."""
    folder = os.environ.get("CNNLAB_REAL_DATA")
    if not folder:
        pytest.skip("CNNLAB_REAL_DATA names no folder of real pictures")
    return Path(folder)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """An empty workspace of the test's own, which child processes see as well."""
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CNNLAB_DATABASE_URL", raising=False)
    yield Workspace.current().create()


@pytest.fixture(scope="session")
def trained_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace to copy: VGG and ResNet trained for two epochs on one split of 16 pictures, GoogLeNet on another."""
    import torch
    from PIL import Image

    from cnnlab.runs.execute import train
    from cnnlab.training.recipes import make_config

    folder = tmp_path_factory.mktemp("two_colours")
    for place in range(16):
        path = folder / ("blue" if place % 2 else "red") / f"{place}.png"
        path.parent.mkdir(exist_ok=True)
        Image.new("RGB", (48, 40), (20 * (place % 9), 90, 60 + 10 * place)).save(path)
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
