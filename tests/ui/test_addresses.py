"""Every address parameter in the documentation is written or read by its page."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab.runs.execute import train
from cnnlab.store.datasets import pictures_of, register_folder
from cnnlab.training.recipes import make_config
from cnnlab.ui import keys
from cnnlab.ui.navigation import PAGES
from cnnlab.ui.resources import store
from cnnlab.ui.train_page.costs import Costs
from cnnlab.workspace import PROJECT_ROOT
from tests.ui.conftest import COST

TABLE = (PROJECT_ROOT / "docs" / "addresses.md").read_text(encoding="utf-8")
ROWS = [
    (page, name)
    for line in TABLE.splitlines()
    if (row := re.match(r"\| `/(\w+)` \| (.+?) \|", line))
    for page in [row[1]]
    for name in re.findall(r"`(\w+)`", row[2])
]


@pytest.fixture
def runs(workspace, picture_folder, monkeypatch):
    """Two finished runs of one data set; opening a page starts neither a worker nor a measurement."""
    monkeypatch.setattr("cnnlab.runs.worker.start_detached", lambda *_, **__: None)
    monkeypatch.setattr("cnnlab.ui.train_page.cost_line.COSTS", Costs(lambda _: COST))
    settings = {"training.epochs": 1, "pipeline.image_size": 32}
    configs = [make_config(data=picture_folder, family=family, settings=settings) for family in ("vgg", "resnet")]
    return [train(config, workspace=workspace).run for config in configs]


def opened(page: str, parameters: dict[str, str]) -> AppTest:
    """A page opened from an address in a new session."""
    app = AppTest.from_file(str(PROJECT_ROOT / "app.py"), default_timeout=60)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    app = app.switch_page(f"pages/{page}.py")
    for name, value in parameters.items():
        app.query_params[name] = value
    return app.run()


def test_the_table_names_pages_that_exist():
    assert {page for page, _ in ROWS} == set(PAGES) - {"home", "augment"}
    assert len(ROWS) == 9


@pytest.mark.slow
@pytest.mark.parametrize(("page", "name"), ROWS)
def test_a_page_shows_what_its_address_says(runs, page, name):
    dataset = store().datasets.all()[0]
    picture = pictures_of(store(), dataset)[3]
    values = {
        "class": "red", "part": "Validation", "page": "1", "family": "googlenet", "preset": "article",
        "run": runs[0].run_id, "runs": runs[0].run_id, "picture": picture.id[:12],
    }  # fmt: skip
    wanted = {name: values[name]} | ({"family": "googlenet"} if name == "preset" else {})
    app = opened(page, wanted)
    assert not app.exception
    assert app.session_state[keys.DATASET] == dataset.name
    shown = app.query_params.get(name)
    if name != "page":  # the first page of the gallery is not in the address
        assert values[name] in (shown if isinstance(shown, list) else [shown])


@pytest.mark.slow
def test_an_address_that_names_a_run_selects_its_data_set(runs, tmp_path, picture_folder):
    other = tmp_path / "other"
    picture_folder.rename(other)
    (other / "red" / "0.png").unlink()
    register_folder(store(), other)
    app = opened("train", {"run": runs[0].run_id})
    assert app.selectbox(key=keys.DATASET).value == store().datasets.get(runs[0].dataset_id).name
