"""A page run in this process, without a browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
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


@pytest.fixture
def picture_folder(tmp_path: Path) -> Path:
    """Two classes of six small pictures each."""
    for place, label in enumerate(("blue", "red")):
        (tmp_path / "pictures" / label).mkdir(parents=True)
        for number in range(6):
            colour = (200 * place + number, 40, 200 * (1 - place) + number)
            Image.new("RGB", (80, 72), colour).save(tmp_path / "pictures" / label / f"{number}.png")
    return tmp_path / "pictures"
