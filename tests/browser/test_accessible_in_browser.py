"""What axe-core, the checker of accessibility, finds on each page: nothing serious, in both themes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from halfmoon.navigation import PAGES
from tests.browser.conftest import new_context, watched_page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.map(({ id, impact, nodes }) =>
    ({ id, impact, where: nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)}: ${failureSummary}`) }));
}"""
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def checked(browser: Browser, address: str) -> Iterator[Page]:
    """A page that lets the checker in, which its policy would not."""
    if not AXE.is_file():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("axe-core is not here: `make node_modules/installed`.")
    with (
        new_context(browser, address, bypass_csp=True, reduced_motion="reduce") as context,
        watched_page(context) as page,
    ):
        yield page


def findings(page: Page) -> list[dict[str, Any]]:
    """The serious findings on the page as it is now."""
    return [found for found in page.evaluate(RUN) if found["impact"] in SERIOUS]


@pytest.mark.parametrize("path", ["" if one is PAGES[0] else one.url_path for one in PAGES])
def test_nothing_serious_is_found(checked: Page, path: str) -> None:
    checked.goto(f"/{path}")
    expect(checked.locator("[data-test-script-state=notRunning]")).to_be_attached()
    expect(checked.get_by_test_id("stSkeleton")).to_have_count(0)
    checked.evaluate(AXE.read_text(encoding="utf-8"))
    for scheme in ("light", "dark"):
        checked.emulate_media(color_scheme=scheme)
        expect(checked.locator(".stApp")).to_have_css("color-scheme", scheme)
        checked.wait_for_function("() => document.getAnimations().every((one) => one.playState !== 'running')")
        assert findings(checked) == []
