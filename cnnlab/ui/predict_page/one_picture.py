"""One picture: what each run sees in it, how sure it is, and where it looked."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from cnnlab.analysis.records import Prediction, agreement
from cnnlab.data.records import Part
from cnnlab.errors import CnnLabError
from cnnlab.helper.predict import Heat, RunPredictions
from cnnlab.models.registry import get_family
from cnnlab.plots import numbers
from cnnlab.plots.bars import probability_bars, probability_text
from cnnlab.plots.overlay import overlay
from cnnlab.store.records import RunRecord
from cnnlab.ui import downloads, keys, messages, pictures, wording
from cnnlab.ui.live_figure.figures import figure
from cnnlab.ui.predict_page import answers
from cnnlab.ui.predict_page.sources import Asked

LIKELIEST: Final = "most likely class"
SHOWN_CLASSES: Final = 5
SIDE_BY_SIDE: Final = 3
READABLE_VALUE: Final = "<style>.st-key-predict-opacity p { color: light-dark(#0F1116, #FAFAFA); }</style>"
"""Streamlit shows a slider's value in the primary colour, which is too faint as text on a dark page."""


def render(runs: Sequence[RunRecord], asked: Asked, predictions: Sequence[RunPredictions]) -> None:
    """Render the picture, the agreement of the runs, and a card for each run."""
    answered = [answer for answer in predictions if answer.error is None]
    unread = next((answer.predictions[0].error for answer in answered if answer.predictions[0].error), None)
    if unread is not None:
        messages.show_error(f"{asked.name}: {unread}")
        return
    views = [answer.predictions[0] for answer in answered]
    top, controls = st.columns([1, 2.4], gap="medium", vertical_alignment="center")
    with top:
        pictures.large(asked.source, alt=f"{asked.name}, the picture shown to the runs", width=280)
    with controls:
        st.subheader(wording.escape_markdown(agreement([answer.name for answer in answered], views)), anchor=False)
        st.caption(
            f"{wording.escape_markdown(asked.name)}"
            + (f", true class **{wording.escape_markdown(asked.label)}**" if asked.label else "")
        )
        _tell_where_it_was(runs, asked)
        label, opacity = _choose_heat(views)
    pairs = list(zip(runs, predictions, strict=True))
    for start in range(0, len(pairs), SIDE_BY_SIDE):
        columns = st.columns(min(SIDE_BY_SIDE, max(2, len(pairs))), gap="small")
        for column, (run, answer) in zip(columns, pairs[start:], strict=False):
            with column:
                _render_run(run, answer, asked, label, opacity)


def _tell_where_it_was(runs: Sequence[RunRecord], asked: Asked) -> None:
    """Say which runs were trained on this picture: their predictions for it look better than they are."""
    if asked.picture_id is None:
        return
    known = [run.name for run in runs if answers.part_of(run, asked.picture_id) == Part.TRAIN]
    if known:
        st.caption(f":material/school: Trained on this picture: {wording.escape_markdown(', '.join(known))}.")


def _choose_heat(views: Sequence[Prediction]) -> tuple[str, float]:
    """Choose which class to look for, and the strength of the colours."""
    classes = list(dict.fromkeys(label for view in views for label in view.labels))
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        label = st.selectbox(
            "Show heat map for",
            [LIKELIEST, *classes],
            key=keys.PREDICT_EXPLAIN,
            width=210,
            help="Grad-CAM: the parts of the picture that supported a class, at an equally coarse layer of each run.",
        )
        st.html(READABLE_VALUE)
        opacity = st.slider("Colour strength", 0, 100, 60, 5, format="%d %%", key=keys.PREDICT_OPACITY, width=190)
    return label, opacity / 100


def _render_run(run: RunRecord, answer: RunPredictions, asked: Asked, label: str, opacity: float) -> None:
    with st.container(border=True, gap="small"):
        st.markdown(f"**{wording.escape_markdown(run.name)}**")
        if answer.error is not None:
            messages.show_error(answer.error)
            return
        view = answer.predictions[0]
        with messages.guard(f"the explanation of {run.name}"):
            _render_heat(run, asked, view.ranked[0][0] if label == LIKELIEST else label, opacity)
        likeliest = view.ranked[:SHOWN_CLASSES]
        figure(
            probability_bars(likeliest, truth=asked.label),
            f"{keys.PREDICT_BARS}.{run.run_id}",
            probability_text(likeliest),
            filename=f"{run.name} probabilities",
        )
        others = view.ranked[SHOWN_CLASSES:]
        if others:
            more = wording.counted(len(others), "more class", "more classes")
            st.caption(f"{more}: {numbers.percent(sum(share for _, share in others))} together.")
        st.caption(_pre_processing(run, view))


def _render_heat(run: RunRecord, asked: Asked, label: str, opacity: float) -> None:
    try:
        heat = answers.heat(run, asked, label)
    except CnnLabError as error:
        messages.show_error(str(error))
        return
    picture = overlay(heat.input.png, heat.heat, opacity=opacity)
    st.image(
        picture,
        width="stretch",
        alt=f"Where {run.name} saw {label}: the brighter, the more it supported the class",
    )
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
        st.caption(_where(heat), width="content")
        downloads.download_button(
            "Save",
            lambda: picture,
            wording.file_name(f"{run.name} saw {heat.label}", "heat.jpg"),
            f"{keys.PREDICT_HEAT}.{run.run_id}",
            help="Downloads the picture with these colours, at the size the network sees.",
            type="tertiary",
        )


def _where(heat: Heat) -> str:
    if not heat.is_seen:
        return f"Nothing in this picture supports {wording.escape_markdown(heat.label)} at layer `{heat.layer}`."
    return f"{wording.escape_markdown(heat.label)}, at layer `{heat.layer}`, one cell = {heat.stride} px"


def _pre_processing(run: RunRecord, view: Prediction) -> str:
    pipeline = run.config["pipeline"]
    side, normalisation = pipeline["image_size"], pipeline["normalisation"]
    scaled = {"none": "values from 0 to 1", "imagenet": "ImageNet mean and deviation"}.get(
        normalisation, "mean and deviation of the training pictures"
    )
    family = get_family(run.family).title
    return f"{family}, sees {side} x {side} pixels, {scaled}; {1000 * view.seconds:.3g} ms on one core"
