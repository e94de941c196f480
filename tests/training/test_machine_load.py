"""Other work on the machine is distinguished from this process's own."""

import pytest

from cnnlab.training import machine_load
from cnnlab.training.machine_load import LoadWatch


@pytest.fixture
def clocks(monkeypatch):
    """Elapsed seconds, and processor seconds of this process and of the whole machine, set by the test."""
    now = {"wall": 0.0, "own": 0.0, "machine": 100.0}
    monkeypatch.setattr(machine_load.time, "perf_counter", lambda: now["wall"])
    monkeypatch.setattr(machine_load.time, "process_time", lambda: now["own"])
    monkeypatch.setattr(machine_load, "_busy_seconds", lambda: now["machine"])
    return now


def test_own_work_does_not_count_as_other_work(clocks):
    load = LoadWatch()
    clocks.update(wall=10.0, own=15.0, machine=117.0)
    assert load.other_cores() == pytest.approx(0.2)
    assert load.is_quiet()


def test_other_work_is_counted_in_cores(clocks):
    load = LoadWatch()
    clocks.update(wall=10.0, own=5.0, machine=120.0)
    assert load.other_cores() == pytest.approx(1.5)
    assert not load.is_quiet()
