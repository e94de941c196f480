"""Later epochs on 12-megapixel photos against the same photos at 256 pixels: `python -m benchmarks large_photos`."""

import tempfile
from functools import partial
from pathlib import Path

from PIL import Image

from benchmarks.apart import pace
from benchmarks.measuring import figure, ratio, report, take_turns
from benchmarks.throughput import lab_steps
from cnnlab.data.samples import write_samples

LARGE = (4032, 3024)
PER_CLASS = 10
REPETITIONS = 7


def resized(source: Path, target: Path, size: tuple[int, int]) -> Path:
    """Write the pictures of `source` at another size, as JPEG files."""
    for file in sorted(source.glob("*/*")):
        out = target / file.parent.name / f"{file.stem}.jpg"
        out.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(file) as image:
            image.convert("RGB").resize(size, Image.Resampling.BICUBIC).save(out, quality=92)
    return target


def main() -> None:
    """Measure both; the first epoch, which fills the cache, does not count."""
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(scratch)
        painted = write_samples("drawings", base / "drawings", per_class=PER_CLASS, seed=0).folder
        folders = {
            "12 megapixels": resized(painted, base / "large", LARGE),
            "256 pixels": resized(painted, base / "small", (341, 256)),
        }
        loops = {name: lab_steps(folder, "vgg", 8, base / "home") for name, folder in folders.items()}
        for steps in loops.values():
            done = 0
            while done < 2 * PER_CLASS:
                done += next(steps)
        paces = take_turns({name: partial(pace, steps) for name, steps in loops.items()}, REPETITIONS)
        for steps in loops.values():
            steps.close()  # type: ignore[attr-defined]
    rows = [figure(name, "images/s", values) for name, values in paces.items()]
    rows.append(figure("large / small", "ratio", ratio(paces, "12 megapixels", "256 pixels"), "at least 0.95"))
    report("large_photos", rows, net="vgg article, batch 8")
