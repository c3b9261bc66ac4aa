"""What of a plane is in view, in a real browser: what it is fitted to, how it is zoomed, and what lies outside."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import new_context, watched_page
from tests.browser.planes import (
    PAIR,
    RANGES,
    area_of,
    board,
    go,
    marks,
    open_planes,
    place_of,
    plot,
    query,
    settle,
    tool,
)
from vae_core.runs.run import Run

NARROWER = """([plot, width]) => {
  const [low, high] = plot._fullLayout.xaxis.range;
  return high - low < width && document.querySelector(".latent-plane").ariaBusy === "false";
}"""
# Of the dots' canvas: how many pixels of its frame are inked.
EDGE = """board => {
  const canvas = board.querySelector(".latent-plane-dots");
  const { width, height } = canvas;
  const context = canvas.getContext("2d");
  const inked = (...box) => context.getImageData(...box).data.filter((byte, at) => at % 4 === 3 && byte).length;
  const sides = [[0, 0, 1, height], [width - 1, 0, 1, height], [0, 0, width, 1], [0, height - 1, width, 1]];
  return sides.reduce((sum, side) => sum + inked(...side), 0);
}"""


@pytest.fixture
def codes(stand_ins: Path) -> dict[str, np.ndarray]:
    """The codes (N, 2) of the pair with a plane."""
    return {kind: Run.open(stand_ins / f"small-digits-{kind.lower()}").codes.mu for kind in ("AE", "VAE")}


def ranges(page: Page, kind: str) -> list[float]:
    return plot(page, kind).evaluate(RANGES)


def beyond(codes: np.ndarray, ranges: list[float]) -> np.ndarray:
    """For each code (N, 2), and each axis, whether it lies outside of the range."""
    return (codes < [ranges[0], ranges[2]]) | (codes > [ranges[1], ranges[3]])


def test_planes_fit_the_bulk_of_their_codes_all_of_them_or_the_prior_and_count_what_lies_outside(
    page: Page, codes: dict[str, np.ndarray]
) -> None:
    open_planes(page)
    for kind, own in codes.items():
        note = board(page, kind).locator(".latent-plane-outside")
        assert (beyond(own, ranges(page, kind)).mean(0) <= 0.02).all()
        tool(page, kind, "fit all").click()
        expect(tool(page, kind, "fit all")).to_have_attribute("aria-pressed", "true")
        expect(note).to_have_text("")
        assert not beyond(own, ranges(page, kind)).any()
        assert board(page, kind).evaluate(EDGE) == 0
        tool(page, kind, "Zoom in").click()
        expect(note).not_to_have_text("")
        expect(page.locator(".latent-plane")).to_have_attribute("aria-busy", "false")
        expect(note).to_have_text(f"{beyond(own, ranges(page, kind)).any(1).sum()} codes outside")
        assert board(page, kind).evaluate(EDGE) > 0
    tool(page, "VAE", "3σ").click()
    expect(page.locator(".latent-plane")).to_have_attribute("aria-busy", "false")
    left, right, bottom, top = ranges(page, "VAE")
    assert max(left, bottom) < -3 and min(right, top, -left, -bottom) == pytest.approx(3.24)
    assert query(page)["view"].endswith(";prior")
    go(page, PAIR)
    expect(tool(page, "VAE", "3σ")).to_have_attribute("aria-pressed", "false")


def test_the_wheel_scrolls_the_page_with_ctrl_it_zooms_about_the_pointer_and_a_reload_keeps_that(page: Page) -> None:
    open_planes(page)
    usual, area = ranges(page, "VAE"), area_of(page, "VAE")
    pixel = (area["x"] + 0.7 * area["width"], area["y"] + 0.3 * area["height"])
    page.mouse.move(*pixel)
    page.mouse.wheel(0, 100)
    expect(board(page, "VAE").locator(".latent-plane-said")).to_have_text("Ctrl + wheel zooms here")
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollTop > 0")
    assert ranges(page, "VAE") == usual
    page.mouse.wheel(0, -100)
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollTop === 0")

    place = place_of(page, "VAE", pixel)
    page.keyboard.down("Control")
    for _ in range(3):
        page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    page.wait_for_url(re.compile("view="))
    page.wait_for_function(NARROWER, arg=[plot(page, "VAE").element_handle(), 0.6 * (usual[1] - usual[0])])
    np.testing.assert_allclose(place_of(page, "VAE", pixel), place, atol=2e-3 * (usual[1] - usual[0]))
    zoomed = ranges(page, "VAE")
    assert query(page)["view"].startswith(";")  # the other plane is as it was
    page.reload()
    settle(page)
    np.testing.assert_allclose(ranges(page, "VAE"), zoomed, atol=1e-3 * (zoomed[1] - zoomed[0]))
    board(page, "VAE").focus()
    page.keyboard.press("0")
    expect(tool(page, "VAE", "fit")).to_have_attribute("aria-pressed", "true")
    page.wait_for_function("() => !location.search.includes('view=')")
    assert ranges(page, "VAE") == pytest.approx(usual)


def test_two_fingers_zoom_about_the_place_between_them_and_pin_nothing(browser: Browser, address: str) -> None:
    size = {"width": 390, "height": 844}
    context = new_context(browser, address, viewport=size, has_touch=True, is_mobile=True)
    with watched_page(context) as page:
        open_planes(page, f"{PAIR}&z=1,1")
        plot(page, "VAE").scroll_into_view_if_needed()
        usual, area = ranges(page, "VAE"), area_of(page, "VAE")
        x, y = area["x"] + 0.4 * area["width"], area["y"] + 0.6 * area["height"]
        place = place_of(page, "VAE", (x, y))
        session = page.context.new_cdp_session(page)

        def touch(kind: str, *offsets: float) -> None:
            points = [{"x": x + sign * offset, "y": y, "id": sign + 1} for offset in offsets for sign in (-1, 1)]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        touch("touchStart", 30)
        for apart in range(35, 91, 5):
            touch("touchMove", apart)
        touch("touchEnd")
        page.wait_for_url(re.compile("view="))
        page.wait_for_function(NARROWER, arg=[plot(page, "VAE").element_handle(), 0.5 * (usual[1] - usual[0])])
        np.testing.assert_allclose(place_of(page, "VAE", (x, y)), place, atol=4e-3 * (usual[1] - usual[0]))
        assert query(page)["z"] == "1,1"
    context.close()


def test_the_tools_are_one_stop_of_the_keyboard_and_a_mark_out_of_view_has_an_arrow_with_a_word(page: Page) -> None:
    open_planes(page, f"{PAIR}&z=99,-99&pins=-99,0;0,0")
    assert marks(page, "VAE", ".pin .ring") == []
    expect(board(page, "VAE").locator(".beyond")).to_have_text(["chosen place", "1"])
    area = area_of(page, "VAE")
    (pin, kept) = (mark["middle"] for mark in marks(page, "VAE", ".beyond path"))
    assert pin[0] > area["x"] + 0.95 * area["width"] and pin[1] > area["y"] + 0.95 * area["height"]
    assert kept[0] < area["x"] + 0.05 * area["width"]

    tool(page, "VAE", "fit").focus()
    for name in ("fit all", "3σ", "Zoom in"):
        page.keyboard.press("ArrowRight")
        expect(tool(page, "VAE", name)).to_be_focused()
    page.keyboard.press("Tab")
    expect(board(page, "VAE")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(tool(page, "VAE", "Zoom in")).to_be_focused()
