"""Choosing in a selection box as a hand does: the box is in sight, its list opens, one of its options is clicked."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

INTO_SIGHT = """async (box) => {
  box.scrollIntoView({ block: "center" });
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
}"""


def choose(page: Page, box: Locator, option: str) -> None:
    """Chooses an option of a selection box by its whole name."""
    box.evaluate(INTO_SIGHT)  # its list closes when the page scrolls, as it does when a box out of sight is focused
    box.get_by_role("combobox").fill(option)  # of a long list only what is in view is there
    page.get_by_role("option", name=option, exact=True).click()
