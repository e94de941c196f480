"""The keys of all widgets in one place: tests find widgets by them, and two pages cannot use the same key by mistake.

A key is `<page>.<widget>`. Keys that appear in the address are single words.
"""

from typing import Final

# In the address, on all pages or on some.
DATASET: Final = "dataset"
RUN: Final = "run"
RUNS: Final = "runs"
PICTURE: Final = "picture"

# The frame.
STOP_ALL: Final = "frame.stop_all"
STOP_ALL_ASK: Final = "frame.stop_all_ask"
NEXT: Final = "frame.next"
EMPTY_NEXT: Final = "frame.empty_next"
DISMISS: Final = "frame.dismiss"
PAGE_HEADER: Final = "frame_header"
PAGE_FOOTER: Final = "frame_footer"

# Home.
HOME_SHOW_ME: Final = "home.show_me"
HOME_OWN: Final = "home.own"
HOME_GO_ON: Final = "home.go_on"
HOME_ARTICLE: Final = "home.article"
HOME_STOP: Final = "home.stop"

# Data. The first three appear in the address.
DATA_CLASS: Final = "class"
DATA_PART: Final = "part"
DATA_PAGE: Final = "page"
DATA_SOURCE: Final = "data.source"
DATA_ADD: Final = "data.add"
DATA_PATH: Final = "data.path"
DATA_READING: Final = "data.reading"
DATA_USE_INNER: Final = "data.use_inner"
DATA_ZIP: Final = "data.zip"
DATA_INTO: Final = "data.into"
DATA_LABEL: Final = "data.label"
DATA_PHOTOS: Final = "data.photos"
DATA_CAMERA: Final = "data.camera"
DATA_CAMERA_ON: Final = "data.camera_on"
DATA_SAMPLES: Final = "data.samples"
DATA_PER_CLASS: Final = "data.per_class"
DATA_SEED: Final = "data.seed"
DATA_SPLIT: Final = "data.split"
DATA_SPLIT_VAL: Final = "data.split_val"
DATA_SPLIT_TEST: Final = "data.split_test"
DATA_SPLIT_SEED: Final = "data.split_seed"
DATA_SPLIT_MAKE: Final = "data.split_make"
DATA_NAME: Final = "data.name"
DATA_RENAME: Final = "data.rename"
DATA_LOOK_AGAIN: Final = "data.look_again"
DATA_CHANGED: Final = "data.changed"
DATA_FORGET_ASK: Final = "data.forget_ask"
DATA_FORGET: Final = "data.forget"
DATA_BARS: Final = "data.bars"
DATA_GALLERY: Final = "data.gallery"
DATA_BEFORE: Final = "data.before"
DATA_AFTER: Final = "data.after"
DATA_STOP: Final = "data.stop"
DATA_FINDING: Final = "data.finding"

GUIDE_NEXT: Final = "guide.next"
GUIDE_END: Final = "guide.end"

# Augment.
AUGMENT_PRESET: Final = "augment.preset"
AUGMENT_SIZE: Final = "augment.image_size"
AUGMENT_NORMALISATION: Final = "augment.normalisation"
AUGMENT_ADD: Final = "augment.add"
AUGMENT_YAML: Final = "augment.yaml"
AUGMENT_USE_YAML: Final = "augment.use_yaml"
AUGMENT_SEED: Final = "augment.seed"
AUGMENT_EPOCH: Final = "augment.epoch"
AUGMENT_COUNT: Final = "augment.count"
AUGMENT_STEPWISE: Final = "augment.stepwise"
AUGMENT_AGAIN: Final = "augment.again"
AUGMENT_CHOOSE: Final = "augment.choose"
AUGMENT_CHOICES: Final = "augment.choices"
AUGMENT_PAGE: Final = "augment.page"
AUGMENT_DRAWS: Final = "augment.draws"
AUGMENT_STEPS: Final = "augment.steps"

# Architecture. The first two appear in the address.
FAMILY: Final = "family"
PRESET: Final = "preset"
ARCHITECTURE_PRESET: Final = "architecture.preset"
ARCHITECTURE_SIZE: Final = "architecture.image_size"
ARCHITECTURE_RESET: Final = "architecture.reset"
ARCHITECTURE_BACK: Final = "architecture.back"
ARCHITECTURE_MORE: Final = "architecture.more"
ARCHITECTURE_TAB: Final = "architecture.tab"
ARCHITECTURE_INSIDE: Final = "architecture.inside"
ARCHITECTURE_LAYERS: Final = "architecture.layers"
ARCHITECTURE_CALCULATED: Final = "architecture.calculated"
ARCHITECTURE_TRAIN: Final = "architecture.train"

