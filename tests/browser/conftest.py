"""A real page server on a free port with its own workspace, and a real browser in which any error fails the test."""

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
    """A running dashboard; `store` gives tests access to its data."""

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
    """Start the dashboard as a user would, and wait until it responds."""
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
    """Stop the server, and the worker with its runs if there is one."""
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
            for process_left in alive:
                process_left.kill()
    store.close()


@dataclass(frozen=True)
class ServerTools:
    """Starts and stops servers for tests that need more than one, or one shared by several tests."""

    start: Callable[[Path], Server]
    end: Callable[[Server], None]


@pytest.fixture(scope="session")
def server_tools() -> ServerTools:
    """Functions to start and stop servers."""
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
    """Chromium; without it, tests are skipped, or fail if `CNNLAB_REQUIRE_BROWSER` is set."""
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
    path: str | None = module.installed()
    return path


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab at 1440x900. The test fails on a browser error or an exception on the page."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    tab = context.new_page()
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        address = message.location.get("url", "")
        # on a deep link, Streamlit itself first requests /<page>/_stcore/..., which does not exist by design
        if message.type == "error" and "_stcore" not in address:
            errors.append(f"{message.text} {address}")

    tab.on("console", note)
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    exceptions = tab.locator("[data-testid=stException]").all_inner_texts()
    context.close()
    assert exceptions == []
    assert errors == []


def settled(page: Page) -> Page:
    """Wait until the page is connected and no script is running; live parts may start again right afterwards."""
    page.wait_for_selector(IS_STILL)
    page.wait_for_timeout(250)  # widgets delay a value by up to 210 ms
    return page
