"""The app in a process of its own, and the machine's Chromium: for browser tests, benchmarks and pictures."""

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
ROOT = Path(__file__).resolve().parents[1]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP evil.test 127.0.0.1",  # a name that another site makes mean this machine
]


def launch(playwright: Playwright) -> Browser | None:
    """Chromium, or None if the machine has none."""
    executable = shutil.which("chromium")
    return playwright.chromium.launch(executable_path=executable, args=ARGUMENTS) if executable else None


class Server:
    """The app as a process of its own, at the same address after every start."""

    def __init__(self, script: str = "app.py", **environment: str) -> None:
        with socket.socket() as probe:
            probe.bind(("localhost", 0))
            self.port = probe.getsockname()[1]
        self.command = [sys.executable, "-m", "streamlit", "run", script]
        self.command += ["--server.headless=true", f"--server.port={self.port}"]
        self.folder = ROOT
        self.environment = os.environ | {"PYTHONUNBUFFERED": "1"} | environment

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        """Starts it, and waits until it answers. Raises RuntimeError, with its output, if it doesn't in time."""
        with TemporaryFile("w+") as said:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, env=self.environment, stdout=said, stderr=subprocess.STDOUT
            )
            deadline = time.monotonic() + START_SECONDS
            while not is_up(self.address):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.process.kill()
                    said.seek(0)
                    raise RuntimeError("The server did not start: " + said.read())
                time.sleep(0.1)

    def kill(self) -> None:
        """Kills it with SIGKILL, without a clean shutdown."""
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)


@contextmanager
def serve(script: str = "app.py", **environment: str) -> Iterator[str]:
    """The address of a newly started server, with `environment` added to this process's own."""
    server = Server(script, **environment)
    server.start()
    try:
        yield server.address
    finally:
        server.end()


def is_up(address: str) -> bool:
    """Whether the server answers; the health check starts no page."""
    try:
        with urlopen(f"{address}/_stcore/health", timeout=5):
            return True
    except OSError:
        return False
