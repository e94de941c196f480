"""Small folders of pictures for the data tests."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnlab.data.records import Part, Picture


def _noise(seed: int, width: int = 40, height: int = 30) -> Image.Image:
    """A picture unique to its seed, smooth enough for JPEG."""
    small = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


@pytest.fixture(scope="session")
def noise() -> Callable[..., Image.Image]:
    """Makes a picture from a seed and a size."""
    return _noise


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two classes of six pictures each."""
    root = tmp_path / "my pictures"
    for position, label in enumerate(("고양이", "dog")):
        (root / label).mkdir(parents=True)
        for number in range(6):
            _noise(10 * position + number, 40 + number, 30).save(root / label / f"photo {number}.png")
    return root


@pytest.fixture
def make_pictures() -> Callable[..., list[Picture]]:
    """Picture records without files, from (id, label) or (id, label, part)."""

    def make(*rows: tuple[str, str] | tuple[str, str, Part | None]) -> list[Picture]:
        return [
            Picture(
                id=row[0],
                path=Path("/nowhere") / row[1] / row[0],
                label=row[1],
                width=8,
                height=8,
                format="PNG",
                size_bytes=1,
                folder_part=row[2] if len(row) > 2 else None,
            )
            for row in rows
        ]

    return make
