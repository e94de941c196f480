"""Predictions and heat maps of the chosen runs, made by the helper process and cached."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import streamlit as st

from cnnlab.helper import front
from cnnlab.helper import predict as work
from cnnlab.helper.predict import Heat, RunPredictions
from cnnlab.runs.housekeeping import run_folder
from cnnlab.store.records import RunRecord
from cnnlab.store.store import Store
from cnnlab.ui.predict_page.sources import Asked
from cnnlab.ui.resources import store
from cnnlab.workspace import Workspace

SECONDS: Final = 300.0
"""Enough for two hundred pictures and six large networks on a small machine."""


def predictions(runs: Sequence[RunRecord], asked: Sequence[Asked]) -> tuple[RunPredictions, ...]:
    """Each run's predictions of every picture, in order."""
    return _predictions(tuple(map(_version, runs)), tuple(picture.source for picture in asked), Workspace.current())


def heat(run: RunRecord, picture: Asked, label: str) -> Heat:
    """The heat map of a class in a picture.

    Raises:
        CnnLabError: the picture cannot be read, or the run does not know the class.
    """
    return _heat(_version(run), picture.source, label, Workspace.current())


def part_of(run: RunRecord, picture_id: str) -> str | None:
    """The part of a run's split that contains a picture; None if the picture is not in it."""
    return _parts(store(), run.run_id, run.attempt).get(picture_id)


@lru_cache(maxsize=8)
def _parts(store: Store, run_id: str, _attempt: int) -> dict[str, str]:
    rows = run_folder(store, store.runs.get(run_id)).read_pictures()
    return {row["id"]: row["part"] for row in rows}


def _version(run: RunRecord) -> tuple[str, int]:
    """A run and when its weights were written: while it is active they change, and so do its predictions."""
    weights = run_folder(store(), run).weights()
    try:
        return run.run_id, 0 if weights is None else weights.stat().st_mtime_ns
    except FileNotFoundError:  # the checkpoint has just been replaced by the next one
        return run.run_id, 0


@st.cache_data(max_entries=32, show_spinner="Asking the networks …")
def _predictions(
    versions: tuple[tuple[str, int], ...], sources: tuple[Path | bytes, ...], workspace: Workspace
) -> tuple[RunPredictions, ...]:
    run_ids = [run_id for run_id, _ in versions]
    return front.ask_within(SECONDS, work.predict, run_ids, sources, workspace=workspace)


@st.cache_data(max_entries=64, show_spinner="Making heat maps …")
def _heat(version: tuple[str, int], source: Path | bytes, label: str, workspace: Workspace) -> Heat:
    return front.ask(work.explain, version[0], source, label=label, workspace=workspace)
