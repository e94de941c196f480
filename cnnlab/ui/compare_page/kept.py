"""The validation results that runs keep on disk, cached, with names that differ."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from cnnlab.analysis.evaluation import Evaluation, Judged, load_evaluation
from cnnlab.runs.housekeeping import run_folder
from cnnlab.store.records import RunRecord
from cnnlab.store.store import Store
from cnnlab.ui import pictures
from cnnlab.ui.resources import store

EVALUATIONS_KEPT: Final = 40


def evaluations(runs: Sequence[RunRecord]) -> list[Evaluation]:
    """The validation results of each run, with unique names; runs without results are left out."""
    names = unique_names(runs)
    results = []
    for run in runs:
        file = run_folder(store(), run).predictions
        kept = _evaluation(store(), run.run_id, file.stat().st_mtime_ns) if file.is_file() else None
        if kept is not None:
            results.append(replace(kept, name=names[run.run_id]))
    return results


def unique_names(runs: Sequence[RunRecord]) -> dict[str, str]:
    """Names by run id; runs that share a name have their id appended."""
    names = Counter(run.name for run in runs)
    return {run.run_id: run.name if names[run.name] == 1 else f"{run.name} ({run.run_id})" for run in runs}


def small(run_id: str, judged: Sequence[Judged]) -> tuple[bytes | None, ...]:
    """Thumbnails of pictures in the run's data set; None for files that no longer exist."""
    folder = Path(store().runs.get(run_id).config["data"]["path"])
    return pictures.small([(folder / picture.path, picture.picture_id) for picture in judged])


@lru_cache(maxsize=EVALUATIONS_KEPT)
def _evaluation(store: Store, run_id: str, _written: int) -> Evaluation | None:
    """`_written`, the time of the file, makes a new entry once the run has continued."""
    return load_evaluation(store, store.runs.get(run_id))
