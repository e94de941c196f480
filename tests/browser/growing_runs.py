"""Runs in a store that grow like real ones, without training: a noisy falling loss, and epochs that end."""

import numpy as np
from sqlalchemy import update

from cnnlab.store import schema
from cnnlab.store.metric_rows import Points, write_epoch
from cnnlab.store.records import RunRecord, Status
from cnnlab.store.store import Store

STEPS_PER_EPOCH = 1_000
FAMILIES = ("vgg", "googlenet", "resnet")


def add_runs(
    store: Store, *, points: int, epochs: int = 400, steps_per_epoch: int = STEPS_PER_EPOCH
) -> list[RunRecord]:
    """Add an active run of each family that already has `points` points."""
    runs = []
    for index, family in enumerate(FAMILIES):
        filed = store.runs.add(
            {
                "name": f"{family}-{index + 1}", "family": family, "preset": "small", "config": {}, "device": "cpu",
                "threads": 1, "epochs": epochs, "total_steps": epochs * steps_per_epoch,
            },
            token=None,
        )  # fmt: skip
        set_status(store, filed, Status.RUNNING)
        run = store.runs.get(filed.run_id)
        runs.append(run)
    grow(store, runs, 0, points, steps_per_epoch=steps_per_epoch)
    return runs


def set_status(store: Store, run: RunRecord, status: Status) -> None:
    """Set the status directly, without a process behind it."""
    with store.runs.writing() as connection:
        connection.execute(update(schema.runs).where(schema.runs.c.number == run.number).values(status=status))


def grow(store: Store, runs: list[RunRecord], done: int, new: int, *, steps_per_epoch: int = STEPS_PER_EPOCH) -> int:
    """Add `new` steps to every run after step `done`; return the step reached."""
    steps = np.arange(done + 1, done + new + 1)
    for index, run in enumerate(runs):
        random = np.random.default_rng(index * 1_000_003 + done)
        loss = expected_loss(steps, index, steps_per_epoch) * np.exp(0.3 * random.standard_normal(new))
        series = {
            "loss": loss,
            "accuracy": np.clip(1 - loss / 1.4, 0, 1),
            "learning_rate": 0.05 * (1 + np.cos(steps / (400 * steps_per_epoch) * np.pi)) / 2,
            "gradient_norm": 2 * loss + 0.1,
            "images_per_second": 80 - 20 * index + random.standard_normal(new),
            "elapsed": steps * 0.05 * (1 + index),
        }
        store.metrics.append(run.number, {name: Points(steps, values) for name, values in series.items()})
        with store.runs.writing() as connection:
            for epoch in range(done // steps_per_epoch + 1, (done + new) // steps_per_epoch + 1):
                at = epoch * steps_per_epoch
                value = (
                    float(expected_loss(np.array([at]), index, steps_per_epoch)[0]) + 0.1 + 0.0005 * max(0, epoch - 8)
                )
                write_epoch(connection, run.number, epoch, at, {"val_loss": value, "val_accuracy": max(0.5, 1 - value)})
        store.runs.update(run.run_id, step=done + new, epoch=(done + new) // steps_per_epoch, best_epoch=8)
    return done + new


def expected_loss(steps: "np.ndarray", index: int, steps_per_epoch: int) -> "np.ndarray":
    """The loss without noise."""
    return (0.7 + 0.1 * index) * np.exp(-steps / (4 * steps_per_epoch)) + 0.1 + 0.08 * index
