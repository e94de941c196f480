"""The original with the crops outlined, the samples, the steps of one sample, and the figures of its tensor."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st
from PIL import Image

from cnnlab.data.boxes import Box
from cnnlab.data.pipeline import Pipeline
from cnnlab.data.records import Picture
from cnnlab.data.transforms import get_transform, transform_names
from cnnlab.helper.augment import Gallery, Sample, StepPicture
from cnnlab.plots import numbers
from cnnlab.store.records import DataSetRecord
from cnnlab.ui import drafts, keys, pictures, wording
from cnnlab.ui.augment_page import cautions, samples
from cnnlab.ui.next_run import choices, settings
from cnnlab.ui.pictures import Tile
from cnnlab.ui.state import Slot

FORM: Final = "augment"
COUNTS: Final = (4, 8, 16)
SIDE: Final = 98
STEP_SIDE: Final = 120
SEED: Final = "seed"
MAX_SEED: Final = 2**31 - 1


class _Looking:
    epoch: Slot[int] = Slot(0)
    """Epoch of the sample to look at closely; the first sample if this one is not shown."""


_looking = _Looking()


@dataclass(frozen=True)
class View:
    """Which samples are shown."""

    seed: int
    epochs: range
    is_stepwise: bool


def choose_view() -> View:
    """Render the choice of seed, epochs and mode, in the open container."""
    st.session_state[keys.AUGMENT_SEED] = settings.setting(SEED)
    drafts.restore(FORM, (keys.AUGMENT_EPOCH, keys.AUGMENT_COUNT, keys.AUGMENT_STEPWISE))
    st.session_state.setdefault(keys.AUGMENT_EPOCH, 1)
    st.session_state.setdefault(keys.AUGMENT_COUNT, COUNTS[1])
    st.session_state.setdefault(keys.AUGMENT_STEPWISE, False)
    seed = st.number_input(
        "Seed",
        min_value=0,
        max_value=MAX_SEED,
        step=1,
        key=keys.AUGMENT_SEED,
        help="The run's seed, shared with the Train page. A different seed gives different crops and flips.",
        width=92,
        on_change=lambda: settings.change(SEED, st.session_state[keys.AUGMENT_SEED]),
    )
    first = st.number_input(
        "First epoch",
        min_value=1,
        max_value=9_999,
        step=1,
        key=keys.AUGMENT_EPOCH,
        help="Every epoch has new samples; the same seed and epoch always give the same one.",
        width=92,
        persist_state="session",
    )
    count: int | None = st.segmented_control(
        "Epochs", COUNTS, key=keys.AUGMENT_COUNT, help="How many epochs to show, one sample each.", required=True,
        persist_state="session",
    )  # fmt: skip
    is_stepwise = st.toggle(
        "Step by step", key=keys.AUGMENT_STEPWISE, help="Shows one sample after each step.", persist_state="session"
    )
    drafts.keep(
        FORM,
        {keys.AUGMENT_EPOCH: first, keys.AUGMENT_COUNT: count, keys.AUGMENT_STEPWISE: is_stepwise},
    )
    return View(int(seed or 0), range(int(first), int(first) + int(count or COUNTS[1])), is_stepwise)


def sample_again() -> None:
    """Show the next epochs."""
    count = st.session_state.get(keys.AUGMENT_COUNT, COUNTS[1])
    st.session_state[keys.AUGMENT_EPOCH] = min(st.session_state.get(keys.AUGMENT_EPOCH, 1) + count, 9_999)


def render(picture: Picture, pipeline: Pipeline, dataset: DataSetRecord, view: View) -> None:
    """Render what the pipeline makes of a picture."""
    made = samples.gallery(picture, pipeline, dataset, seed=view.seed, epochs=view.epochs)
    left, right = st.columns([1, 2], gap="medium")
    with right:
        if view.is_stepwise:
            close = _close(made)
            _render_steps(samples.steps(picture, pipeline, seed=view.seed, epoch=close.epoch))
            st.caption(
                f"The sample of epoch {close.epoch} after each step. The area of a crop is outlined on the picture "
                "before it."
            )
        else:
            close = _render_grid(made, picture)
            st.caption("Click a sample to see its crop and its figures.")
    with left:
        _render_original(made, picture, close)
    _render_figures(close)
    _render_promise(view, close)
    known = cautions.Pictures(name=dataset.name, classes=dataset.classes, short_side=min(picture.width, picture.height))
    misfit = cautions.too_small_for(choices.architecture(), pipeline)
    for sentence in (misfit, *cautions.cautions(pipeline, known)):
        if sentence is not None:
            st.warning(sentence, icon=":material/warning:")


def _close(made: Gallery) -> Sample:
    return next((sample for sample in made.samples if sample.epoch == _looking.epoch), made.samples[0])


def _render_grid(made: Gallery, picture: Picture) -> Sample:
    """Render the samples; return the one to look at closely."""
    slot = st.empty()
    tiles = [
        Tile(
            identifier=str(sample.epoch),
            jpeg=sample.jpeg,
            alt=f"{picture.label}: sample of epoch {sample.epoch}",
            facts=(f"epoch {sample.epoch}",),
        )
        for sample in made.samples
    ]
    with slot:
        opened = pictures.grid(tiles, key=keys.AUGMENT_DRAWS, side=SIDE, openable=True)
    if opened is not None:
        _looking.epoch = int(opened)
    return _close(made)


def _render_original(made: Gallery, picture: Picture, close: Sample) -> None:
    others = [sample.box for sample in made.samples if sample is not close]
    boxes = [box for box in (close.box, *others) if box is not None]
    shown = pictures.outlined(made.original, boxes if close.box is not None else ())
    description = f"with the crop of epoch {close.epoch} outlined" if close.box else "original"
    st.image(shown, width="stretch", alt=f"{picture.label}: {picture.path.name}, {description}")
    crops = f"The bold frame is the crop of epoch {close.epoch}. " if close.box else ""
    st.caption(
        f"**{wording.escape_markdown(picture.label)}**, {wording.escape_markdown(picture.path.name)}: "
        f"{made.width} x {made.height} px, working size {made.working_width} x {made.working_height}. {crops}"
    )


def _render_steps(steps: Sequence[StepPicture]) -> None:
    tiles = []
    for index, step in enumerate(steps):
        following = steps[index + 1].box if index + 1 < len(steps) else None
        tiles.append(
            Tile(
                identifier=str(index),
                jpeg=_whole(step.jpeg, following),
                alt=", ".join(filter(None, (_alt(step), _chance(step)))),
                facts=(_title(step.name), " · ".join(filter(None, (f"{step.width} x {step.height}", _chance(step))))),
            )
        )
    pictures.grid(tiles, key=keys.AUGMENT_STEPS, side=STEP_SIDE)


def _whole(jpeg: bytes, box: Box | None) -> bytes:
    """The picture at roughly its display size, so that the outline of a crop is a thin line."""
    side = pictures.thumbnail_side(STEP_SIDE)
    image = Image.open(io.BytesIO(jpeg)).convert("RGB")
    scale = side / max(image.size)
    image = image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    data = io.BytesIO()
    image.save(data, "JPEG", quality=92, subsampling=0)
    return pictures.outlined(data.getvalue(), (box,) if box is not None else ())


def _alt(step: StepPicture) -> str:
    return f"After {_title(step.name)}: {step.width} x {step.height} pixels"


def _chance(step: StepPicture) -> str:
    """Whether a step with a probability was applied in this sample; empty for other steps."""
    if step.name not in transform_names() or all(
        parameter.name != "probability" for parameter in get_transform(step.name).parameters
    ):
        return ""
    return "applied" if step.is_applied else "not applied"


def _title(name: str) -> str:
    if name in transform_names():
        return get_transform(name).title
    return {"working": "Working size", "fit": "Fitted"}.get(name, name)


def _render_figures(close: Sample) -> None:
    figures = close.figures
    with st.container(horizontal=True, gap="medium", key="augment_figures"):
        for title, value, text in (
            ("Size", " x ".join(map(str, figures.shape)), "Channels x height x width of the tensor."),
            ("Minimum", numbers.three_digits(figures.minimum), "Smallest value after normalisation."),
            ("Maximum", numbers.three_digits(figures.maximum), "Largest value after normalisation."),
            ("Mean", numbers.three_digits(figures.mean), "Over all channels and pixels."),
            ("Deviation", numbers.three_digits(figures.deviation), "Standard deviation over all channels and pixels."),
        ):
            st.metric(title, value, width="content", help=f"{text} Sample of epoch {close.epoch}.")


def _render_promise(view: View, close: Sample) -> None:
    st.caption(
        f":material/verified: This is, bit for bit, what the training loop will see in epochs {view.epochs.start} to "
        f"{view.epochs.stop - 1} of a run with seed {view.seed} (SHA-256 of the byte tensor of epoch {close.epoch}: "
        f"`{close.digest[:12]}…`). Validation and prediction skip the random steps."
    )
