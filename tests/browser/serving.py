"""The app as a user starts it, and the machine's Chromium: for browser tests, and for the pictures in docs/."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from urllib.request import urlopen

from playwright.sync_api import Browser, Playwright

START_SECONDS = 60
ROOT = Path(__file__).resolve().parents[2]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(playwright: Playwright) -> Browser | None:
    """Chromium, or None where the machine has none."""
    executable = shutil.which("chromium")
    return playwright.chromium.launch(executable_path=executable, args=ARGUMENTS) if executable else None


@contextmanager
def serve(script: str = "app.py", **environment: str) -> Iterator[str]:
    """The address of a server that has just started, with `environment` added to this process's own."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.headless=true", f"--server.port={port}"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"} | environment
    with TemporaryFile("w+") as said:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=subprocess.STDOUT)
        try:
            address = f"http://localhost:{port}"
            deadline = time.monotonic() + START_SECONDS
            while not is_up(address):
                if server.poll() is not None or time.monotonic() > deadline:
                    said.seek(0)
                    raise RuntimeError("The server did not start: " + said.read())
                time.sleep(0.1)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=20)


def is_up(address: str) -> bool:
    """Whether the server answers; asking for its health starts no page."""
    try:
        with urlopen(f"{address}/_stcore/health", timeout=5):
            return True
    except OSError:
        return False
