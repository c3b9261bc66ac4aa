"""One server and one Chromium for all browser tests; each test has a page of its own and ends without an exception."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.app.standins import make_runs

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

expect.set_options(timeout=30_000)


@contextmanager
def serve(runs: Path) -> Iterator[str]:
    """A server that has just started, as a user starts it, with no published data at hand; its address."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    command += ["--server.headless=true", f"--server.port={port}"]
    environment = os.environ | {
        "VAE_RUNS_DIR": str(runs),
        "VAE_DATA_DIR": str(runs / "no-data"),
        "PYTHONUNBUFFERED": "1",
    }
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        said = []
        for line in server.stdout:
            said.append(line)
            if "URL:" in line:
                break
        else:
            pytest.fail("The server did not start: " + "".join(said))
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)
        server.stdout.close()


@pytest.fixture(scope="session")
def stand_ins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the stand-in runs."""
    return make_runs(tmp_path_factory.mktemp("browser-runs"))


@pytest.fixture(scope="session")
def address(stand_ins: Path) -> Iterator[str]:
    """Where the server of all tests is."""
    with serve(stand_ins) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; without one the tests are skipped, but in CI they fail."""
    executable = shutil.which("chromium")
    if executable is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("There is no chromium on this machine.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def context(browser: Browser, address: str) -> BrowserContext:
    """One for all pages, so that plotly.js is fetched once."""
    return browser.new_context(viewport={"width": 1366, "height": 768}, base_url=address, locale="en-GB")


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that has asked nobody but the app, and ended without an exception in Python or in JavaScript."""
    page = context.new_page()
    strangers, errors = [], []
    page.on("request", lambda request: strangers.append(request.url) if is_elsewhere(request.url) else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert page.get_by_test_id("stException").count() == 0
    page.close()
    assert strangers == []
    assert errors == []


def is_elsewhere(url: str) -> bool:
    """Whether a request leaves this machine."""
    return not url.startswith(("http://localhost:", "ws://localhost:", "data:", "blob:", "about:"))
