"""The first paint of every page: nothing jumps or flashes, everything can be read, each page says its name."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from halfmoon.navigation import PAGES, paths
from halfmoon.texts import text
from tests.browser.conftest import new_context, watched_page

MAX_SHIFT, MIN_CONTRAST = 0.1, 4.5
WATCH = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) window.shift += value;
}).observe({ type: "layout-shift", buffered: true });
"""
IS_STILL = """() => {
  const isUp = document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]");
  const coming = ["=stSkeleton]", "^=stBidiComponent]:not([data-shown])"].map((name) => "[data-testid" + name);
  return isUp && !document.querySelector([...coming, ".latent-plane-plane:not([data-layers])"].join());
}"""
# The brightness of a colour, of 0 to 1, and the contrast of an element's letters with what is behind them.
BRIGHTNESS = """
const brightness = (colour) => {
  const [red, green, blue] = colour.match(/[\\d.]+/g).map((part) => part / 255);
  const linear = (part) => (part <= 0.04 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
};
"""
CONTRAST = f"""(letters) => {{
  {BRIGHTNESS}
  const isOpaque = (element) => !getComputedStyle(element).backgroundColor.endsWith(", 0)");
  let ground = letters;
  while (!isOpaque(ground)) {{
    if (getComputedStyle(ground).opacity !== "1") return 0;
    ground = ground.parentElement;
  }}
  const both = [getComputedStyle(letters).color, getComputedStyle(ground).backgroundColor].map(brightness);
  return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
}}"""


def test_no_page_shifts_while_it_loads_and_each_has_one_heading_a_main_part_and_a_navigation(
    browser: Browser, address: str
) -> None:
    with new_context(browser, address) as context:
        context.add_init_script(WATCH)
        for path, shown in zip(paths(), PAGES, strict=True):
            with watched_page(context) as page:
                page.goto(f"/{path}")
                page.wait_for_function(IS_STILL, timeout=120_000)  # charts of Compare and Interpolate among it
                assert page.evaluate("() => window.shift") <= MAX_SHIFT, path
                expect(page.get_by_role("heading", level=1)).to_have_text([text(f"app.{shown.name}")])
                expect(page.get_by_role("main")).to_have_count(1)
                expect(page.get_by_role("navigation", name="App pages")).to_be_visible()


@pytest.mark.parametrize(("scheme", "is_dark"), [("light", False), ("dark", True)])
def test_before_the_app_is_up_the_ground_is_that_of_the_theme(
    browser: Browser, address: str, scheme: str, is_dark: bool
) -> None:
    with new_context(browser, address, color_scheme=scheme) as context:
        page = context.new_page()
        page.route("**/static/js/index.*.js", lambda route: route.abort())
        page.goto("/")
        ground = page.evaluate(
            f"() => {{ {BRIGHTNESS} return brightness(getComputedStyle(document.documentElement).backgroundColor) }}"
        )
        assert (ground < 0.1) == is_dark


def test_captions_and_notices_can_be_read_in_both_themes(page: Page) -> None:
    page.goto("/compare?run=nothing")
    letters = [
        page.get_by_test_id("stCaptionContainer").locator("p"),
        page.get_by_test_id("stAlertContainer").locator("p"),
    ]
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        expect(page.get_by_test_id("stApp")).to_have_css("color-scheme", scheme)
        for one in letters:
            assert one.first.evaluate(CONTRAST) >= MIN_CONTRAST


def test_where_there_is_no_page_the_first_one_says_so_once_and_the_console_is_silent(page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.goto("/no/such?lang=zh")
    expect(page.get_by_role("alert")).to_contain_text("没有 /no/such 这一页")
    expect(page.locator(".latent-plane-plane[data-layers]")).to_have_count(2)
    expect(page).to_have_url("/?lang=zh")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto("/train")
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    page.wait_for_function(IS_STILL)
    assert said == []
