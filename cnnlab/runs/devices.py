"""Resolves the device, threads and folder of a configuration when a run is filed, without importing torch.

If there may be an accelerator, a short-lived process asks torch, once per boot; otherwise `auto` is the CPU.
"""

import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cnnlab.data.layout import absolute
from cnnlab.errors import ConfigError
from cnnlab.processes import boot_id
from cnnlab.store.store import Store
from cnnlab.training.device import resolve_compute, resolve_device

if TYPE_CHECKING:
    from cnnlab.training.config import RunConfig

NVIDIA_DRIVER: Final = (Path("/proc/driver/nvidia/version"), Path("/dev/nvidiactl"), Path("/dev/dxg"))
ASK: Final = "import sys; from cnnlab.training.device import resolve_device; print(resolve_device(sys.argv[1]))"
ANSWER_SECONDS: Final = 120


def resolve_for_filing(store: Store, config: "RunConfig") -> "RunConfig":
    """The configuration with the actual device and threads, and the absolute path of the pictures.

    Raises:
        ConfigError: the device is not available.
    """
    device = _device(store, config.compute.device)
    path = str(absolute(config.data.path).resolve())  # the run may be resumed from another working directory
    return resolve_compute(config, device=device).with_overrides({"data.path": path})


def may_have_accelerator() -> bool:
    """Whether it is worth asking torch: there is an NVIDIA driver, or an Apple processor."""
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    return any(path.exists() for path in NVIDIA_DRIVER) or shutil.which("nvidia-smi") is not None


def _device(store: Store, name: str) -> str:
    if name == "cpu":
        return name
    if "torch" in sys.modules:
        return resolve_device(name)
    if not may_have_accelerator():
        if name == "auto":
            return "cpu"
        raise ConfigError(f"`compute.device` {name} is not available on this machine; choose cpu or auto.")
    key = f"device.{name}"
    known = store.settings.get(key)
    if known and known["boot"] == boot_id():
        return str(known["device"])
    device = _ask(name)
    store.settings.put(key, {"boot": boot_id(), "device": device})
    return device


def _ask(name: str) -> str:
    answer = subprocess.run(
        [sys.executable, "-c", ASK, name], capture_output=True, text=True, timeout=ANSWER_SECONDS, check=False
    )
    if answer.returncode != 0:
        last = (answer.stderr.strip().splitlines() or ["no answer"])[-1]
        raise ConfigError(f"`compute.device` {name} cannot be used ({last}); choose cpu.")
    return answer.stdout.strip()
