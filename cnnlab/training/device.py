"""Devices, threads and precision: what `auto` means on this machine, and the Fabric for it.

Imports torch only inside functions, so that a configuration can be read without it. The code for CUDA and MPS follows
the documentation but has not been run on such devices.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

import psutil

from cnnlab.errors import ConfigError

if TYPE_CHECKING:
    import torch
    from lightning_fabric import Fabric

    from cnnlab.training.config import RunConfig

FABRIC_PRECISIONS: Final[dict[str, Literal["32-true", "bf16-mixed", "16-mixed"]]] = {
    "32": "32-true",
    "bf16": "bf16-mixed",
    "16": "16-mixed",
}


def default_threads() -> int:
    """Physical cores that this process may use; hyper-threads of a core share the units that convolutions need."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(usable, psutil.cpu_count(logical=False) or usable))


def resolve_device(name: str) -> str:
    """The device that a name stands for on this machine: `cpu`, `cuda:0`, `mps`.

    Raises:
        ConfigError: the device is not available.
    """
    if name == "cpu":
        return name
    import torch

    if name == "auto":
        return "cuda:0" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    if name == "mps":
        if torch.backends.mps.is_available():
            return name
        raise ConfigError("`compute.device` mps is not available on this machine; choose cpu or auto.")
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    index = int(name.partition(":")[2] or 0)
    if index >= count:
        raise ConfigError(
            f"`compute.device` {name} is not available (CUDA devices found: {count}); choose cpu or auto."
        )
    return f"cuda:{index}"


def resolve_compute(config: "RunConfig", *, device: str | None = None) -> "RunConfig":
    """The configuration with device and number of threads fixed; one that is resolved stays as it is.

    `device` is what the configured name means here, where the caller has found that out without torch.
    """
    compute = config.compute
    resolved = {
        "compute.device": device or resolve_device(compute.device),
        "compute.threads": compute.threads or default_threads(),
    }
    return config.with_overrides(resolved)


def make_fabric(config: "RunConfig") -> "Fabric":
    """Lightning Fabric for the device of a resolved configuration."""
    from lightning_fabric import Fabric

    kind, _, index = config.compute.device.partition(":")
    precision = FABRIC_PRECISIONS[config.training.precision]
    return Fabric(accelerator=kind, devices=[int(index or 0)] if kind == "cuda" else 1, precision=precision)


def memory_in_use(device: "torch.device") -> int:
    """Bytes: torch's peak allocation so far on a GPU, or the resident memory of this process on a CPU."""
    if device.type == "cuda":
        import torch

        return int(torch.cuda.max_memory_allocated(device))
    return int(_process().memory_info().rss)


@cache
def _process() -> psutil.Process:
    return psutil.Process()


@contextmanager
def training_settings(config: "RunConfig") -> Iterator[None]:
    """Set the threads and determinism of this process for a run, and restore them afterwards."""
    import torch

    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    debugging: Any = torch.utils.deterministic  # a property of a module, unknown to the type stubs
    fill_before = debugging.fill_uninitialized_memory
    assert config.compute.threads is not None, "the configuration is resolved before a run begins"
    torch.set_num_threads(config.compute.threads)
    if config.compute.deterministic:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # CUDA's matrix products need it
        # On CUDA some layers (adaptive pooling to more than one pixel) have no deterministic gradient: only warn.
        torch.use_deterministic_algorithms(True, warn_only=config.compute.device != "cpu")
        debugging.fill_uninitialized_memory = False  # it overwrites every new tensor, for debugging only
    torch.backends.cudnn.benchmark = not config.compute.deterministic
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        torch.use_deterministic_algorithms(before[1])
        debugging.fill_uninitialized_memory = fill_before
