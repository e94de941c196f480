"""Who may change a run, and how; without any training."""

import os
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from cnnlab.errors import DIVERGED_REMEDY, CheckpointError, DivergedError, RunNotFoundError, RunStateError
from cnnlab.processes import ProcessIdentity
from cnnlab.runs import lifecycle
from cnnlab.runs.failures import explain
from cnnlab.runs.filing import file_run, move_in_queue
from cnnlab.runs.folder import ATTEMPT_MARK, RunFolder
from cnnlab.runs.housekeeping import clear_checkpoints, delete_run, disk_use
from cnnlab.store.records import TRANSITIONS, Preparation, Request, Status, Summary

ME = ProcessIdentity.current()
DEAD = replace(ME, start=ME.start - 5.0)
OF_LAST_BOOT = replace(ME, boot="the last one")


@pytest.fixture
def file(store, configure):
    return lambda **options: file_run(store, configure(), **options)


def test_a_double_click_files_one_run(store, configure):
    barrier, run_ids = threading.Barrier(8), []

    def click():
        barrier.wait()
        run_ids.append(file_run(store, configure(), token="one form").run_id)

    threads = [threading.Thread(target=click) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(set(run_ids)) == 1 and len(store.runs.list()) == 1


def test_device_and_threads_are_frozen_when_a_run_is_filed(store, configure):
    run = file_run(store, configure(compute__device="auto", compute__threads=None))
    assert run.device == run.config["compute"]["device"] != "auto"
    assert run.threads == run.config["compute"]["threads"] >= 1


def test_a_run_is_claimed_once_and_its_device_with_it(store, file):
    first, second = file(), file()
    assert lifecycle.claim_next(store, ME).run_id == first.run_id
    other = replace(ME, pid=1, start=ProcessIdentity.of(1).start)
    assert lifecycle.claim_next(store, other) is None  # the device is taken
    store.leases.release("cpu", ME)
    assert lifecycle.claim_next(store, other).run_id == second.run_id


def test_the_lease_of_a_dead_process_does_not_count(store, file):
    file(), file()
    assert lifecycle.claim_next(store, DEAD) is not None
    assert lifecycle.claim_next(store, ME) is not None


def test_many_workers_never_start_a_run_twice(store, file):
    for _ in range(12):
        file()
    taken, barrier = [], threading.Barrier(6)

    def take():
        barrier.wait()
        for _ in range(40):
            run = lifecycle.claim_next(store, ME)
            if run is not None:
                taken.append(run.run_id)

    threads = [threading.Thread(target=take) for _ in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(taken) == sorted({run.run_id for run in store.runs.list()})


def test_a_run_reserved_for_a_living_process_is_left_to_it(store, file):
    run = file(reserved_for=ProcessIdentity.of(1))
    assert lifecycle.claim_next(store, ME) is None
    store.runs.update(run.run_id, pid=ME.pid, process_start=ME.start)
    assert lifecycle.claim_next(store, ME).run_id == run.run_id


def test_a_run_whose_program_died_before_starting_it_is_stopped(store, file):
    run = file(reserved_for=DEAD)
    assert [dead.run_id for dead in lifecycle.recognise_dead(store)] == [run.run_id]
    assert store.runs.get(run.run_id).status is Status.STOPPED


@pytest.mark.parametrize(
    ("process", "words"), [(DEAD, "killed from outside"), (OF_LAST_BOOT, "the machine was restarted")]
)
def test_any_reader_recognises_a_dead_run(store, file, process, words):
    run = file()
    lifecycle.claim(store, run.run_id, process)
    store.runs.update(run.run_id, epoch=1)
    lifecycle.recognise_dead(store)
    record = store.runs.get(run.run_id)
    assert record.status is Status.INTERRUPTED
    assert words in record.reason and "after epoch 1 of 2" in record.reason
    assert record.remedy


def test_a_living_run_is_never_declared_dead_however_old_its_heartbeat(store, file):
    run = file()
    lifecycle.claim(store, run.run_id, ME)
    store.runs.update(run.run_id, heartbeat=time.monotonic() - 3_600)
    assert lifecycle.recognise_dead(store) == ()
    assert lifecycle.is_not_responding(store.runs.get(run.run_id))
    store.runs.update(run.run_id, heartbeat=time.monotonic())
    assert not lifecycle.is_not_responding(store.runs.get(run.run_id))


def test_a_run_may_be_silent_for_two_minutes_while_libraries_load_and_for_15_seconds_after(store, file):
    run = file()
    lifecycle.claim(store, run.run_id, ME)
    store.runs.update(run.run_id, heartbeat=time.monotonic() - 60)
    assert not lifecycle.is_not_responding(store.runs.get(run.run_id))
    store.runs.update(run.run_id, heartbeat=time.monotonic() - 121)
    assert lifecycle.is_not_responding(store.runs.get(run.run_id))
    preparing = Summary(preparation=Preparation(doing="reading pictures")).as_json()
    store.runs.update(run.run_id, heartbeat=time.monotonic() - 16, summary=preparing)
    assert lifecycle.is_not_responding(store.runs.get(run.run_id))
    store.runs.move(run.run_id, Status.STARTING, Status.RUNNING, {})
    assert lifecycle.is_not_responding(store.runs.get(run.run_id))


@pytest.mark.parametrize("shift", [-86_400.0, -3_600.0, -1.0, 1.0, 3_600.0, 10 * 365 * 86_400.0])
@pytest.mark.parametrize("process", [ME, DEAD])
def test_setting_the_clock_never_makes_a_run_silent_or_dead_or_alive(store, file, monkeypatch, process, shift):
    """Suspending the machine is the same: the date jumps, but the monotonic clock and the process just continue."""
    run = file()
    lifecycle.claim(store, run.run_id, process)
    clock, boot_time = time.time, psutil.boot_time()
    monkeypatch.setattr(time, "time", lambda: clock() + shift)
    monkeypatch.setattr(psutil, "boot_time", lambda: boot_time + shift)
    monkeypatch.setattr(psutil._pslinux, "boot_time", lambda: boot_time + shift, raising=False)
    assert not lifecycle.is_not_responding(store.runs.get(run.run_id))
    lifecycle.recognise_dead(store)
    assert store.runs.get(run.run_id).status is (Status.STARTING if process is ME else Status.INTERRUPTED)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_on_linux_a_process_identity_does_not_depend_on_the_clock():
    """The start counts in ticks since boot, and the boot has a random id."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    assert ME.start == int(fields[19]) / os.sysconf("SC_CLK_TCK")
    assert ME.boot == Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def test_after_a_reboot_devices_are_free_and_runs_can_be_resumed(store, file):
    run, waiting = file(), file()
    lifecycle.claim(store, run.run_id, OF_LAST_BOOT)
    store.runs.move(run.run_id, Status.STARTING, Status.RUNNING, {})
    store.runs.update(run.run_id, heartbeat=time.monotonic() + 1e6, epoch=1)  # that boot's clock was far ahead
    assert not lifecycle.is_not_responding(store.runs.get(run.run_id))
    assert store.workers.living() == () and store.leases.holder("cpu") is None
    assert [dead.run_id for dead in lifecycle.recognise_dead(store)] == [run.run_id]
    assert "the machine was restarted" in store.runs.get(run.run_id).reason
    lifecycle.resume(store, run.run_id)
    again = lifecycle.claim_next(store, ME)
    assert (again.run_id, again.attempt, again.epoch) == (run.run_id, 2, 1)
    assert store.runs.get(waiting.run_id).status is Status.QUEUED


def test_a_worker_of_an_earlier_boot_or_with_a_reused_pid_is_not_alive(store):
    for process in (OF_LAST_BOOT, DEAD):
        store.workers.register(process, stay=True)
    assert store.workers.living() == ()
    assert store.workers.register(ME, stay=False)


def test_a_crash_is_recognised_in_the_log_of_its_own_attempt(store, file):
    run = file()
    lifecycle.claim(store, run.run_id, DEAD)
    folder = RunFolder(store.workspace.runs / run.run_id)
    folder.write_log("Fatal Python error: Segmentation fault\n" + ATTEMPT_MARK + "2")
    lifecycle.recognise_dead(store)
    assert store.runs.get(run.run_id).status is Status.INTERRUPTED
    lifecycle.resume(store, run.run_id)
    store.leases.release("cpu", DEAD)
    lifecycle.claim(store, run.run_id, DEAD)
    folder.write_log("Fatal Python error: Bus error")
    lifecycle.recognise_dead(store)
    record = store.runs.get(run.run_id)
    assert (record.status, record.category) == (Status.FAILED, "crash") and "Bus error" in record.reason


def test_a_run_that_died_before_its_first_checkpoint_starts_over(store, file):
    run = file()
    lifecycle.claim(store, run.run_id, DEAD)
    store.runs.update(run.run_id, step=3)
    lifecycle.recognise_dead(store)
    assert lifecycle.resume(store, run.run_id).status is Status.QUEUED


def test_a_run_whose_checkpoints_are_gone_is_not_resumed(store, file):
    run = file()
    lifecycle.claim(store, run.run_id, DEAD)
    store.runs.update(run.run_id, step=3, summary={"checkpoint": True})
    lifecycle.recognise_dead(store)
    with pytest.raises(CheckpointError, match="from step 3"):
        lifecycle.resume(store, run.run_id)


def test_a_report_on_an_earlier_attempt_changes_nothing(store, file):
    run = file()
    first = lifecycle.claim(store, run.run_id, DEAD)
    lifecycle.recognise_dead(store)
    lifecycle.resume(store, run.run_id)
    lifecycle.claim(store, run.run_id, ME)
    assert not lifecycle.record_death(store, first)
    assert store.runs.get(run.run_id).status is Status.STARTING


def test_a_queued_run_is_stopped_at_once_and_an_active_one_is_asked_to(store, file):
    waiting, active = file(), file()
    lifecycle.claim(store, active.run_id, ME)
    assert lifecycle.stop(store, waiting.run_id).status is Status.STOPPED
    asked = lifecycle.stop(store, active.run_id)
    assert (asked.status, asked.request) == (Status.STOPPING, Request.STOP)
    with pytest.raises(RunStateError, match="already ended"):
        lifecycle.stop(store, waiting.run_id)


def test_everything_is_stopped_at_once(store, file):
    lifecycle.claim(store, file().run_id, ME)
    file()
    assert {run.status for run in lifecycle.stop_all(store)} == {Status.STOPPED, Status.STOPPING}


def test_only_a_running_run_can_be_paused(store, file):
    run = file()
    with pytest.raises(RunStateError, match="only a running one"):
        lifecycle.pause(store, run.run_id)
    lifecycle.claim(store, run.run_id, ME)
    assert lifecycle.pause(store, run.run_id).request is Request.PAUSE


def test_a_resumed_run_goes_to_the_front_of_the_queue(store, file):
    interrupted = file()
    lifecycle.claim(store, interrupted.run_id, DEAD)
    file()
    lifecycle.recognise_dead(store)
    lifecycle.resume(store, interrupted.run_id)
    assert store.runs.queue()[0].run_id == interrupted.run_id


@pytest.mark.parametrize(("status", "category"), [("finished", None), ("running", None), ("failed", "diverged")])
def test_a_run_that_cannot_continue_is_not_resumed(store, file, status, category):
    run = file()
    lifecycle.claim(store, run.run_id, ME)
    store.runs.move(run.run_id, Status.STARTING, Status.RUNNING, {})
    if status != "running":
        changes = {"category": category, "reason": "The loss became infinite."}
        store.runs.move(run.run_id, Status.RUNNING, Status(status), changes)
    with pytest.raises(RunStateError):
        lifecycle.resume(store, run.run_id)


def test_a_diverged_run_has_one_remedy_everywhere_and_it_is_not_to_resume(store, file):
    run = file()
    lifecycle.claim(store, run.run_id, ME)
    failure = explain(DivergedError(f"The loss became infinite at step 7 (epoch 1); {DIVERGED_REMEDY}."))
    changes = {"category": failure.category, "reason": failure.reason, "remedy": failure.remedy}
    store.runs.move(run.run_id, Status.STARTING, Status.FAILED, changes)
    failed = store.runs.get(run.run_id)
    assert failed.would_fail_again and not failed.is_resumable
    with pytest.raises(RunStateError) as error:
        lifecycle.resume(store, run.run_id)
    for message in (f"{failed.reason} {failed.remedy}", str(error.value)):
        assert message.count(DIVERGED_REMEDY) == 1
        assert "checkpoint" not in message and "diverge again" in message


def test_the_queue_can_be_reordered(store, file):
    a, b, c = (file().run_id for _ in range(3))
    move_in_queue(store, c, 0)
    move_in_queue(store, a, 99)
    assert [run.run_id for run in store.runs.queue()] == [c, b, a]
    lifecycle.stop(store, b)
    with pytest.raises(RunStateError, match="not in the queue"):
        move_in_queue(store, b, 0)


def test_a_run_is_found_by_id_prefix_and_as_the_last(store, file):
    first, last = file(), file()
    assert store.runs.find(first.run_id).run_id == first.run_id
    assert store.runs.find("@last").run_id == last.run_id
    prefix = next(last.run_id[:n] for n in range(1, 9) if not first.run_id.startswith(last.run_id[:n]))
    assert store.runs.find(prefix).run_id == last.run_id
    for name in ("nothing", "", "%"):
        with pytest.raises(RunNotFoundError):
            store.runs.find(name)


def test_a_run_is_found_by_a_unique_name(store, file):
    first, last = file(), file()
    store.runs.update(first.run_id, name="my net")
    assert store.runs.find("my net").run_id == first.run_id
    store.runs.update(last.run_id, name="my net")
    with pytest.raises(RunNotFoundError, match=f"{first.run_id} .my net.") as caught:
        store.runs.find("my net")
    assert last.run_id in str(caught.value)


def test_the_error_for_an_ambiguous_prefix_lists_the_runs(store, file):
    file(), file()
    with store.runs.writing() as connection:
        connection.exec_driver_sql("UPDATE runs SET run_id = 'samestart' || number")
    with pytest.raises(RunNotFoundError, match="samestart1"):
        store.runs.find("same")


def test_an_active_run_is_not_deleted_and_keeps_its_checkpoints(store, file):
    run = file()
    folder = RunFolder(store.workspace.runs / run.run_id)
    (folder.checkpoints / "1").mkdir(parents=True)
    (folder.checkpoints / "1" / "model.safetensors").write_bytes(bytes(1_000))
    folder.predictions.write_bytes(b"kept")
    lifecycle.claim(store, run.run_id, DEAD)
    for action in (delete_run, clear_checkpoints):
        with pytest.raises(RunStateError, match="stop it first"):
            action(store, run.run_id)
    lifecycle.recognise_dead(store)
    assert disk_use(store).checkpoints == 1_000
    assert clear_checkpoints(store, run.run_id) == 1_000
    assert folder.predictions.exists() and not folder.checkpoints.exists()
    delete_run(store, run.run_id)
    assert not folder.path.exists() and store.runs.list() == ()


def test_no_status_leads_out_of_a_finished_run():
    assert TRANSITIONS[Status.FINISHED] == frozenset()
    assert set(TRANSITIONS) == set(Status)
