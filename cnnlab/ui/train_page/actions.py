"""What the buttons of the Train page do, as callbacks; an error is kept and told at the next drawing."""

from collections.abc import Callable

from cnnlab.models.registry import family_names
from cnnlab.runs import lifecycle
from cnnlab.runs.filing import move_in_queue
from cnnlab.runs.housekeeping import delete_run
from cnnlab.runs.records import DataSetRecord, RunRecord
from cnnlab.runs.worker import start_worker_if_none
from cnnlab.ui import address, wording
from cnnlab.ui.filing import file_runs
from cnnlab.ui.messages import guard_callback
from cnnlab.ui.resources import store
from cnnlab.ui.state import session
from cnnlab.ui.train_page import form, takeover


def start(dataset: DataSetRecord) -> None:
    """File the run that the form describes, and show it."""
    with guard_callback():
        filled = form.current()
        _show(file_runs([filled.config(dataset.path)], recipe=filled.recipe))


def start_all(dataset: DataSetRecord) -> None:
    """File one run of each family with the settings of the form, and show them together."""
    with guard_callback():
        filled = form.current()
        configs = [filled.config(dataset.path, family=family) for family in family_names()]
        _show(file_runs(configs, recipe=filled.recipe))


def stop(run_id: str) -> None:
    """Stop a run, or take it out of the queue."""
    _ask(lifecycle.stop, run_id, "asked to stop")


def pause(run_id: str) -> None:
    """Let a run write a checkpoint and leave its device."""
    _ask(lifecycle.pause, run_id, "asked to pause")


def resume(run_id: str) -> None:
    """Let a run go on from its checkpoint, before all others that wait."""
    _ask(lifecycle.resume, run_id, "goes on next")
    with guard_callback():
        start_worker_if_none(store())


def move(run_id: str, place: int) -> None:
    """Give a waiting run another place in the queue, 0 is the front."""
    with guard_callback():
        move_in_queue(store(), run_id, place)


def edit(run_id: str) -> None:
    """Fill the form with a run's configuration, to start a changed copy of it."""
    with guard_callback():
        run = store().runs.get(run_id)
        takeover.take_over(run)
        session.notice = f"The form now holds the settings of {run.name}: change them, then press Start."


def delete(run_id: str) -> None:
    """Delete a run with its folder; one that goes on is refused."""
    with guard_callback():
        name = store().runs.get(run_id).name
        delete_run(store(), run_id)
        address.runs.set([one for one in address.runs.get() if one != run_id])
        session.notice = f"{name}: deleted."


def _ask(action: Callable[..., RunRecord], run_id: str, told: str) -> None:
    with guard_callback():
        session.notice = f"{action(store(), run_id).name}: {told}."


def _show(filed: list[RunRecord]) -> None:
    address.runs.set([run.run_id for run in filed])
    names = ", ".join(run.name for run in filed)
    session.notice = f"{wording.counted(len(filed), 'run')} filed: {names}."
