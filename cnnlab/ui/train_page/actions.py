"""Callbacks for the buttons of the Train page; errors are shown above the page."""

from cnnlab.models.registry import family_names
from cnnlab.runs import lifecycle
from cnnlab.runs.filing import move_in_queue
from cnnlab.runs.housekeeping import delete_run
from cnnlab.runs.worker import start_worker_if_none
from cnnlab.store.records import DataSetRecord, RunRecord
from cnnlab.ui import address, drafts, messages, wording
from cnnlab.ui.filing import file_runs
from cnnlab.ui.messages import guard_callback
from cnnlab.ui.next_run import form, takeover
from cnnlab.ui.resources import store


def start(dataset: DataSetRecord) -> None:
    """File the run described by the form, and show it."""
    with guard_callback("the next run"):
        filled = form.current()
        source = drafts.recall(form.CLONED_FROM)
        _show(file_runs([filled.config(dataset)], recipe=filled.recipe, cloned_from=source))


def start_all(dataset: DataSetRecord) -> None:
    """File one run of each family with the settings of the form, and show them together."""
    with guard_callback("the next run"):
        filled = form.current()
        configs = [filled.config(dataset, family=family) for family in family_names()]
        _show(file_runs(configs, recipe=filled.recipe))


def stop(run_id: str) -> None:
    """Stop a run, or take it out of the queue."""
    with guard_callback(run_id):
        run = lifecycle.stop(store(), run_id)
        messages.add_notice(f"{run.name}: {'stopping' if run.is_active else 'removed from the queue'}.")


def pause(run_id: str) -> None:
    """Ask a run to write a checkpoint and free its device."""
    with guard_callback(run_id):
        messages.add_notice(f"{lifecycle.pause(store(), run_id).name}: pausing.")


def resume(run_id: str) -> None:
    """Resume a run from its checkpoint, ahead of all waiting runs."""
    with guard_callback(run_id):
        messages.add_notice(f"{lifecycle.resume(store(), run_id).name}: will resume next.")
        start_worker_if_none(store())


def move(run_id: str, position: int) -> None:
    """Move a waiting run to another position in the queue; 0 is the front."""
    with guard_callback(run_id):
        move_in_queue(store(), run_id, position)


def put_back(run_id: str, position: int) -> None:
    """Put a cancelled run back into the queue, at the same position."""
    with guard_callback(run_id):
        lifecycle.resume(store(), run_id)
        move_in_queue(store(), run_id, position)
        start_worker_if_none(store())


def edit(run_id: str) -> None:
    """Fill the form with a run's configuration, so that a changed copy can be started."""
    with guard_callback(run_id):
        run = store().runs.get(run_id)
        takeover.take_over(run)
        messages.add_notice(f"The form now has the settings of {run.name}. Change them, then press Start.")


def delete(run_id: str) -> None:
    """Delete a run and its folder; an active run cannot be deleted."""
    with guard_callback(run_id):
        name = store().runs.get(run_id).name
        delete_run(store(), run_id)
        address.runs.set([shown_id for shown_id in address.runs.get() if shown_id != run_id])
        messages.add_notice(f"{name}: deleted.")


def _show(filed: list[RunRecord]) -> None:
    address.runs.set([run.run_id for run in filed])
    names = ", ".join(run.name for run in filed)
    messages.add_notice(f"{wording.counted(len(filed), 'run')} filed: {names}.")
