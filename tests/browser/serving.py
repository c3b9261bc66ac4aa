"""The app as a user starts it, and the machine's Chromium: for browser tests, and for the pictures in docs/."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright

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
def serve(**environment: str) -> Iterator[str]:
    """The address of a server that has just started, with `environment` added to this process's own."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"} | environment
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        said = []
        for line in server.stdout:
            said.append(line)
            if "URL:" in line:
                break
        else:
            raise RuntimeError("The server did not start: " + "".join(said))
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)
        server.stdout.close()
