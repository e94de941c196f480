"""Markup as names, wherever a user or an address can supply one, is shown as text and fetches nothing.

Every name contains a picture at an address of this machine, where a listener notices any request.
"""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from cnnlab.models.registry import family_names
from cnnlab.runs.execute import train
from cnnlab.store.datasets import register_folder
from cnnlab.training.recipes import make_config
from cnnlab.ui import keys
from cnnlab.ui.navigation import PAGES
from tests.browser.conftest import Server, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
PARAMETERS = ("run", "runs", "dataset", "family", "preset", "picture", "class", "part", "page")


class Listener:
    """Accepts connections and remembers them."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self.asked: list[bytes] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.asked.append(connection.recv(200))
            connection.close()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    listening = Listener()
    yield listening
    listening.close()


def hostile_names(port: int) -> tuple[str, ...]:
    """Class names; a folder's name cannot contain a slash, so the picture's address has none."""
    return f"![x](http:127.0.0.1:{port}) <b>dog", f":cat: [y](www.z.example) $a$ <img src=x onerror=alert{port}>"


def hostile_folder(folder: Path, port: int) -> Path:
    random = np.random.default_rng(0)
    for shade, label in enumerate(hostile_names(port)):
        (folder / label).mkdir(parents=True)
        for number in range(6):
            pixels = random.integers(120 * shade, 120 * shade + 100, (40, 40, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / label / f"=1+1 ![p](http:127.0.0.1:{port}) {number}.png")
    (folder / hostile_names(port)[0] / f"![broken](http:127.0.0.1:{port}).jpg").write_text("no picture")
    return folder


def visit(page: Page, address: str) -> str:
    """The text of a settled page, without the zero-width characters that keep addresses from becoming links."""
    page.goto(address)
    settled(page)
    return page.inner_text("body").replace("\u2060", "")


def fill(server: Server, listener: Listener) -> list[str]:
    """Add a data set and two runs with hostile names; return the names of the runs."""
    picture = f"![x](http://127.0.0.1:{listener.port}/hit.png)"
    folder = hostile_folder(server.home / "pictures", listener.port)
    store = server.store
    dataset = register_folder(store, folder)
    store.datasets.rename(dataset.dataset_id, f"{picture} <b>set</b>")
    names = []
    for family in family_names()[:2]:
        config = make_config(data=folder, family=family, settings={"training.epochs": 1, "pipeline.image_size": 32})
        result = train(config, workspace=store.workspace)
        names.append(f"{picture} :cat: {family}")
        store.runs.update(result.run.run_id, name=names[-1], note=picture, tags=[picture])
    return names


def test_hostile_names_are_shown_as_text_on_every_page_and_fetch_nothing(server, page, listener):
    names = fill(server, listener)
    runs = [run.run_id for run in server.store.runs.list()]
    for name in PAGES:
        address = server.url if name == "home" else f"{server.url}/{name}?{keys.RUNS}={','.join(runs)}"
        text = visit(page, address)
        if name in ("home", "train"):  # Train shows the newest run
            assert names[-1] in text
        if name == "compare":
            for tab in page.get_by_role("tab").all():
                tab.click()
                settled(page)
    assert page.locator("[data-testid=stMain] b, [data-testid=stSidebar] b").count() == 0
    assert listener.asked == []


def test_an_address_cannot_make_a_page_fetch_anything(server, page, listener):
    fill(server, listener)
    hostile = quote(f"![x](http://127.0.0.1:{listener.port}/hit.png)")
    for name in PAGES:
        base = server.url if name == "home" else f"{server.url}/{name}"
        for parameter in PARAMETERS:
            visit(page, f"{base}/?{parameter}={hostile}" if name == "home" else f"{base}?{parameter}={hostile}")
    assert listener.asked == []
