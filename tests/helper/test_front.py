import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnnlab.errors import ConfigError, HelperError
from cnnlab.helper import architecture, front
from cnnlab.helper.process import warm
from cnnlab.processes import ProcessIdentity, wait_until_dead
from cnnlab.workspace import Workspace

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True, scope="module")
def _end_the_process() -> Iterator[None]:
    yield
    front.close()


def die() -> None:
    os._exit(1)


def die_once(mark: Path) -> str:
    if not mark.exists():
        mark.touch()
        os._exit(1)
    return "alive"


def stumble() -> None:
    raise ZeroDivisionError("by design")


def test_calls_run_in_another_process_with_one_thread() -> None:
    import torch

    assert front.ask(os.getpid) != os.getpid()
    assert front.ask(os.getpid) == front.ask(warm)
    assert front.ask(torch.get_num_threads) == 1


def test_records_are_returned_by_value() -> None:
    inspection = front.ask(architecture.inspect, "vgg", num_classes=3)
    assert inspection.parameters > 0
    assert inspection.layers[-1].output_shape == (3,)


def test_an_error_of_the_lab_is_raised_unchanged() -> None:
    with pytest.raises(ConfigError, match="No family is called 'vgh'"):
        front.ask(architecture.inspect, "vgh")


def test_any_other_error_is_raised_as_one_sentence() -> None:
    with pytest.raises(HelperError, match="ZeroDivisionError: by design"):
        front.ask(stumble)


def test_an_idle_process_ends_and_the_next_call_starts_another(monkeypatch: pytest.MonkeyPatch) -> None:
    front.close()
    monkeypatch.setattr(front, "IDLE_SECONDS", 1.0)
    idle = ProcessIdentity.of(front.ask(os.getpid))
    assert wait_until_dead(idle, 60)
    assert front.ask(os.getpid) != idle.pid
    front.close()


def test_a_crashed_process_is_restarted(tmp_path: Path) -> None:
    assert front.ask(die_once, tmp_path / "mark") == "alive"


def test_a_process_that_crashes_twice_gives_one_sentence() -> None:
    with pytest.raises(HelperError, match="ended twice"):
        front.ask(die)
    assert front.ask(os.getpid) != os.getpid()


def test_a_call_that_takes_too_long_is_ended_with_its_process() -> None:
    before = ProcessIdentity.of(front.ask(os.getpid))
    with pytest.raises(HelperError, match=r"no result after 0\.5 s"):
        front.ask_within(0.5, time.sleep, 30)
    assert not before.alive()
    assert front.ask(os.getpid) != before.pid


SERVER = """
import os, sys, time
from cnnlab.helper import front
print(front.ask(os.getpid), "torch" in sys.modules, flush=True)
{then}
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("busy", [False, True])
def test_the_process_does_not_outlive_a_server_that_was_killed(workspace: Workspace, busy: bool) -> None:
    then = "front.ask(time.sleep, 50)" if busy else "time.sleep(60)"
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER.format(then=then)],
        stdout=subprocess.PIPE,
        text=True,
        env=workspace.environment(),
    )
    assert server.stdout is not None
    pid, torch_in_server = server.stdout.readline().split()
    process = ProcessIdentity.of(int(pid))
    server.send_signal(signal.SIGKILL)
    server.wait()
    server.stdout.close()
    assert torch_in_server == "False"
    assert wait_until_dead(process, 10)


def test_the_process_ends_with_a_server_that_ends(workspace: Workspace) -> None:
    server = subprocess.run(
        [sys.executable, "-c", SERVER.format(then="")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=workspace.environment(),
    )
    pid = int(server.stdout.split()[0])
    deadline = time.monotonic() + 10
    while _runs(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(pid)
    assert server.stderr == ""


def _runs(pid: int) -> bool:
    import psutil

    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
