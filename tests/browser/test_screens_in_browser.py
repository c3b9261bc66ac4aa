"""Screens, small and large, light and dark, with and without a mouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import new_context, watched_page
from tests.browser.planes import (
    BOARD,
    PAIR,
    RANGES,
    area_of,
    assert_shows,
    drag,
    expect_answer,
    expect_picture,
    open_planes,
    pixel_of,
    place_of,
    plot,
    tool,
)
from vae_core.runs.run import Run

HOVERED = """([place, far]) => {
  const code = document.querySelector(".latent-plane").component.explorer.board.hovered?.code;
  return code?.every((value, dim) => Math.abs(value - place[dim]) <= far);
}"""


# Of the ground, of a ring and its casing, of the decoded images.
COLOURS = """({ layout, _fullLayout: { plot_bgcolor: ground }, parentElement: board }) => {
  const rings = [".ring-line", ".casing"].map((name) => board.querySelector(`.latent-plane-outlines ${name}`));
  return [ground, ...rings.map((ring) => getComputedStyle(ring).stroke), layout.images[0].source];
}"""
# All planes are as large as their plots, and their images cover what is in view.
FITS = """() => [...document.querySelectorAll(".latent-plane-plot")].every((plot) => {
  const { width, height, xaxis, yaxis } = plot._fullLayout;
  const covers = ({ x, y, sizex, sizey }) =>
    x <= xaxis.range[0] && xaxis.range[1] <= x + sizex && yaxis.range[1] <= y && y - sizey <= yaxis.range[0];
  return width === plot.clientWidth && height === plot.clientHeight && plot.layout.images.every(covers);
})"""


SIZED = """() => [...document.querySelectorAll(".latent-plane-plot")].every(
  ({ _fullLayout: { width, height }, clientWidth, clientHeight }) => width === clientWidth && height === clientHeight
)"""


def resize(page: Page, width: int, height: int) -> None:
    """The window has this size, and what is drawn follows."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function(FITS)


def centre_of(page: Page) -> tuple[float, float]:
    """The place in the middle of what is in view on the VAE's plane."""
    left, right, bottom, top = plot(page, "VAE").evaluate(RANGES)
    return (left + right) / 2, (bottom + top) / 2


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
    place = page.evaluate(f"{BOARD}.hovered.code")
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


def test_a_laptop_needs_no_scrolling_and_the_planes_follow_the_theme_and_the_window(page: Page) -> None:
    open_planes(page, f"{PAIR}&layers=manifold,rings")
    for kind in ("AE", "VAE"):
        expect(plot(page, kind)).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("Every place of a plane is an image")).to_be_in_viewport()
    for canvas in page.locator(".latent-plane-picture canvas").all():
        expect(canvas).to_be_in_viewport(ratio=1)

    light = plot(page, "VAE").evaluate(COLOURS)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        f"""light => [...document.querySelectorAll(".js-plotly-plot")].every(
          (plot) => ({COLOURS})(plot).every((colour, at) => colour !== light[at])
        )""",
        arg=light,
    )
    resize(page, 1100, 700)
    assert plot(page, "VAE").evaluate("plot => plot.clientWidth") < 450
    here, there = pixel_of(page, "AE", (0, 0)), pixel_of(page, "AE", (1, 1))
    assert there[0] - here[0] == pytest.approx(here[1] - there[1], rel=1e-3)


def test_planes_are_fitted_anew_in_every_window_and_a_zoom_keeps_its_centre_and_all_that_it_had_in_view(
    page: Page,
) -> None:
    open_planes(page, f"{PAIR}&layers=manifold")
    whole = {kind: plot(page, kind).evaluate(RANGES) for kind in ("AE", "VAE")}
    for width, height in 4 * [(1700, 900), (1366, 768)]:
        resize(page, width, height)
    for kind, ranges in whole.items():
        assert plot(page, kind).evaluate(RANGES) == pytest.approx(ranges, rel=1e-6)

    area = area_of(page, "VAE")
    drag(page, (area["x"] + 60, area["y"] + 50), (area["x"] + 190, area["y"] + 160))
    page.wait_for_function(
        "([plot, whole]) => plot._fullLayout.xaxis.range[1] < whole",
        arg=[plot(page, "VAE").element_handle(), whole["VAE"][1]],
    )
    zoomed, centre = plot(page, "VAE").evaluate(RANGES), centre_of(page)
    for width, height in ((1000, 768), (1700, 900), (1366, 768)):
        resize(page, width, height)
        left, right, bottom, top = plot(page, "VAE").evaluate(RANGES)
        far = 1e-3 * (right - left)
        assert centre_of(page) == pytest.approx(centre, abs=far)
        assert left < zoomed[0] + far and right > zoomed[1] - far
        assert bottom < zoomed[2] + far and top > zoomed[3] - far
    assert [left, right, bottom, top] == pytest.approx(zoomed, abs=far)
    tool(page, "VAE", "fit").click()
    page.wait_for_function(
        "([plot, whole]) => Math.abs(plot._fullLayout.xaxis.range[1] / whole - 1) < 1e-6",
        arg=[plot(page, "VAE").element_handle(), whole["VAE"][1]],
    )


def test_planes_stand_side_by_side_or_stacked_by_the_width_and_none_scrolls_sideways(page: Page) -> None:
    open_planes(page)
    for width, height, is_stacked in ((320, 740, True), (768, 1024, True), (1100, 700, False), (1920, 1080, False)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(SIZED)
        ae, vae = (plot(page, kind).bounding_box() for kind in ("AE", "VAE"))
        assert (ae["x"] == vae["x"], ae["y"] == vae["y"]) == (is_stacked, not is_stacked)
        assert 0.6 < ae["height"] / ae["width"] < 1.05
        assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= main.clientWidth")
    assert plot(page, "VAE").evaluate("plot => plot._fullLayout.font.size") > 13  # on a projector
