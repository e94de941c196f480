"""Fixtures that every part's tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnnlab.workspace import Workspace


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real pictures that `CNNLAB_REAL_DATA` names; tests that need it are skipped without it."""
    folder = os.environ.get("CNNLAB_REAL_DATA")
    if not folder:
        pytest.skip("CNNLAB_REAL_DATA names no folder of real pictures")
    return Path(folder)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """An empty workspace of the test's own, which child processes see as well."""
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CNNLAB_DATABASE_URL", raising=False)
    yield Workspace.current().create()
