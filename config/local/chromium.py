"""Where the tests' Chromium is. Printed by `python -m config.local.chromium`, fetched if missing.

Order: CHROMIUM_PATH, a Chromium on the PATH, Playwright's own. As root on Debian it is installed
with apt; else Playwright is asked to fetch its own.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MISSING = (
    "The browser tests need Chromium. Install it (Debian: apt-get install chromium), or set "
    "CHROMIUM_PATH, or let Playwright fetch one: python -m playwright install chromium"
)


def find() -> Path | None:
    """Raises SystemExit when CHROMIUM_PATH is set and wrong."""
    given = os.environ.get("CHROMIUM_PATH")
    if given:
        if not os.access(given, os.X_OK):
            raise SystemExit(f"CHROMIUM_PATH names no program: {given}")
        return Path(given)
    on_path = next(filter(None, map(shutil.which, NAMES)), None)
    return Path(on_path) if on_path else _playwrights()


def _playwrights() -> Path | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


def fetch() -> None:
    """What is printed goes to standard error: standard output is for the path."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        apt = ["apt-get", "-qq"]
        for step in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run([*apt, *step], check=False, stdout=sys.stderr, env=environment)
    else:
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        subprocess.run(command, check=False, stdout=sys.stderr)


def main() -> None:
    path = find()
    if path is None:
        print("Fetching Chromium for the browser tests", file=sys.stderr)
        fetch()
        path = find()
    if path is None:
        raise SystemExit(MISSING)
    print(path)


if __name__ == "__main__":
    main()
