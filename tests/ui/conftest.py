"""A page run in this process, without a browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab.workspace import PROJECT_ROOT, Workspace

Open = Callable[[str], AppTest]


@pytest.fixture
def open_page(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Give the page of that name, drawn once on the workspace of the test; starts no worker."""
    monkeypatch.setattr("cnnlab.runs.worker.start_detached", lambda *_, **__: None)
    monkeypatch.chdir(PROJECT_ROOT)

    def open_it(name: str) -> AppTest:
        app = AppTest.from_file(str(PROJECT_ROOT / "app.py"), default_timeout=20).run()
        if name == "home":
            return app
        return app.switch_page(str(Path("pages") / f"{name}.py")).run()

    return open_it
