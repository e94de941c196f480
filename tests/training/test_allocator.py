import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource
import torch
from cnnlab.training.allocator import keep_freed_memory

if {keep}:
    keep_freed_memory()
for _ in range(30):  # until the kept memory is enough
    torch.ones(20_000_000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    torch.ones(20_000_000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(*, keep: bool) -> int:
    """Pages that the system had to provide again while 80 megabytes were allocated and freed ten times."""
    code = FAULTS.format(keep=keep)
    return int(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C library has this setting")
def test_freed_memory_is_not_requested_from_the_system_again():
    assert faults(keep=True) < 100
    assert faults(keep=False) > 1000


def test_other_systems_are_left_alone(monkeypatch):
    from cnnlab.training import allocator

    monkeypatch.setattr(sys, "platform", "win32")
    allocator.keep_freed_memory()
