"""Takes the screenshots for README.md (`make screenshots`), after training three small networks on bundled drawings."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from cnnlab.data.samples import write_samples
from cnnlab.models.registry import family_names
from cnnlab.runs.execute import train
from cnnlab.training.recipes import make_config
from cnnlab.workspace import PROJECT_ROOT, Workspace

IMAGES = PROJECT_ROOT / "docs" / "images"
STILL = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
PAGES = ("data", "augment", "architecture", "train", "compare", "predict")
WIDTH, HEIGHT = 1440, 900
EPOCHS = 16


def prepare(home: Path) -> Path:
    """Create a workspace with drawings and one run of each family; returns the folder of the drawings."""
    workspace = Workspace.at(home).create()
    folder = write_samples("drawings", workspace.datasets / "drawings", per_class=60, seed=0).folder
    for family in family_names():
        train(make_config(data=folder, family=family, epochs=EPOCHS, name=f"{family} small"), workspace=workspace)
    return folder


def serve(home: Path) -> tuple[str, "subprocess.Popen[bytes]"]:
    """Start the dashboard on a free port and wait until it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    process = subprocess.Popen(
        [*command, "--server.port", str(port)], cwd=PROJECT_ROOT, env={**os.environ, "CNNLAB_HOME": str(home)}
    )
    url = f"http://127.0.0.1:{port}"
    while process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):
            return url, process
        time.sleep(0.2)
    raise RuntimeError("The dashboard ended before it answered; see its output above.")


def settle(page: Page) -> None:
    """Wait until no script is running and every figure is rendered."""
    page.wait_for_selector(STILL)
    page.wait_for_timeout(2500)
    page.wait_for_function("!document.body.innerText.includes('Drawing…')")
    page.wait_for_selector(STILL)


def photograph(page: Page, name: str) -> Path:
    """Save a screenshot of the window as a JPEG of moderate size."""
    settle(page)
    raw = IMAGES / f"{name}.png"
    page.screenshot(path=raw)
    with Image.open(raw) as image:
        image.convert("RGB").save(raw.with_suffix(".jpg"), quality=82, optimize=True)
    raw.unlink()
    return raw.with_suffix(".jpg")


def strip(files: list[Path]) -> None:
    """Combine the screenshots of the pages into one picture, three in a row."""
    width, height = 640, 400
    rows = -(-len(files) // 3)
    sheet = Image.new("RGB", (3 * width + 40, rows * height + 10 * (rows + 1)), "#d0d4da")
    for index, file in enumerate(files):
        with Image.open(file) as image:
            small = image.resize((width, height), Image.Resampling.LANCZOS)
        sheet.paste(small, (10 + index % 3 * (width + 10), 10 + index // 3 * (height + 10)))
    sheet.save(IMAGES / "way.jpg", quality=80, optimize=True)


def main() -> None:
    """Write docs/images/*.jpg."""
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as play:
        home = Path(scratch)
        folder = prepare(home)
        url, server = serve(home)
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        try:
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            page.set_default_timeout(120_000)
            page.goto(url)
            files = [photograph(page, "home")]
            for name in PAGES:
                page.goto(f"{url}/{name}")
                page.wait_for_selector(STILL)
                if name == "predict":
                    picture = next(folder.glob("poodle/*"))
                    page.locator("input[type=file]").first.set_input_files(picture)
                    page.get_by_text("runs predict").first.wait_for()
                files.append(photograph(page, name))
            strip([files[index] for index in (1, 2, 3, 4, 5, 6)])
            dark = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="dark")
            dark.goto(f"{url}/train")
            photograph(dark, "train-dark")
            phone = browser.new_page(viewport={"width": 390, "height": 844})
            phone.goto(f"{url}/compare")
            photograph(phone, "compare-phone")
        finally:
            browser.close()
            server.kill()
            server.wait()


if __name__ == "__main__":
    main()
