"""The article's experiment: its three networks and its recipe on a folder of pictures. Too long for `make bench`.

    python -m benchmarks.article FOLDER --epochs 300

Every ten epochs, like the article, it prints the loss of one picture (the last of the epoch, as in the article) beside
the mean over all pictures (which shows whether a network learns). The runs stay in the workspace and can be seen on the
pages.
"""

import argparse
from pathlib import Path

from cnnlab.runs.execute import RunResult, train
from cnnlab.store.store import Store
from cnnlab.training.events import EpochEnd, Event
from cnnlab.training.recipes import make_config

FAMILIES = ("vgg", "googlenet", "resnet")
SPAN = 10


def reproduce(folder: Path, family: str, epochs: int, seed: int) -> RunResult:
    """Train one network as the article does, printing its mean loss."""

    def print_loss(event: Event) -> None:
        if isinstance(event, EpochEnd) and (event.epoch - 1) % SPAN == 0:
            print(f"  {family}, epoch {event.epoch}: mean loss {event.train_loss:.4f}", flush=True)

    config = make_config(
        data=folder,
        family=family,
        preset="article",
        recipe="article",
        epochs=epochs,
        seed=seed,
        name=f"article {family}",
    )
    return train(config, recipe="article", listener=print_loss)


def losses(result: RunResult) -> list[tuple[int, float, float]]:
    """(epoch, loss of its last picture, mean loss in nats) every ten epochs."""
    points = Store.open().metrics.read(result.run.number, "loss")
    of_step = dict(zip(points.steps.tolist(), points.values.tolist(), strict=True))
    return [
        (record.epoch, of_step[record.step], record.figures["train_loss"])
        for record in result.history
        if (record.epoch - 1) % SPAN == 0
    ]


def main() -> None:
    """Train the three networks and print their tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--epochs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--family", choices=FAMILIES, action="append", help="train only this family; may be repeated")
    chosen = parser.parse_args()
    results = {
        family: reproduce(chosen.folder, family, chosen.epochs, chosen.seed) for family in chosen.family or FAMILIES
    }
    print("\nfamily      epoch   one picture   mean")
    for family, result in results.items():
        for epoch, single, mean in losses(result):
            print(f"{family:<11} {epoch:>5} {single:>13.4f} {mean:>6.4f}")


if __name__ == "__main__":
    main()
