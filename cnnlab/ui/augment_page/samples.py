"""Samples of a picture from a pipeline, made by the helper process and cached."""

from typing import Final

import streamlit as st

from cnnlab.data.pipeline import Pipeline
from cnnlab.data.records import Picture
from cnnlab.helper import augment as work
from cnnlab.helper import front
from cnnlab.helper.augment import Gallery, StepPicture
from cnnlab.runs.pictures import ensure_split
from cnnlab.store.datasets import pictures_of
from cnnlab.store.records import DataSetRecord
from cnnlab.training.config import DataConfig
from cnnlab.ui.next_run import settings
from cnnlab.ui.resources import store
from cnnlab.workspace import Workspace

MAX_MEASURED: Final = 2_000
"""How many pictures are measured for this preview; a run measures all of its training pictures."""
SECONDS: Final = 300.0

Statistics = tuple[tuple[float, float, float], tuple[float, float, float]]


def gallery(picture: Picture, pipeline: Pipeline, dataset: DataSetRecord, *, seed: int, epochs: range) -> Gallery:
    """The original and its samples.

    Raises:
        CnnLabError: the file is missing, has changed or cannot be decoded.
    """
    statistics = _statistics_for(pipeline, dataset)
    return _gallery(picture, pipeline.to_yaml(), statistics, seed, tuple(epochs), Workspace.current())


def steps(picture: Picture, pipeline: Pipeline, *, seed: int, epoch: int) -> tuple[StepPicture, ...]:
    """One sample after each step; raises like `gallery`."""
    return _steps(picture, pipeline.to_yaml(), seed, epoch, Workspace.current())


def _statistics_for(pipeline: Pipeline, dataset: DataSetRecord) -> Statistics | None:
    """Mean and deviation over the training pictures of the next run's split; None unless the pipeline needs them."""
    if pipeline.normalisation != "dataset":
        return None
    names = ("val_fraction", "test_fraction", "split_seed")
    data = DataConfig(path=dataset.path, **{name: settings.setting(f"data.{name}") for name in names})
    split = ensure_split(store(), dataset, data)
    training = tuple(picture for picture in pictures_of(store(), dataset) if split.parts.get(picture.id) == "train")
    plain = pipeline.model_copy(update={"normalisation": "none", "steps": pipeline.leading})
    return _measured(training[:MAX_MEASURED], plain.to_yaml(), Workspace.current())


@st.cache_data(max_entries=32, show_spinner="Making samples …")
def _gallery(
    picture: Picture,
    pipeline: str,
    statistics: Statistics | None,
    seed: int,
    epochs: tuple[int, ...],
    workspace: Workspace,
) -> Gallery:
    return front.ask(
        work.gallery,
        picture,
        Pipeline.from_yaml(pipeline),
        workspace=workspace,
        seed=seed,
        epochs=epochs,
        mean_std=statistics,
    )


@st.cache_data(max_entries=32, show_spinner="Applying each step …")
def _steps(picture: Picture, pipeline: str, seed: int, epoch: int, workspace: Workspace) -> tuple[StepPicture, ...]:
    return front.ask(
        work.step_by_step, picture, Pipeline.from_yaml(pipeline), workspace=workspace, seed=seed, epoch=epoch
    )


@st.cache_data(max_entries=8, show_spinner="Measuring the colours of the training pictures …")
def _measured(pictures: tuple[Picture, ...], pipeline: str, workspace: Workspace) -> Statistics:
    return front.ask_within(
        SECONDS, work.dataset_statistics, pictures, Pipeline.from_yaml(pipeline), workspace=workspace
    )
