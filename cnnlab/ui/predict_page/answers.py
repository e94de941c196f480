"""What the chosen runs say, asked of the helper process and kept while the page is looked at. Draws nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import streamlit as st

from cnnlab.helper import front
from cnnlab.helper import predict as work
from cnnlab.helper.predict import Heat, RunPredictions
from cnnlab.runs.records import RunRecord
from cnnlab.ui.predict_page.sources import Asked
from cnnlab.workspace import Workspace

SECONDS: Final = 300.0
"""For two hundred pictures and six large networks on a small machine."""


def predictions(runs: Sequence[RunRecord], asked: Sequence[Asked]) -> tuple[RunPredictions, ...]:
    """Each run's predictions of every picture, in order."""
    versions = tuple((run.run_id, run.best_epoch or 0) for run in runs)  # other weights give another answer
    return _predictions(versions, tuple(one.source for one in asked), Workspace.current())


def heat(run: RunRecord, one: Asked, label: str) -> Heat:
    """Where a run sees a class in a picture.

    Raises:
        CnnLabError: the picture cannot be read, or the run does not know the class.
    """
    return _heat((run.run_id, run.best_epoch or 0), one.source, label, Workspace.current())


@st.cache_data(max_entries=32, show_spinner="Asking the networks …")
def _predictions(
    versions: tuple[tuple[str, int], ...], sources: tuple[Path | bytes, ...], workspace: Workspace
) -> tuple[RunPredictions, ...]:
    run_ids = [run_id for run_id, _ in versions]
    return front.ask_within(SECONDS, work.predict, run_ids, sources, workspace=workspace)


@st.cache_data(max_entries=64, show_spinner="Looking where …")
def _heat(version: tuple[str, int], source: Path | bytes, label: str, workspace: Workspace) -> Heat:
    return front.ask(work.explain, version[0], source, label=label, workspace=workspace)
