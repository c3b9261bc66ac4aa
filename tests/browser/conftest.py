"""One server and one Chromium for the browser tests of a process; a page for each, which ends without an exception.

The pages' policy lets no text be run as code: `wait_for_function` takes a function, `() => ...`, and no expression.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from halfmoon.parts.errors import UNEXPECTED_KEY
from tests.app.standins import make_run, make_runs
from tests.browser.mirror import Mirror
from tools.serving import launch, serve
from vae_core.configs import NetworkConfig

HINT_KEY = "halfmoon-hint-seen"  # of the browser's own store

expect.set_options(timeout=30_000)


def serve_stand_ins(runs: Path, **environment: str) -> AbstractContextManager[str]:
    """A server that has just started, with no published data at hand."""
    return serve(VAE_RUNS_DIR=str(runs), VAE_DATA_DIR=str(runs / "no-data"), **environment)


@pytest.fixture(scope="session")
def stand_ins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the stand-in runs, one of them with a decoder that is no MLP."""
    folder = make_runs(tmp_path_factory.mktemp("browser-runs"))
    make_run(folder, "small-conv-vae", "vae", network=NetworkConfig(network="conv", widths=(6, 8)))
    return folder


@pytest.fixture(scope="session")
def mirror() -> Iterator[Mirror]:
    """All the network that the server of all tests has; it is down until a test needs it."""
    with Mirror.running() as mirror:
        yield mirror


@pytest.fixture(scope="session")
def address(stand_ins: Path, mirror: Mirror) -> Iterator[str]:
    """Where the server of all tests is."""
    with serve_stand_ins(stand_ins, **mirror.environment) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; without one the tests are skipped, but in CI they fail."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        if browser is None:
            (pytest.fail if os.environ.get("CI") else pytest.skip)("There is no chromium on this machine.")
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def context(browser: Browser, address: str) -> BrowserContext:
    """One for all pages, so that plotly.js is fetched once; its user has been here before."""
    return new_context(browser, address, permissions=["clipboard-read", "clipboard-write"])


def new_context(browser: Browser, address: str, **options: Any) -> BrowserContext:
    """Another browser, as it were, in which the steps for a first visit have been dismissed."""
    dismissed = {"origin": address, "localStorage": [{"name": HINT_KEY, "value": "1"}]}
    usual = {"viewport": {"width": 1366, "height": 768}, "base_url": address, "locale": "en-GB"}
    return browser.new_context(**usual | {"storage_state": {"cookies": [], "origins": [dismissed]}} | options)


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that has asked nobody but the app, and ended without an exception in Python or in JavaScript."""
    with watched_page(context) as page:
        yield page


@contextmanager
def watched_page(context: BrowserContext) -> Iterator[Page]:
    """A page in this browser, of which the same is asked."""
    page = context.new_page()
    strangers, errors = [], []
    page.on("request", lambda request: strangers.append(request.url) if is_elsewhere(request.url) else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" and is_ours(said) else None)
    yield page
    assert page.locator(f"[data-testid=stException], .st-key-{UNEXPECTED_KEY}").count() == 0
    page.close()
    assert strangers == []
    assert errors == []


def is_ours(said: ConsoleMessage) -> bool:
    """Whether a module of our components has said it, or it is of something that our policy doesn't let pass."""
    return "Content Security Policy" in said.text or "/components/" in said.location["url"]


def is_elsewhere(url: str) -> bool:
    """Whether a request leaves this machine."""
    return not url.startswith(("http://localhost:", "ws://localhost:", "data:", "blob:", "about:"))
