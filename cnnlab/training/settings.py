"""Every setting of a run, as data: its limits, its default and its help text.

Names are paths in a configuration (`training.learning_rate`). Forms and command-line options are built from this.
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
        help="The name of the run in tables. It need not be unique.",
    ),
    Parameter(
        name="seed",
        type="integer",
        default=0,
        title="Seed",
        help="Determines initial weights, order of pictures, augmentation and dropout. The same configuration and seed "
        "give the same run; several seeds show how much is luck.",
        low=0,
        high=2**31 - 1,
    ),
    Parameter(name="data.path", type="text", title="Pictures", help="A folder with one sub-folder for each class."),
    Parameter(
        name="data.val_fraction",
        type="number",
        default=0.2,
        title="Validation fraction",
        help="Share of each class that is held out of training for validation. With 0 there is no validation, and the "
        "last epoch counts as the best.",
        low=0.0,
        high=0.9,
    ),
    Parameter(
        name="data.test_fraction",
        type="number",
        default=0.0,
        title="Test fraction",
        help="Share of each class that is evaluated only once, at the very end, with the best weights.",
        low=0.0,
        high=0.9,
    ),
    Parameter(
        name="data.split_seed",
        type="integer",
        default=0,
        title="Split seed",
        help="Determines which pictures go to which part. The run's own seed has no influence on it.",
        low=0,
        high=2**31 - 1,
    ),
    Parameter(
        name="data.split",
        type="integer",
        optional=True,
        title="Split",
        help="Number of a recorded split. Empty: the split follows from the fractions and the split seed.",
    ),
    Parameter(
        name="architecture.family", type="text", title="Family", help=f"The kind of network: {', '.join(FAMILIES)}."
    ),
    Parameter(
        name="architecture.preset",
        type="text",
        default=DEFAULT_PRESET,
        title="Preset",
        help="The set of options to start from; single options can then be changed.",
    ),
    Parameter(
        name="architecture.options", type="mapping", title="Options", help="Options that differ from the preset."
    ),
    Parameter(
        name="architecture.init_from",
        type="text",
        optional=True,
        title="Start from weights",
        help="An earlier run, or a file of weights. The head is initialised anew if the classes differ.",
    ),
    Parameter(
        name="architecture.freeze",
        type="switch",
        default=False,
        title="Freeze the body",
        help="Train only the head. Useful when starting from trained weights.",
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
        help="Pictures per step. Larger is faster until memory is full; smaller is noisier. The batches of an epoch "
        "differ in size by at most one picture.",
        low=1,
        high=1024,
        unit="pictures",
    ),
    Parameter(
        name="training.accumulate",
        type="integer",
        default=1,
        title="Accumulation",
        help="Batches whose gradients are added up before each step: the effect of a large batch with the memory of a "
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
        help="Adam adapts the step size of each weight; AdamW is Adam with decoupled weight decay; SGD with momentum "
        "is the classic choice; RMSprop is Adam's predecessor.",
        choices=OPTIMISERS,
    ),
    Parameter(
        name="training.learning_rate",
        type="number",
        default=0.001,
        title="Learning rate",
        help="Peak step size, which the schedule scales. Too high: the loss jumps or becomes infinite. Too low: hardly "
        "anything changes. SGD needs about ten to a hundred times as much as Adam.",
        low=1e-7,
        high=10.0,
        logarithmic=True,
    ),
    Parameter(
        name="training.momentum",
        type="number",
        default=0.9,
        title="Momentum",
        help="How much of the previous step is carried over. SGD and RMSprop only; the others have their own.",
        low=0.0,
        high=0.9999,
    ),
    Parameter(
        name="training.weight_decay",
        type="number",
        default=0.0,
        title="Weight decay",
        help="Pulls weights towards zero at each step, against overfitting.",
        low=0.0,
        high=1.0,
    ),
    Parameter(
        name="training.schedule",
        type="choice",
        default="constant",
        title="Schedule",
        help="How the learning rate changes. constant: not at all; step: reduced at intervals; cosine: falls to zero "
        "along half a cosine wave; one_cycle: rises for three tenths of the run, then falls to almost zero.",
        choices=SCHEDULES,
    ),
    Parameter(
        name="training.warmup_epochs",
        type="number",
        default=0.0,
        title="Warm-up",
        help="Epochs in which the learning rate rises linearly from almost zero, before the schedule takes over. The "
        "one_cycle schedule has its own rise.",
        low=0.0,
        high=1000.0,
        unit="epochs",
    ),
    Parameter(
        name="training.step_epochs",
        type="integer",
        default=10,
        title="Step interval",
        help="For the step schedule: epochs between two reductions.",
        low=1,
        high=10_000,
        unit="epochs",
    ),
    Parameter(
        name="training.step_factor",
        type="number",
        default=0.1,
        title="Step factor",
        help="For the step schedule: the factor that multiplies the learning rate at each reduction.",
        low=0.001,
        high=1.0,
    ),
    Parameter(
        name="training.label_smoothing",
        type="number",
        default=0.0,
        title="Label smoothing",
        help="Share of the target that is spread over all classes, so that the network does not become overconfident.",
        low=0.0,
        high=0.9,
    ),
    Parameter(
        name="training.class_weights",
        type="choice",
        default="none",
        title="Class weights",
        help="balanced: pictures of rare classes count more, so that all classes count equally.",
        choices=CLASS_WEIGHTS,
    ),
    Parameter(
        name="training.clip_norm",
        type="number",
        optional=True,
        title="Gradient clipping",
        help="Maximum gradient norm; larger gradients are scaled down to it. Empty: no clipping.",
        low=1e-4,
        high=1e4,
        logarithmic=True,
    ),
    Parameter(
        name="training.patience",
        type="integer",
        optional=True,
        title="Patience",
        help="The run ends early after this many epochs without a lower validation loss. Empty: never.",
        low=1,
        high=10_000,
        unit="epochs",
    ),
    Parameter(
        name="training.precision",
        type="choice",
        default="32",
        title="Precision",
        help="32: single precision. bf16: half the memory, if the device supports it. 16: CUDA only.",
        choices=PRECISIONS,
    ),
    Parameter(
        name="compute.device",
        type="text",
        default="auto",
        title="Device",
        help="auto, cpu, cuda, cuda:1 or mps. auto uses a GPU if there is one.",
    ),
    Parameter(
        name="compute.threads",
        type="integer",
        optional=True,
        title="Threads",
        help="Processor threads for training. Empty: all cores; their number is recorded when the run is filed.",
        low=1,
        high=512,
    ),
    Parameter(
        name="compute.loaders",
        type="integer",
        default=0,
        title="Loader processes",
        help="Processes that prepare pictures during training. 0: prepared between steps, best with few cores.",
        low=0,
        high=64,
    ),
    Parameter(
        name="compute.deterministic",
        type="switch",
        default=True,
        title="Deterministic",
        help="Use only operations that give the same bits every time. Costs almost nothing on a CPU.",
    ),
    Parameter(
        name="compute.memory_layout",
        type="choice",
        default="channels_last",
        title="Memory layout",
        help="channels_last stores the channels of a pixel together, which fast convolutions need.",
        choices=MEMORY_LAYOUTS,
    ),
)

SETTINGS: Final[Mapping[str, Parameter]] = {setting.name: setting for setting in _DESCRIBED}
"""Every setting of a run by its path, except the steps of the pipeline."""


def default(path: str) -> Any:  # noqa: ANN401 - its type is the setting's
    """The default of a setting."""
    return SETTINGS[path].default


def groups() -> Mapping[str, tuple[Parameter, ...]]:
    """Everything that can be set, by title: settings of a run, options of each family, parameters of each step."""
    return {
        "Settings of a run": tuple(SETTINGS.values()),
        **{f"Options of {family.title}": family.options for family in FAMILIES.values()},
        **{f"Step {name}": get_transform(name).parameters for name in transform_names()},
    }
