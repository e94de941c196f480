"""Deletes runs, clears checkpoints and measures disk usage; never touches a user's pictures."""

import shutil
from dataclasses import dataclass

from cnnlab.errors import RunStateError
from cnnlab.runs.folder import RunFolder, size_of
from cnnlab.store.records import RunRecord
from cnnlab.store.store import Store


@dataclass(frozen=True, kw_only=True)
class DiskUse:
    """Bytes by purpose."""

    store: int
    runs: int
    checkpoints: int
    datasets: int
    cache: int
    free: int


def run_folder(store: Store, run: RunRecord) -> RunFolder:
    """The folder of a run."""
    return RunFolder(store.workspace.runs / run.run_id)


def delete_run(store: Store, run_id: str) -> None:
    """Delete a run and its folder.

    Raises:
        RunStateError: it is being trained.
    """
    run = store.runs.get(run_id)
    if not store.runs.remove(run_id):
        raise RunStateError(f"Run {run_id} is {run.status} and cannot be deleted; stop it first.", run_id=run_id)
    shutil.rmtree(run_folder(store, run).path, ignore_errors=True)


def clear_checkpoints(store: Store, run_id: str) -> int:
    """Delete a run's checkpoints, but keep curves, predictions and the best weights; returns the bytes freed.

    Raises:
        RunStateError: the run still needs them.
    """
    run = store.runs.get(run_id)
    if run.is_active:
        raise RunStateError(f"Run {run_id} is {run.status} and needs its checkpoints; stop it first.", run_id=run_id)
    return run_folder(store, run).clear_checkpoints()


def disk_use(store: Store) -> DiskUse:
    """The disk space that the workspace takes."""
    workspace = store.workspace
    checkpoints = sum(size_of(run.path / "checkpoints") for run in map(RunFolder, workspace.runs.iterdir()))
    return DiskUse(
        store=sum(file.stat().st_size for file in workspace.home.glob("lab.db*")),
        runs=size_of(workspace.runs),
        checkpoints=checkpoints,
        datasets=size_of(workspace.datasets),
        cache=size_of(workspace.cache),
        free=shutil.disk_usage(workspace.home).free,
    )
