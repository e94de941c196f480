"""Every setting of a run, as data: what it may be, what it is by default and what to say about it.

Names are paths in a configuration (`training.learning_rate`). Knows neither forms nor commands, which are made of it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from cnnlab.data.transforms import get_transform, transform_names
from cnnlab.models.registry import DEFAULT_PRESET, FAMILIES
from cnnlab.parameters import IMAGE_SIZE, Parameter

OPTIMISERS: Final = ("adam", "adamw", "sgd", "rmsprop")
SCHEDULES: Final = ("constant", "step", "cosine", "one_cycle")
PRECISIONS: Final = ("32", "bf16", "16")
CLASS_WEIGHTS: Final = ("none", "balanced")
MEMORY_LAYOUTS: Final = ("channels_last", "contiguous")

_DESCRIBED: Final = (
    Parameter(
        name="name",
        type="text",
        optional=True,
        title="Name",
        help="What the run is called in tables; need not be unique.",
    ),
    Parameter(
        name="seed",
        type="integer",
        default=0,
        title="Seed",
        help="Decides initial weights, order, augmentation and dropout. Equal configurations with equal seeds give "
        "equal runs; several seeds show how much is luck.",
        low=0,
        high=2**31 - 1,
    ),
    Parameter(name="data.path", type="text", title="Pictures", help="A folder with one sub-folder for each class."),
    Parameter(
        name="data.val_fraction",
        type="number",
        default=0.2,
        title="Validation fraction",
        help="Share of each class that is kept out of training to judge it. With 0 nothing is judged and the last "
        "epoch counts as the best.",
        low=0.0,
        high=0.9,
    ),
    Parameter(
        name="data.test_fraction",
        type="number",
        default=0.0,
        title="Test fraction",
        help="Share of each class that is looked at once, at the very end, with the best weights.",
        low=0.0,
        high=0.9,
    ),
    Parameter(
        name="data.split_seed",
        type="integer",
        default=0,
        title="Split seed",
        help="Decides which pictures go to which part. The run's own seed never touches it.",
        low=0,
        high=2**31 - 1,
    ),
    Parameter(
        name="data.split",
        type="integer",
        optional=True,
        title="Split",
        help="Number of a split on record; without one, fractions and seed give it.",
    ),
    Parameter(
        name="architecture.family", type="text", title="Family", help=f"The kind of network: {', '.join(FAMILIES)}."
    ),
    Parameter(
        name="architecture.preset",
        type="text",
        default=DEFAULT_PRESET,
        title="Preset",
        help="The starting point of which single options are changed.",
    ),
    Parameter(name="architecture.options", type="mapping", title="Options", help="What differs from the preset."),
    Parameter(
        name="architecture.init_from",
        type="text",
        optional=True,
        title="Start from weights",
        help="An earlier run or a file of weights; the head is new where the classes differ.",
    ),
    Parameter(
        name="architecture.freeze",
        type="switch",
        default=False,
        title="Freeze the body",
        help="Train the head only. Makes sense with weights to start from.",
    ),
    replace(IMAGE_SIZE, name="pipeline.image_size"),
    Parameter(
        name="training.epochs",
        type="integer",
        default=30,
        title="Epochs",
        help="Passes over the training pictures.",
        low=1,
        high=10_000,
    ),
    Parameter(
        name="training.batch_size",
        type="integer",
        default=16,
        title="Batch size",
        help="Pictures in one step. Larger is faster until memory is full; smaller is noisier. Batches of an epoch "
        "differ by at most one picture.",
        low=1,
        high=1024,
        unit="pictures",
    ),
    Parameter(
        name="training.accumulate",
        type="integer",
        default=1,
        title="Accumulation",
        help="Batches whose gradients are added up before one step: the effect of a larger batch in the memory of a "
        "small one (batch normalisation still sees the small one).",
        low=1,
        high=256,
        unit="batches",
    ),
    Parameter(
        name="training.optimiser",
        type="choice",
        default="adam",
        title="Optimiser",
        help="Adam adapts the step of each weight; AdamW does so with a decay that is independent of it; SGD with "
        "momentum is the classical choice; RMSprop is Adam's forerunner.",
        choices=OPTIMISERS,
    ),
    Parameter(
        name="training.learning_rate",
        type="number",
        default=0.001,
        title="Learning rate",
        help="The largest step size, before the schedule. Too high: the loss jumps or becomes infinite. Too low: "
        "nothing moves. SGD wants about ten to a hundred times Adam's.",
        low=1e-7,
        high=10.0,
        logarithmic=True,
    ),
    Parameter(
        name="training.momentum",
        type="number",
        default=0.9,
        title="Momentum",
        help="How much of the last step is kept: SGD and RMSprop only, the others have their own.",
        low=0.0,
        high=0.9999,
    ),
    Parameter(
        name="training.weight_decay",
        type="number",
        default=0.0,
        title="Weight decay",
        help="Pulls weights towards zero at each step; a guard against overfitting.",
        low=0.0,
        high=1.0,
    ),
    Parameter(
        name="training.schedule",
        type="choice",
        default="constant",
        title="Schedule",
        help="How the learning rate goes: constant; step, divided at intervals; cosine, a half wave down to zero; one "
        "cycle, up for three tenths of the run and then down to nearly nothing.",
        choices=SCHEDULES,
    ),
    Parameter(
        name="training.warmup_epochs",
        type="number",
        default=0.0,
        title="Warm-up",
        help="Epochs in which the learning rate rises in a straight line from nearly nothing, before the schedule "
        "takes over. One cycle has its own rise.",
        low=0.0,
        high=1000.0,
        unit="epochs",
    ),
    Parameter(
        name="training.step_epochs",
        type="integer",
        default=10,
        title="Step interval",
        help="Schedule step: epochs between two reductions.",
        low=1,
        high=10_000,
        unit="epochs",
    ),
    Parameter(
        name="training.step_factor",
        type="number",
        default=0.1,
        title="Step factor",
        help="Schedule step: the learning rate is multiplied by this.",
        low=0.001,
        high=1.0,
    ),
    Parameter(
        name="training.label_smoothing",
        type="number",
        default=0.0,
        title="Label smoothing",
        help="Share of the target that is spread over all classes, so that the net need not become infinitely sure.",
        low=0.0,
        high=0.9,
    ),
    Parameter(
        name="training.class_weights",
        type="choice",
        default="none",
        title="Class weights",
        help="Balanced: a picture of a rare class counts more, so that all classes count alike.",
        choices=CLASS_WEIGHTS,
    ),
    Parameter(
        name="training.clip_norm",
        type="number",
        optional=True,
        title="Gradient clipping",
        help="Longest gradient that is let through; longer ones are shortened to it. Empty: none.",
        low=1e-4,
        high=1e4,
        logarithmic=True,
    ),
    Parameter(
        name="training.patience",
        type="integer",
        optional=True,
        title="Patience",
        help="Epochs without a lower validation loss after which the run ends early. Empty: never.",
        low=1,
        high=10_000,
        unit="epochs",
    ),
    Parameter(
        name="training.precision",
        type="choice",
        default="32",
        title="Precision",
        help="32: ordinary floats. bf16: half the memory where the device knows it. 16: CUDA only.",
        choices=PRECISIONS,
    ),
    Parameter(
        name="compute.device",
        type="text",
        default="auto",
        title="Device",
        help="auto, cpu, cuda, cuda:1, mps. Auto takes a GPU if there is one.",
    ),
    Parameter(
        name="compute.threads",
        type="integer",
        optional=True,
        title="Threads",
        help="Processor threads of the training. Empty: all cores, noted down when the run is filed.",
        low=1,
        high=512,
    ),
    Parameter(
        name="compute.loaders",
        type="integer",
        default=0,
        title="Loader processes",
        help="Processes that prepare pictures beside the training. 0: prepared in between, best on few cores.",
        low=0,
        high=64,
    ),
    Parameter(
        name="compute.deterministic",
        type="switch",
        default=True,
        title="Deterministic",
        help="Only operations that give the same bits each time. Costs next to nothing on a CPU.",
    ),
    Parameter(
        name="compute.memory_layout",
        type="choice",
        default="channels_last",
        title="Memory layout",
        help="channels_last keeps the channels of one pixel together, which is what fast convolutions want.",
        choices=MEMORY_LAYOUTS,
    ),
)

SETTINGS: Final[Mapping[str, Parameter]] = {setting.name: setting for setting in _DESCRIBED}
"""Every setting of a run by its path, but for the steps of the pipeline."""


def default(path: str) -> Any:  # noqa: ANN401 - its type is the setting's
    """The value of a setting that nobody chose."""
    return SETTINGS[path].default


def groups() -> Mapping[str, tuple[Parameter, ...]]:
    """All that can be set, by title: settings of a run, options of each family, parameters of each step."""
    return {
        "Settings of a run": tuple(SETTINGS.values()),
        **{f"Options of {family.title}": family.options for family in FAMILIES.values()},
        **{f"Step {name}": get_transform(name).parameters for name in transform_names()},
    }
