"""How well networks tell the bundled drawings apart, and how little colour helps: `python -m benchmarks drawings`.

Each family's `small` network with the `quick` recipe, at most 60 epochs and 60 s of training, against logistic
regression on colour histograms of the same pictures; five seeds of drawings, split and weights.
"""

import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score

from benchmarks.measuring import figure, report
from cnnlab.data.samples import write_samples
from cnnlab.data.scan import scan_folder
from cnnlab.data.splits import make_split
from cnnlab.models.registry import family_names
from cnnlab.training.events import EpochEnd
from cnnlab.training.loop import fit
from cnnlab.training.parts import TrainingData
from cnnlab.training.recipes import make_config
from cnnlab.training.state import TrainingState
from cnnlab.workspace import Workspace

PER_CLASS = 150
SECONDS = 60.0
SEEDS = range(5)


def small_net_accuracy(folder: Path, family: str, seed: int) -> float:
    """Validation accuracy at the epoch with the lowest validation loss, after at most 60 s of training."""
    scan = scan_folder(folder)
    split = make_split(scan.pictures, val_fraction=0.25, seed=seed)
    data = TrainingData.split(scan.classes, scan.pictures, split)
    config = make_config(data=folder, family=family, recipe="quick", settings={"seed": seed, "compute.threads": 1})
    best = 0.0
    with tempfile.TemporaryDirectory() as home, TrainingState.create(config, data, Workspace.at(Path(home))) as state:
        begin = time.process_time()
        for event in fit(state):
            if isinstance(event, EpochEnd):
                best = event.val_accuracy if event.is_best and event.val_accuracy is not None else best
                if time.process_time() - begin > SECONDS:
                    break
    return best


def histogram_accuracy(folder: Path, seed: int) -> float:
    """Accuracy of logistic regression on 8x8x8 colour histograms, with five-fold cross-validation."""
    paths = sorted(folder.glob("*/*.jpg"))
    bins = [(np.asarray(Image.open(path)).reshape(-1, 3) // 32).astype(int) @ (64, 8, 1) for path in paths]
    colours = np.array([np.bincount(row, minlength=512) / len(row) for row in bins])
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    model = LogisticRegression(max_iter=3000)
    return float(cross_val_score(model, colours, [path.parent.name for path in paths], cv=folds).mean())


def main() -> None:
    """Measure and report."""
    values: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as home:
        for seed in SEEDS:
            folder = Path(home) / str(seed)
            begin = time.process_time()
            write_samples("drawings", folder, per_class=PER_CLASS, seed=seed)
            values.setdefault("seconds for 200 drawings", []).append((time.process_time() - begin) * 100 / PER_CLASS)
            values.setdefault("colour histogram", []).append(histogram_accuracy(folder, seed))
            for family in family_names():
                values.setdefault(f"{family} small", []).append(small_net_accuracy(folder, family, seed))
                print(seed, family, values[f"{family} small"][-1], flush=True)
    goals = {"colour histogram": "at most 0.75", "seconds for 200 drawings": "at most 8"}
    rows = [
        figure(name, "s" if "seconds" in name else "share", numbers, goals.get(name, "at least 0.95"))
        for name, numbers in values.items()
    ]
    report("drawings", rows, per_class=PER_CLASS)


if __name__ == "__main__":
    main()
