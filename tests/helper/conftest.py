"""Pictures and a trained run for the calls that pages make."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnlab.data.records import Picture
from cnnlab.data.scan import scan_folder


def photo(width: int, height: int, seed: int) -> Image.Image:
    """Smooth colours with a little noise, so that neighbouring pixels differ and JPEG preserves them."""
    random = np.random.default_rng(seed)
    ramp = np.stack(np.meshgrid(np.linspace(0, 200, width), np.linspace(0, 200, height)), axis=-1)
    pixels = np.concatenate([ramp, np.full((height, width, 1), 30.0 * (seed % 7))], axis=-1)
    return Image.fromarray((pixels + random.integers(0, 40, (height, width, 3))).clip(0, 255).astype(np.uint8))


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Picture, ...]]:
    """Six pictures in two classes, in landscape and portrait format."""
    folder = tmp_path_factory.mktemp("photos")
    for number in range(6):
        path: Path = folder / ("cat" if number % 2 else "dog") / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        photo(120 + 10 * number, 90, number).save(path)
    yield scan_folder(folder).pictures