# Train.
TRAIN_START: Final = "train.start"
TRAIN_ALL: Final = "train.start_all"
TRAIN_SPLIT: Final = "train.split"
TRAIN_STOP: Final = "train.stop"
TRAIN_PAUSE: Final = "train.pause"
TRAIN_RESUME: Final = "train.resume"
TRAIN_EDIT: Final = "train.edit"
TRAIN_MORE: Final = "train.more"
TRAIN_DELETE: Final = "train.delete"
TRAIN_POSITION: Final = "train.position"
TRAIN_PUT_BACK: Final = "train.put_back"
TRAIN_CANCEL: Final = "train.cancel"
TRAIN_DISK: Final = "train.disk"
TRAIN_CLEAR: Final = "train.clear"
TRAIN_COST: Final = "train_cost"
TRAIN_LOG: Final = "train.log"
TRAIN_QUEUE: Final = "train.queue"
TRAIN_LIVE: Final = "train.live"
TRAIN_LIVE_SMALL: Final = "train.live_small"
TRAIN_AXIS: Final = "train.axis"
TRAIN_SCALE: Final = "train.scale"
TRAIN_SMOOTHING: Final = "train.smoothing"
TRAIN_FAMILY: Final = "train.family"
TRAIN_PRESET: Final = "train.preset"
TRAIN_RECIPE: Final = "train.recipe"

# Compare.
COMPARE_FILTER: Final = "compare.filter"
COMPARE_FAMILY: Final = "compare.family"
COMPARE_TOUCHED: Final = "compare.touched"
COMPARE_TRIMMED: Final = "compare.trimmed"
COMPARE_PANEL: Final = "compare.panel"
COMPARE_AXIS: Final = "compare.axis"
COMPARE_SCALE: Final = "compare.scale"
COMPARE_CURVES: Final = "compare.curves"
COMPARE_FIGURES: Final = "compare.figures"
COMPARE_SETTINGS: Final = "compare.settings"
COMPARE_COST: Final = "compare.cost"
COMPARE_ARTICLE: Final = "compare.article"
COMPARE_CONFUSION: Final = "compare.confusion"
COMPARE_CELL: Final = "compare.cell"
COMPARE_CELL_GRID: Final = "compare.cell_grid"
COMPARE_DISAGREEMENT: Final = "compare.disagreement"
COMPARE_MANAGED: Final = "compare.managed"
COMPARE_DESCRIBE: Final = "compare.describe"
COMPARE_NAME: Final = "compare.name"
COMPARE_TAGS: Final = "compare.tags"
COMPARE_NOTE: Final = "compare.note"
COMPARE_CLONE: Final = "compare.clone"
COMPARE_DOWNLOAD: Final = "compare.download"
COMPARE_CLEAR: Final = "compare.clear"
COMPARE_DELETE_ASK: Final = "compare.delete_ask"
COMPARE_DELETE: Final = "compare.delete"

# Predict.
PREDICT_RUNS: Final = "predict.runs"
PREDICT_SOURCE: Final = "predict.source"
PREDICT_UPLOAD: Final = "predict.upload"
PREDICT_HELD: Final = "predict.held"
PREDICT_HELD_REMOVE: Final = "predict.held_remove"
PREDICT_CAMERA_ON: Final = "predict.camera_on"
PREDICT_CAMERA: Final = "predict.camera"
PREDICT_CLASS: Final = "predict.class"
PREDICT_PAGE: Final = "predict.page"
PREDICT_GRID: Final = "predict.grid"
PREDICT_PICTURE: Final = "predict.picture"
PREDICT_ALL: Final = "predict.all"
PREDICT_SHOWN: Final = "predict.shown"
PREDICT_OPACITY: Final = "predict.opacity"
PREDICT_EXPLAIN: Final = "predict.explain"
PREDICT_DOWNLOAD: Final = "predict.download"
PREDICT_BARS: Final = "predict.bars"
PREDICT_HEAT: Final = "predict.heat"


def train_group(title: str) -> str:
    """A folded group of settings; the key keeps it open when the number in its title changes."""
    return f"train.group.{title}"


def train_setting(path: str) -> str:
    """The widget of one hyperparameter, by its path in a configuration."""
    return f"train.set.{path}"


def train_table(numbers: tuple[int, ...], shown: tuple[str, ...]) -> str:
    """The table of runs, by the numbers of the runs in it and the ticked runs."""
    return f"{TRAIN_QUEUE}.{hash((numbers, shown))}"


def compare_table(numbers: tuple[int, ...]) -> str:
    """The table of runs, by the numbers of the runs in it."""
    return f"compare.table.{hash(numbers)}"


def augment_step(index: int, name: str, what: str) -> str:
    """A widget of one pipeline step: its switch, a button or a parameter."""
    return f"augment.step.{index}.{name}.{what}"


def architecture_family(family: str) -> str:
    """The button of a family."""
    return f"architecture.family.{family}"


def architecture_option(family: str, option: str) -> str:
    """The widget of one option."""
    return f"architecture.option.{family}.{option}"


def architecture_calculator(name: str) -> str:
    """The field for a number of the size formula."""
    return f"architecture.calculator.{name}"


def home_run(run_id: str) -> str:
    """The card of a run."""
    return f"home.run.{run_id}"
