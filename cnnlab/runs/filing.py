"""Files a run: freezes its configuration and adds it to the end of the queue. Does not start a worker."""

from typing import Final

from sqlalchemy import func, select, update

from cnnlab.errors import ConfigError, RunStateError
from cnnlab.processes import ProcessIdentity
from cnnlab.runs.devices import resolve_for_filing
from cnnlab.runs.origin import freeze_origin
from cnnlab.store.records import RunRecord, Status
from cnnlab.store.schema import runs
from cnnlab.store.store import Store
from cnnlab.store.transactions import process_values
from cnnlab.training.config import RunConfig

MAX_NAME_LENGTH: Final = 80


def file_run(
    store: Store,
    config: RunConfig,
    *,
    token: str | None = None,
    reserved_for: ProcessIdentity | None = None,
    recipe: str | None = None,
    cloned_from: str | None = None,
    note: str = "",
    tags: tuple[str, ...] = (),
) -> RunRecord:
    """Add a run to the end of the queue.

    Filing twice with the same `token` (a double click, a repeated request) files only one run. `reserved_for` reserves
    the run for a process that will train it itself; no worker takes it while that process is alive.
    """
    if config.name is not None and len(config.name) > MAX_NAME_LENGTH:
        raise ConfigError(
            f"The name of a run can have at most {MAX_NAME_LENGTH} characters (got {len(config.name):,}); shorten it."
        )
    config = freeze_origin(store, resolve_for_filing(store, config))
    values = {
        "name": config.name or _default_name(store, config),
        "family": config.architecture.family,
        "preset": config.architecture.preset,
        "recipe": recipe,
        "config": config.to_dict(),
        "device": config.compute.device,
        "threads": config.compute.threads,
        "epochs": config.training.epochs,
        "cloned_from": cloned_from,
        "note": note,
        "tags": list(tags),
        **process_values(reserved_for),
    }
    return store.runs.add(values, token=token)


def move_in_queue(store: Store, run_id: str, position: int) -> None:
    """Move a queued run to another position, 0 is the front; the others keep their order.

    Raises:
        RunStateError: the run is not queued.
    """
    with store.runs.writing() as connection:
        waiting = select(runs.c.run_id).where(runs.c.status == Status.QUEUED).order_by(runs.c.position, runs.c.number)
        order = list(connection.scalars(waiting))
        if run_id not in order:
            raise RunStateError(
                f"Run {run_id} is not in the queue (any more), so it cannot be moved there.", run_id=run_id
            )
        order.remove(run_id)
        order.insert(max(0, position), run_id)
        for rank, queued_id in enumerate(order, start=1):
            connection.execute(update(runs).where(runs.c.run_id == queued_id).values(position=float(rank)))


def _default_name(store: Store, config: RunConfig) -> str:
    stem = f"{config.architecture.family} {config.architecture.preset}"
    mine = select(func.count()).where(runs.c.family == config.architecture.family)
    with store.runs.reading() as connection:
        count = connection.scalar(mine.where(runs.c.preset == config.architecture.preset)) or 0
    return f"{stem} {count + 1}"
