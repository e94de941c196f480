"""Imports between the parts of the package, lazy ones included, only point downwards."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
BASE: Final = frozenset({"errors", "names", "parameters", "plain_yaml", "processes", "workspace"})
BELOW: Final = {
    "data": BASE,
    "models": BASE,
    "training": BASE | {"data", "models"},
    "store": BASE | {"data", "models"},
    "tasks": BASE | {"data", "models", "training", "store"},
    "runs": BASE | {"data", "models", "training", "store"},
    "analysis": BASE | {"data", "models", "training", "store", "runs"},
    "plots": BASE | {"data", "models", "training", "store", "analysis"},
    "helper": BASE | {"data", "models", "training", "store", "tasks", "runs", "analysis", "plots"},
    "cli": BASE | {"data", "models", "training", "store", "tasks", "runs", "analysis", "plots", "helper"},
    "ui": BASE | {"data", "models", "training", "store", "tasks", "runs", "analysis", "plots", "helper"},
}
FILES: Final = sorted((ROOT / "cnnlab").rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Full names of all modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} uses a relative import"
            for alias in node.names:
                is_module = (ROOT / str(node.module).replace(".", "/") / f"{alias.name}.py").exists()
                yield f"{node.module}.{alias.name}" if is_module else str(node.module)


def part_of(path: Path) -> tuple[str, ...]:
    return path.relative_to(ROOT / "cnnlab").with_suffix("").parts


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(part_of(path)))
def test_imports_only_point_downwards(path):
    part = part_of(path)[0]
    if part not in BELOW:
        assert part in BASE | {"__init__", "__main__"}, f"{part} is missing from the import order"
        allowed = BASE if part in BASE else BASE | {"cli", "training", "models", "data", "runs", "analysis"}
    else:
        allowed = BELOW[part] | {part}
    for name in imported(path):
        if name.startswith("cnnlab."):
            assert name.split(".")[1] in allowed, f"{part} must not import {name}, which is above it"


@pytest.mark.parametrize("path", [path for path in FILES if part_of(path)[0] == "ui"], ids=lambda path: path.stem)
def test_no_page_folder_imports_another(path):
    folder = part_of(path)[1]
    for name in imported(path):
        parts = name.split(".")
        if parts[:2] == ["cnnlab", "ui"] and len(parts) > 2 and parts[2].endswith(("_page", "home")):
            assert parts[2] == folder, f"{name} belongs to another page"


def test_pages_do_not_import_each_other():
    for path in (ROOT / "pages").glob("*.py"):
        assert not [name for name in imported(path) if name.split(".")[0] in ("pages", "app")]


def test_no_imports_are_circular():
    graph = {".".join(("cnnlab", *part_of(path))): set(imported(path)) for path in FILES}
    order = TopologicalSorter({name: targets & graph.keys() for name, targets in graph.items()})
    order.prepare()
