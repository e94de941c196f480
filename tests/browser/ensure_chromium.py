"""Makes sure the browser tests have a Chromium: an installed one, else Playwright's, else the distribution's."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")


def installed() -> str | None:
    """Path of an installed Chromium, or None."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        path = play.chromium.executable_path
    return path if Path(path).exists() else None


def attempts() -> list[list[str]]:
    """Commands that may install a Chromium, in the order in which to try them."""
    commands = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        commands += [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]]
    return commands


def main() -> int:
    """Return exit status 0 if a Chromium is available in the end."""
    for command in attempts():
        if installed():
            break
        subprocess.run(command, check=False)
    if path := installed():
        print(f"Browser tests use {path}")
        return 0
    print("No Chromium was found, and none could be installed; run: sudo apt-get install chromium", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
