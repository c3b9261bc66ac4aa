"""One server and one Chromium for all browser tests; each test has a page of its own and ends without an exception."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.app.standins import make_runs
from tests.browser.serving import launch, serve

expect.set_options(timeout=30_000)


def serve_stand_ins(runs: Path) -> AbstractContextManager[str]:
    """A server that has just started, with no published data at hand."""
    return serve(VAE_RUNS_DIR=str(runs), VAE_DATA_DIR=str(runs / "no-data"))


@pytest.fixture(scope="session")
def stand_ins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the stand-in runs."""
    return make_runs(tmp_path_factory.mktemp("browser-runs"))


@pytest.fixture(scope="session")
def address(stand_ins: Path) -> Iterator[str]:
    """Where the server of all tests is."""
    with serve_stand_ins(stand_ins) as address:
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
