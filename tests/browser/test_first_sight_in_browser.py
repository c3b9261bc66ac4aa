"""The planes before Plotly has come: they answer the hand, and nothing moves when it comes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import new_context, watched_page
from tests.browser.planes import (
    PAIR,
    assert_shows,
    board,
    expect_answer,
    numbers_of,
    picture,
    place_of,
    query,
    settle,
)
from vae_core.runs.run import Run

PLOTLY = "**/plotly.min.js"
AREAS = """() => [...document.querySelectorAll(".latent-plane-board")].map((board) => {
  const { left, top, width, height } = board.querySelector(".latent-plane-dots").getBoundingClientRect();
  const dots = board.querySelector(".latent-plane-dots").toDataURL();
  const pin = board.querySelector(".latent-plane-overlay .pin")?.getBoundingClientRect();
  return { box: [left, top, width, height].map((value) => value + (value === top ? scrollY : 0)), dots,
           pin: [pin.left, pin.top] };
})"""


@pytest.fixture
def early(browser: Browser, address: str) -> Iterator[Page]:
    """A page of a browser that has nothing in its cache."""
    with new_context(browser, address) as context, watched_page(context) as page:
        yield page


def open_without_tools(page: Page, shown: str, planes: int) -> None:
    """The planes are ready, and none has its tools."""
    page.goto(f"/?{shown}")
    expect(page.locator(".latent-plane-plane[data-ready]")).to_have_count(planes)
    expect(page.locator(".js-plotly-plot")).to_have_count(0)


def at(page: Page, kind: str, across: float, down: float) -> list[float]:
    """The pixel at these shares of a plane's drawing area."""
    area = board(page, kind).locator(".latent-plane-dots").bounding_box()
    return [round(area["x"] + across * area["width"]), round(area["y"] + down * area["height"])]


def stated(page: Page) -> list[float]:
    """The code that the page's address holds, once a click has put it there."""
    page.wait_for_url(re.compile(r"[?&]z="))
    return numbers_of(query(page)["z"])


def test_a_hover_and_a_click_are_answered_before_plotly_has_come(early: Page, stand_ins: Path) -> None:
    held: list[Route] = []
    early.route(PLOTLY, lambda route: held.append(route))
    open_without_tools(early, PAIR, 2)
    pixel = at(early, "VAE", 0.3, 0.6)
    early.mouse.move(*pixel)
    expect(picture(early, "VAE").locator("h3")).not_to_have_text("VAE at (0, 0)")
    early.mouse.click(*pixel)
    code = stated(early)
    expect_answer(early, "VAE", code)
    early.unroute(PLOTLY)  # what is held goes on, and what is asked for once more is not held
    settle(early)
    np.testing.assert_allclose(code, place_of(early, "VAE", pixel), rtol=1e-4)  # by Plotly's own axes
    early.mouse.move(0, 0)
    assert_shows(early, Run.open(stand_ins / "small-digits-vae"), code)


@pytest.mark.parametrize(
    ("shown", "planes"),
    [(PAIR, 2), ("run=small-line-vae", 2), ("run=small-ten-vae", 1)],
    ids=["plane", "line", "slice"],
)
def test_nothing_moves_when_plotly_comes(early: Page, shown: str, planes: int) -> None:
    held: list[Route] = []
    early.route(PLOTLY, lambda route: held.append(route))
    open_without_tools(early, shown, planes)
    before = early.evaluate(AREAS)
    early.unroute(PLOTLY)  # what is held goes on, and what is asked for once more is not held
    settle(early, planes)
    after = early.evaluate(AREAS)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_allclose(one["box"], other["box"], atol=0.01)
        np.testing.assert_allclose(one["pin"], other["pin"], atol=0.01)
        assert one["dots"] == other["dots"]


def test_without_plotly_the_page_says_what_is_missing_and_the_planes_answer(
    browser: Browser, address: str, stand_ins: Path
) -> None:
    with new_context(browser, address) as context:
        page = context.new_page()
        page.route(PLOTLY, lambda route: route.abort())
        page.goto(f"/?{PAIR}")
        expect(page.locator(".latent-plane-note")).to_have_text(2 * [re.compile("Zoom, layers .* Reload")])
        page.mouse.click(*at(page, "VAE", 0.3, 0.6))
        code = stated(page)
        expect_answer(page, "VAE", code)
        assert_shows(page, Run.open(stand_ins / "small-digits-vae"), code)
