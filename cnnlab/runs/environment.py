"""What a run depends on besides configuration and pictures: versions, machine, threads. Does not import torch."""

import os
import platform
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from cnnlab.processes import host_name
from cnnlab.store.records import RunRecord
from cnnlab.store.transactions import now

LIBRARIES: Final = ("torch", "torchvision", "lightning-fabric", "numpy", "pillow", "pillow-heif", "safetensors")
DECIDING: Final = ("python", "libraries", "cnnlab", "machine", "processor", "device", "threads")
"""If these are equal in all attempts, a resumed run is bit-identical (on a CPU, deterministic)."""


def describe_environment(run: RunRecord) -> dict[str, Any]:
    """The versions, machine and settings of this attempt at a run."""
    return {
        "attempt": run.attempt,
        "started": now(),
        "cnnlab": _version("cnnlab"),
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "system": platform.platform(),
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "host": host_name(),
        "device": run.device,
        "threads": run.threads,
        "command": sys.argv[:1],
    }


def is_same_environment(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether attempts in these environments would compute the same bits."""
    return all(first.get(name) == second.get(name) for name in DECIDING)


def _version(name: str) -> str | None:
    if name == "cnnlab":
        from cnnlab import __version__

        return __version__
    try:
        return version(name)
    except PackageNotFoundError:
        return None


@cache
def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())
