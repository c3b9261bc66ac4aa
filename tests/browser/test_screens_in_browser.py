"""Screens, small and large, light and dark, with and without a mouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import new_context, watched_page
from tests.browser.planes import (
    area_of,
    assert_shows,
    expect_answer,
    expect_picture,
    open_planes,
    pixel_of,
    place_of,
    plot,
)
from vae_core.runs import Run

HOVERED = """([place, far]) => {
  const code = document.querySelector(".latent-plane").explorer.hovered?.code;
  return code?.every((value, dim) => Math.abs(value - place[dim]) <= far);
}"""


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[Page]:
    """A page on a phone."""
    size = {"width": 390, "height": 844}
    context = new_context(browser, address, viewport=size, has_touch=True, is_mobile=True)
    with watched_page(context) as page:
        yield page
    context.close()


class Finger:
    """A finger on the screen, which moves as the browser itself would see it."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)

    def send(self, kind: str, *place: float) -> None:
        points: list[dict[str, Any]] = [{"x": place[0], "y": place[1]}] if place else []
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_on_a_phone_the_pictures_stay_in_sight_a_finger_scrolls_or_explores_and_a_tap_pins(
    phone: Page, stand_ins: Path
) -> None:
    page, run = phone, Run.open(stand_ins / "small-digits-vae")
    open_planes(page, "run=small-digits-vae&z=1,1")
    plot(page, "VAE").scroll_into_view_if_needed()
    url, finger = page.url, Finger(page)
    for canvas in page.locator(".latent-plane-picture canvas").all():
        expect(canvas).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= main.clientWidth")

    area = area_of(page, "VAE")
    x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] - 20
    top = plot(page, "VAE").bounding_box()["y"]
    finger.send("touchStart", x, y)
    for step in range(1, 11):
        finger.send("touchMove", x, y - 15 * step)
    finger.send("touchEnd")
    page.wait_for_function(
        """([plot, top]) => {  // it has scrolled, and no longer does: a tap would only stop it
          const [before, now] = [plot.seenAt, plot.getBoundingClientRect().y];
          plot.seenAt = now;
          return before === now && Math.abs(now - top) > 20;
        }""",
        arg=[plot(page, "VAE").element_handle(), top],
        polling=300,
    )
    expect_picture(page, "VAE", [1, 1])
    assert page.url == url

    area = area_of(page, "VAE")
    x, y = round(area["x"] + 40), round(area["y"] + area["height"] - 12)
    top = plot(page, "VAE").bounding_box()["y"]
    finger.send("touchStart", x, y)
    for step in range(1, 11):
        finger.send("touchMove", x + 15 * step, y)
    wanted = place_of(page, "VAE", [x + 150, y])
    page.wait_for_function(HOVERED, arg=[wanted, 0.02])  # a pixel
    place = page.evaluate("document.querySelector('.latent-plane').explorer.hovered.code")
    assert_shows(page, run, place)
    finger.send("touchEnd")
    expect_picture(page, "VAE", [1, 1])
    assert page.url == url
    assert plot(page, "VAE").bounding_box()["y"] == top

    tapped = [round(area["x"] + 3), round(area["y"] + area["height"] - 3)]
    page.touchscreen.tap(*tapped)
    place = place_of(page, "VAE", tapped)
    expect_answer(page, "VAE", place)
    assert_shows(page, run, place)
    page.go_back()  # one step, for the swipes were none
    expect_answer(page, "VAE", [1, 1])


def test_a_laptop_needs_no_scrolling_and_the_planes_follow_the_theme_and_the_window(page: Page) -> None:
    open_planes(page)
    for kind in ("AE", "VAE"):
        expect(plot(page, kind)).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("click anywhere")).to_be_in_viewport()
    for canvas in page.locator(".latent-plane-picture canvas").all():
        expect(canvas).to_be_in_viewport(ratio=1)

    light = plot(page, "VAE").evaluate("plot => plot._fullLayout.plot_bgcolor")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "light => [...document.querySelectorAll('.js-plotly-plot')].every(p => p._fullLayout.plot_bgcolor !== light)",
        arg=light,
    )
    page.set_viewport_size({"width": 1100, "height": 700})
    page.wait_for_function(
        """() => [...document.querySelectorAll(".latent-plane-plot")].every(
          (plot) => Math.abs(plot._fullLayout.width - plot.clientWidth) < 1 && plot.clientWidth < 450
        )"""
    )
    here, there = pixel_of(page, "AE", (0, 0)), pixel_of(page, "AE", (1, 1))
    assert there[0] - here[0] == pytest.approx(here[1] - there[1], rel=1e-3)
