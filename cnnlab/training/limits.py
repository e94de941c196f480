"""Limits and help of every hyperparameter, as data; knows neither forms nor commands, which are both made from it.

Keys are paths in a configuration (`training.learning_rate`). Numbers have bounds, names have choices, the rest only a
title and a help text.
"""

from dataclasses import dataclass
from typing import Final

from cnnlab.plain_yaml import quoted


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What a value may be, and what to say about it. `logarithmic` tells a form how to space a slider."""

    title: str
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] | None = None
    unit: str = ""
    logarithmic: bool = False

    def refusal(self, value: object) -> str | None:
        """What is wrong with `value` ("must be ... (got ...)"), or None."""
        if value is None:
            return None  # whether a value may be missing is the field's type, not its limit
        if self.choices is not None and value not in self.choices:
            return f"must be one of {', '.join(self.choices)} (got {quoted(value)})"
        if self.low is None or self.high is None or not isinstance(value, int | float):
            return None
        if not self.low <= value <= self.high:  # written so that NaN is refused
            return f"must be between {self.low:g} and {self.high:g}{self.unit and ' ' + self.unit} (got {value:g})"
        return None


OPTIMISERS: Final = ("adam", "adamw", "sgd", "rmsprop")
SCHEDULES: Final = ("constant", "step", "cosine", "one_cycle")
PRECISIONS: Final = ("32", "bf16", "16")
CLASS_WEIGHTS: Final = ("none", "balanced")
MEMORY_LAYOUTS: Final = ("channels_last", "contiguous")

LIMITS: Final[dict[str, Limit]] = {
    "name": Limit(title="Name", help="What the run is called in tables; need not be unique."),
    "seed": Limit(
        title="Seed",
        help="Decides initial weights, order, augmentation and dropout. Equal configurations with equal seeds give "
        "equal runs; several seeds show how much is luck.",
        low=0,
        high=2**31 - 1,
    ),
    "data.path": Limit(title="Pictures", help="A folder with one sub-folder for each class."),
    "data.val_fraction": Limit(
        title="Validation fraction",
        help="Share of each class that is kept out of training to judge it. With 0 nothing is judged and the last "
        "epoch counts as the best.",
        low=0.0,
        high=0.9,
    ),
    "data.test_fraction": Limit(
        title="Test fraction",
        help="Share of each class that is looked at once, at the very end, with the best weights.",
        low=0.0,
        high=0.9,
    ),
    "data.split_seed": Limit(
        title="Split seed",
        help="Decides which pictures go to which part. The run's own seed never touches it.",
        low=0,
        high=2**31 - 1,
    ),
    "data.split": Limit(title="Split", help="Number of a split on record; without one, fractions and seed give it."),
    "architecture.family": Limit(title="Family", help="VGG, GoogLeNet or ResNet."),
    "architecture.preset": Limit(title="Preset", help="The starting point of which single options are changed."),
    "architecture.options": Limit(title="Options", help="What differs from the preset."),
    "architecture.init_from": Limit(
        title="Start from weights",
        help="An earlier run or a file of weights; the head is new where the classes differ.",
    ),
    "architecture.freeze": Limit(
        title="Freeze the body", help="Train the head only. Makes sense with weights to start from."
    ),
    "training.epochs": Limit(title="Epochs", help="Passes over the training pictures.", low=1, high=10_000),
    "training.batch_size": Limit(
        title="Batch size",
        help="Pictures in one step. Larger is faster until memory is full; smaller is noisier. Batches of an epoch "
        "differ by at most one picture.",
        low=1,
        high=1024,
        unit="pictures",
    ),
    "training.accumulate": Limit(
        title="Accumulation",
        help="Batches whose gradients are added up before one step: the effect of a larger batch in the memory of a "
        "small one (batch normalisation still sees the small one).",
        low=1,
        high=256,
        unit="batches",
    ),
    "training.optimiser": Limit(
        title="Optimiser",
        help="Adam adapts the step of each weight; AdamW does so with a decay that is independent of it; SGD with "
        "momentum is the classical choice; RMSprop is Adam's forerunner.",
        choices=OPTIMISERS,
    ),
    "training.learning_rate": Limit(
        title="Learning rate",
        help="The largest step size, before the schedule. Too high: the loss jumps or becomes infinite. Too low: "
        "nothing moves. SGD wants about ten to a hundred times Adam's.",
        low=1e-7,
        high=10.0,
        logarithmic=True,
    ),
    "training.momentum": Limit(
        title="Momentum",
        help="How much of the last step is kept: SGD and RMSprop only, the others have their own.",
        low=0.0,
        high=0.9999,
    ),
    "training.weight_decay": Limit(
        title="Weight decay",
        help="Pulls weights towards zero at each step; a guard against overfitting.",
        low=0.0,
        high=1.0,
    ),
    "training.schedule": Limit(
        title="Schedule",
        help="How the learning rate goes: constant; step, divided at intervals; cosine, a half wave down to zero; one "
        "cycle, up for three tenths of the run and then down to nearly nothing.",
        choices=SCHEDULES,
    ),
    "training.warmup_epochs": Limit(
        title="Warm-up",
        help="Epochs in which the learning rate rises in a straight line from nearly nothing, before the schedule "
        "takes over. One cycle has its own rise.",
        low=0.0,
        high=1000.0,
        unit="epochs",
    ),
    "training.step_epochs": Limit(
        title="Step interval", help="Schedule step: epochs between two reductions.", low=1, high=10_000, unit="epochs"
    ),
    "training.step_factor": Limit(
        title="Step factor", help="Schedule step: the learning rate is multiplied by this.", low=0.001, high=1.0
    ),
    "training.label_smoothing": Limit(
        title="Label smoothing",
        help="Share of the target that is spread over all classes, so that the net need not become infinitely sure.",
        low=0.0,
        high=0.9,
    ),
    "training.class_weights": Limit(
        title="Class weights",
        help="Balanced: a picture of a rare class counts more, so that all classes count alike.",
        choices=CLASS_WEIGHTS,
    ),
    "training.clip_norm": Limit(
        title="Gradient clipping",
        help="Longest gradient that is let through; longer ones are shortened to it. Empty: none.",
        low=1e-4,
        high=1e4,
        logarithmic=True,
    ),
    "training.patience": Limit(
        title="Patience",
        help="Epochs without a lower validation loss after which the run ends early. Empty: never.",
        low=1,
        high=10_000,
        unit="epochs",
    ),
    "training.precision": Limit(
        title="Precision",
        help="32: ordinary floats. bf16: half the memory where the device knows it. 16: CUDA only.",
        choices=PRECISIONS,
    ),
    "compute.device": Limit(title="Device", help="auto, cpu, cuda, cuda:1, mps. Auto takes a GPU if there is one."),
    "compute.threads": Limit(
        title="Threads",
        help="Processor threads of the training. Empty: all cores, noted down when the run is filed.",
        low=1,
        high=512,
    ),
    "compute.loaders": Limit(
        title="Loader processes",
        help="Processes that prepare pictures beside the training. 0: prepared in between, best on few cores.",
        low=0,
        high=64,
    ),
    "compute.deterministic": Limit(
        title="Deterministic", help="Only operations that give the same bits each time. Costs next to nothing on a CPU."
    ),
    "compute.memory_layout": Limit(
        title="Memory layout",
        help="channels_last keeps the channels of one pixel together, which is what fast convolutions want.",
        choices=MEMORY_LAYOUTS,
    ),
}
