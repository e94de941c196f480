"""Remakes the pictures of the home page's strip: `python -m cnnlab.ui.home.make_strip`. Not imported by any page.

Each of the six files shows a bundled drawing and four augmented samples of it, side by side.
"""

import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image

from cnnlab.data.pipeline import Pipeline, Step
from cnnlab.data.records import Picture
from cnnlab.data.samples import write_samples
from cnnlab.data.scan import scan_folder
from cnnlab.helper import augment, front
from cnnlab.ui.home.strip import ASSETS, FRAMES, PICTURES, SIDE
from cnnlab.workspace import Workspace

PIPELINE: Final = Pipeline(
    image_size=SIDE,
    steps=(
        Step(name="resize"),
        Step(name="random_resized_crop", parameters={"scale": (0.35, 0.9)}),
        Step(name="horizontal_flip"),
        Step(name="color_jitter"),
    ),
)
"""Crop, flip and colours: changes that are visible at this size."""
QUALITY: Final = 82
SEED: Final = 0
CHOSEN: Final = (0, 2, 5)
"""Indices of the drawings used from each class."""


def main() -> None:
    """Write `assets/strip_<number>.webp`."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = write_samples("drawings", Path(scratch) / "drawings", per_class=max(CHOSEN) + 1, seed=SEED).folder
        workspace = Workspace.at(Path(scratch) / "home")
        workspace.create()
        pictures = _chosen(scan_folder(folder).pictures)
        samples_by_epoch = [
            front.ask(augment.strip, pictures, PIPELINE, workspace=workspace, seed=SEED, epoch=epoch)
            for epoch in range(1, FRAMES)
        ]
        ASSETS.mkdir(exist_ok=True)
        for index, picture in enumerate(pictures):
            frames = [
                _square(picture.path),
                *(Image.open(io.BytesIO(samples[index].jpeg)) for samples in samples_by_epoch),
            ]
            _side_by_side(frames).save(ASSETS / f"strip_{index}.webp", quality=QUALITY, method=6)
    front.close()


def _chosen(pictures: Sequence[Picture]) -> list[Picture]:
    """The chosen drawings, alternating between the classes."""
    by_class: dict[str, list[Picture]] = {}
    for picture in sorted(pictures, key=lambda sample: sample.path):
        by_class.setdefault(picture.label, []).append(picture)
    chosen = [drawings[number] for number in CHOSEN for drawings in by_class.values()]
    assert len(chosen) == PICTURES
    return chosen


def _square(path: Path) -> Image.Image:
    """The centre of the drawing, at the size of the samples."""
    image = Image.open(path).convert("RGB")
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side)).resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def _side_by_side(frames: Sequence[Image.Image]) -> Image.Image:
    strip = Image.new("RGB", (SIDE * len(frames), SIDE))
    for index, frame in enumerate(frames):
        strip.paste(frame, (index * SIDE, 0))
    return strip


if __name__ == "__main__":
    main()
