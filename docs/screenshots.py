"""The README's pictures, taken from the real app with the shipped runs: `python docs/screenshots.py`.

Needs Chromium; writes docs/plane-laptop-light.png and its siblings: a laptop and a phone, light and dark.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

DOCS = Path(__file__).resolve().parent
SCREENS = {"laptop": {"width": 1366, "height": 768}, "phone": {"width": 390, "height": 844}}
PICTURES = {"plane": "?run=mnist-vae-2d&z=0.9,-0.4"}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]


@contextmanager
def serve() -> Iterator[str]:
    """The app as `make run` starts it; its address."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}"]
    server = subprocess.Popen(command, cwd=DOCS.parent, stdout=subprocess.PIPE, text=True)
    try:
        next(line for line in server.stdout if "URL:" in line)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait()


def take(page: Page, address: str, file: Path) -> None:
    """One picture, when everything on the page is drawn."""
    page.goto(address)
    expect(page.locator(".hm-large img")).to_be_visible(timeout=60_000)
    page.wait_for_function(
        "() => [...document.querySelectorAll('.latent-plane')].every(plane => plane.dataset.ready)"
        " && !document.querySelector('[data-testid=stSkeleton]')"
    )
    page.screenshot(path=file)
    print(file)


def main() -> None:
    """All pictures."""
    with serve() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for name, query in PICTURES.items():
            for screen, size in SCREENS.items():
                for scheme in ("light", "dark"):
                    page = browser.new_page(
                        viewport=size, color_scheme=scheme, locale="en-GB", has_touch=screen == "phone"
                    )
                    take(page, f"{address}/{query}", DOCS / f"{name}-{screen}-{scheme}.png")
                    page.close()
        browser.close()


if __name__ == "__main__":
    main()
