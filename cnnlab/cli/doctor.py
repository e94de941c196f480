"""The command `doctor`: shows what this installation has, what is wrong with it, and how to fix it."""

import importlib.metadata
import os
import platform
import shutil
import sys
from typing import Any, Final

import typer

from cnnlab.cli.output import JsonOption, console, print_json, table
from cnnlab.errors import CnnLabError
from cnnlab.workspace import Workspace

LIBRARIES: Final = (
    *("torch", "torchvision", "lightning-fabric", "captum", "safetensors", "scikit-learn", "numpy"),
    *("streamlit", "plotly", "pandas", "pillow", "pillow-heif", "pydantic", "sqlalchemy", "typer", "psutil"),
)
LITTLE_DISK_BYTES: Final = 2 * 1024**3


def doctor(is_json: JsonOption = False) -> None:
    """Check this installation: versions, devices, workspace, and any problems with their remedies."""
    versions = _versions()
    problems = [
        f"{name} is not installed; run: pip install -r requirements.txt"
        for name, version in versions.items()
        if version is None
    ]
    devices = _devices(problems)
    workspace = _workspace(problems)
    record = {"versions": versions, "devices": devices, "workspace": workspace, "problems": problems}
    if is_json:
        print_json(record)
        raise typer.Exit(int(bool(problems)))
    out = console()
    out.print(table("Versions", ("what", "version"), list(versions.items())))
    out.print(table("\nDevices", ("device", "what"), [(device["name"], device["title"]) for device in devices]))
    out.print(table("\nWorkspace", ("what", "value"), list(workspace.items())))
    out.print("\nNo problems found." if not problems else "\nProblems and remedies:")
    for problem in problems:
        out.print(f"- {problem}")
    raise typer.Exit(int(bool(problems)))


def _versions() -> dict[str, str | None]:
    versions: dict[str, str | None] = {"python": platform.python_version(), "system": platform.platform()}
    for name in LIBRARIES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = None
    return versions


def _devices(problems: list[str]) -> list[dict[str, str]]:
    devices = [{"name": "cpu", "title": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"}]
    try:
        import torch
    except ImportError as error:
        problems.append(f"torch cannot be imported ({error}); run: pip install -r requirements.txt")
        return devices
    devices += [
        {"name": f"cuda:{index}", "title": torch.cuda.get_device_name(index)}
        for index in range(torch.cuda.device_count())
    ]
    if torch.backends.mps.is_available():
        devices.append({"name": "mps", "title": "Apple GPU"})
    return devices


def _workspace(problems: list[str]) -> dict[str, Any]:
    workspace = Workspace.current()
    record: dict[str, Any] = {"home": str(workspace.home), "store": workspace.database_url, "python": sys.executable}
    try:
        workspace.create()
        record["free_bytes"] = shutil.disk_usage(workspace.home).free
        if record["free_bytes"] < LITTLE_DISK_BYTES:
            problems.append(
                f"Only {record['free_bytes'] / 1e9:.2g} GB are free in {workspace.home}, and a large run may need 2; "
                "clear old checkpoints or set CNNLAB_HOME to another folder."
            )
        record |= _store(workspace)
    except CnnLabError as error:
        problems.append(str(error))
    return record


def _store(workspace: Workspace) -> dict[str, Any]:
    from cnnlab.store.store import Store

    store = Store.open(workspace)
    return {"runs": len(store.runs.list()), "workers": len(store.workers.living())}
