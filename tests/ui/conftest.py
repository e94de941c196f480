"""Pages run in this process, without a browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnnlab.helper.cost import Cost
from cnnlab.ui.train_page.costs import Costs
from cnnlab.workspace import PROJECT_ROOT, Workspace

Open = Callable[[str], AppTest]
COST = Cost(
    seconds=60.0, epoch_seconds=2.0, step_seconds=0.1, sampling_seconds=6.0, memory_bytes=900_000_000, parameters=1000
)
"""The cost of every run in these tests: two seconds per epoch."""


@pytest.fixture
def open_page(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Open:
    """A function that renders a page on the test's workspace, without starting a worker or a measurement."""
    monkeypatch.setattr("cnnlab.runs.worker.start_detached", lambda *_, **__: None)
    monkeypatch.setattr("cnnlab.ui.train_page.cost_line.COSTS", Costs(lambda _: COST))
    monkeypatch.chdir(PROJECT_ROOT)

    def open_it(name: str) -> AppTest:
        app = AppTest.from_file(str(PROJECT_ROOT / "app.py"), default_timeout=60).run()
        if name == "home":
            return app
        return app.switch_page(str(Path("pages") / f"{name}.py")).run()

    return open_it


@pytest.fixture
def picture_folder(tmp_path: Path) -> Path:
    """Two classes of six small pictures each."""
    for index, label in enumerate(("blue", "red")):
        (tmp_path / "pictures" / label).mkdir(parents=True)
        for number in range(6):
            colour = (200 * index + number, 40, 200 * (1 - index) + number)
            Image.new("RGB", (80, 72), colour).save(tmp_path / "pictures" / label / f"{number}.png")
    return tmp_path / "pictures"
