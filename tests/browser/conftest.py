"""A real page server on a free port with a workspace of its own, and a real browser that tolerates no error."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from cnnlab.runs.lifecycle import stop_all
from cnnlab.store.store import Store
from cnnlab.workspace import PROJECT_ROOT, Workspace

START_SECONDS = 60
PATIENCE_MS = 60_000
IS_STILL = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"


@dataclass
class Server:
    """A running dashboard; `store` is its store, to look behind the page."""

    url: str
    home: Path
    process: "subprocess.Popen[bytes]"

    @property
    def store(self) -> Store:
        return Store.open(Workspace.at(self.home))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_server(home: Path) -> Server:
    """Start the dashboard as a user does, and wait until it answers."""
    port = _free_port()
    home.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "CNNLAB_HOME": str(home), "OMP_NUM_THREADS": "1"}
    environment.pop("CNNLAB_DATABASE_URL", None)
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with (home / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, "--server.headless", "true"], cwd=PROJECT_ROOT, env=environment, stdout=log, stderr=log
        )
    url = f"http://127.0.0.1:{port}"
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):
            return Server(url, home, process)
        time.sleep(0.1)
    process.kill()
    raise AssertionError(f"The server did not start:\n{(home / 'server.log').read_text()}")


def end_server(server: Server) -> None:
    """End the server, and the worker with its runs if one was started."""
    server.process.kill()
    server.process.wait(timeout=20)
    store = server.store
    stop_all(store)
    for worker in store.workers.living():
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(worker.process.pid)
            children = process.children(recursive=True)
            process.send_signal(signal.SIGTERM)
            _, alive = psutil.wait_procs([process, *children], timeout=30)
            for one in alive:
                one.kill()
    store.close()


@dataclass(frozen=True)
class ServerTools:
    """To start and end servers in a test that needs more than one, or one that outlives a test."""

    start: Callable[[Path], Server]
    end: Callable[[Server], None]


@pytest.fixture(scope="session")
def server_tools() -> ServerTools:
    """Both ends of a server's life."""
    return ServerTools(start_server, end_server)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A fresh dashboard on an empty workspace."""
    running = start_server(tmp_path / "home")
    try:
        yield running
    finally:
        end_server(running)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; without one the test is skipped, or fails where `CNNLAB_REQUIRE_BROWSER` is set."""
    path = _chromium()
    if path is None:
        why = "No Chromium is installed; python tests/browser/ensure_chromium.py installs one."
        (pytest.fail if os.environ.get("CNNLAB_REQUIRE_BROWSER") else pytest.skip)(why)
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


def _chromium() -> str | None:
    import importlib.util

    spec = importlib.util.spec_from_file_location("ensure_chromium", Path(__file__).with_name("ensure_chromium.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: str | None = module.installed()
    return found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab at 1440x900. The test fails if the browser saw an error or the page an exception."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    tab = context.new_page()
    errors: list[str] = []

    def note(said: ConsoleMessage) -> None:
        address = said.location.get("url", "")
        # on a deep link Streamlit itself first asks for /<page>/_stcore/..., which is not there by design
        if said.type == "error" and "_stcore" not in address:
            errors.append(f"{said.text} {address}")

    tab.on("console", note)
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    exceptions = tab.locator("[data-testid=stException]").all_inner_texts()
    context.close()
    assert exceptions == []
    assert errors == []


def settled(page: Page) -> Page:
    """Wait until the page is connected and no script runs; live parts may start again right after."""
    page.wait_for_selector(IS_STILL)
    page.wait_for_timeout(250)  # widgets hold a value back for up to 210 ms
    return page
