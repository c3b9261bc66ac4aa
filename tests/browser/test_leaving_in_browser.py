"""The planes are left while something is on its way to them: what comes then comes to nobody, and nothing fails."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.planes import PAIR, open_planes

QUERY = f"{PAIR}&layers=round_trip,manifold,rings"
AWAY = "explorer => !explorer.root.isConnected"
CLEARED = "explorer => explorer.planes.length === 0"


def leave(page: Page, until: str) -> None:
    """Goes to another page of the app, and waits until the planes of this one are taken away, or cleared."""
    explorer = page.evaluate_handle("document.querySelector('.latent-plane').explorer")
    page.get_by_role("link", name="Runs").click()
    page.wait_for_function(until, arg=explorer)


@pytest.mark.parametrize("held, until", [("/codes/", CLEARED), ("/decoder/", AWAY), ("/gap_map/", CLEARED)])
def test_planes_can_be_left_while_something_is_on_its_way_to_them(page: Page, held: str, until: str) -> None:
    routes: list[Route] = []
    page.route(re.compile(re.escape(held)), lambda route: routes.append(route))
    with page.expect_request(re.compile(re.escape(held))):
        page.goto(f"/?{QUERY}")
    expect(page.locator(".latent-plane-plane")).to_have_count(2)
    leave(page, until)
    with page.expect_request_finished(lambda request: held in request.url):
        for route in routes:
            route.continue_()
    expect(page.get_by_text("All runs")).to_be_visible()


def test_planes_can_be_left_while_they_are_drawn_anew(page: Page) -> None:
    open_planes(page, QUERY)
    page.evaluate("window.planes = document.querySelector('.latent-plane').explorer.planes")
    page.set_viewport_size({"width": 1200, "height": 700})
    leave(page, CLEARED)
    page.evaluate("for (const plane of planes) plane.draw(), plane.drawLayers(), plane.resize()")
