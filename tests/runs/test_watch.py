"""The thread beside the loop: heartbeats during long steps, requests, ending what does not obey. Without training."""

import threading
import time
from dataclasses import replace

import pytest

from cnnlab.errors import StoreError
from cnnlab.processes import ProcessIdentity
from cnnlab.runs import lifecycle, watch
from cnnlab.runs.filing import file_run
from cnnlab.runs.watch import EXIT_DISOBEYED, LeaveReason, Watch
from cnnlab.store.records import Request, Status

ME = ProcessIdentity.current()
PATIENCE = 20.0


@pytest.fixture(autouse=True)
def _short_intervals(monkeypatch):
    monkeypatch.setattr(watch, "LISTEN_SECONDS", 0.01)
    monkeypatch.setattr(watch, "BEAT_SECONDS", 0.02)


@pytest.fixture
def run(store, configure):
    return lifecycle.claim(store, file_run(store, configure()).run_id, ME)


def wait_for(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def heartbeat(store, run):
    return store.runs.get(run.run_id).heartbeat


def test_heartbeats_continue_during_a_long_step(store, run):
    """No step ends in here: the loop is busy with one long computation and reports nothing."""
    long_ago = time.monotonic() - 3_600
    store.runs.update(run.run_id, heartbeat=long_ago)
    with Watch(store, run):
        for _ in range(3):
            before = heartbeat(store, run)
            wait_for(lambda before=before: heartbeat(store, run) > before)
        assert not lifecycle.is_not_responding(store.runs.get(run.run_id))
        assert lifecycle.recognise_dead(store) == ()


def test_after_a_suspend_the_next_heartbeat_shows_a_run_as_responding(store, run, monkeypatch):
    """If the monotonic clock runs on during a suspend (Windows), a run seems silent until its next heartbeat."""
    monotonic = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: monotonic() + 1_800)
    assert lifecycle.is_not_responding(store.runs.get(run.run_id))
    assert lifecycle.recognise_dead(store) == ()
    with Watch(store, run):
        wait_for(lambda: not lifecycle.is_not_responding(store.runs.get(run.run_id)))
    assert store.runs.get(run.run_id).status is Status.STARTING


def test_an_old_attempt_sends_no_heartbeat_for_the_next(store, run):
    store.runs.update(run.run_id, attempt=run.attempt + 1, heartbeat=1.0)
    with Watch(store, run):
        time.sleep(0.2)
    assert heartbeat(store, run) == 1.0


def test_requests_are_noticed_and_a_stop_precedes_a_pause(store, run):
    with Watch(store, run) as watching:
        assert watching.reason_to_leave is None
        lifecycle.pause(store, run.run_id)
        wait_for(lambda: watching.reason_to_leave is LeaveReason.PAUSE)
        lifecycle.stop(store, run.run_id)
        wait_for(lambda: watching.reason_to_leave is LeaveReason.STOP)
        watching.obey()
        assert store.runs.get(run.run_id).request is None


def test_a_busy_store_delays_a_heartbeat_but_does_not_end_the_run(store, run, monkeypatch):
    failures = []

    def refuse(_self):
        failures.append(1)
        raise StoreError("The store is locked.")

    with monkeypatch.context() as patched, Watch(store, run) as watching:
        patched.setattr(Watch, "_look", refuse)
        wait_for(lambda: len(failures) > 3)
        patched.undo()
        lifecycle.stop(store, run.run_id)
        wait_for(lambda: watching.reason_to_leave is LeaveReason.STOP)


@pytest.mark.parametrize(
    ("reason", "status", "words"), [("stop", Status.STOPPED, "Stopped"), ("alone", Status.INTERRUPTED, "worker ended")]
)
def test_a_loop_stuck_in_a_step_is_ended_and_its_end_is_recorded(store, run, monkeypatch, reason, status, words):
    exits, alone = [], threading.Event()
    monkeypatch.setattr(watch, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(watch, "ALONE_PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(watch, "end_descendants", lambda: exits.append("descendants"))
    monkeypatch.setattr(watch.os, "_exit", exits.append)
    with Watch(store, run, alone=alone, may_exit=True) as watching:
        watching.begin_steps()
        lifecycle.stop(store, run.run_id) if reason == "stop" else alone.set()
        wait_for(lambda: EXIT_DISOBEYED in exits)
    assert exits[:2] == ["descendants", EXIT_DISOBEYED]
    record = store.runs.get(run.run_id)
    assert record.status is status and words in record.reason


def test_before_the_first_step_a_stop_does_not_wait(store, run, monkeypatch):
    exits = []
    monkeypatch.setattr(watch, "PATIENCE_SECONDS", 3600.0)
    monkeypatch.setattr(watch.os, "_exit", exits.append)
    with Watch(store, run, may_exit=True):
        lifecycle.stop(store, run.run_id)
        wait_for(lambda: EXIT_DISOBEYED in exits)
    record = store.runs.get(run.run_id)
    assert (record.status, record.reason) == (Status.STOPPED, "Stopped before its first step.")


def test_a_loop_that_is_saving_is_given_time(store, run, monkeypatch):
    exits = []
    monkeypatch.setattr(watch, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(watch.os, "_exit", exits.append)
    with Watch(store, run, may_exit=True) as watching:
        lifecycle.stop(store, run.run_id)
        wait_for(lambda: watching.reason_to_leave is LeaveReason.STOP)
        watching.obey()
        time.sleep(0.3)
    assert exits == []


def test_a_process_with_other_work_is_never_ended(store, run, monkeypatch):
    """`cnnlab train` and a notebook stay alive after a run that does not obey."""
    exits = []
    monkeypatch.setattr(watch, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(watch.os, "_exit", exits.append)
    with Watch(store, run):
        lifecycle.stop(store, run.run_id)
        time.sleep(0.3)
    assert exits == [] and store.runs.get(run.run_id).request is Request.STOP


def test_a_run_without_a_process_is_dead_even_with_a_recent_heartbeat(store, configure):
    run = file_run(store, configure())
    lifecycle.claim(store, run.run_id, replace(ME, start=ME.start - 5.0))
    store.runs.update(run.run_id, heartbeat=time.monotonic() + 3_600)
    lifecycle.recognise_dead(store)
    assert store.runs.get(run.run_id).status is Status.INTERRUPTED
