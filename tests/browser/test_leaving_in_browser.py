"""The planes are left while something is on its way to them: what comes then comes to nobody, and nothing fails."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import JSHandle, Page, Route, expect

from tests.browser.planes import BOARD, PAIR, open_planes

QUERY = f"{PAIR}&layers=round_trip,manifold,rings"
AWAY = "component => !component.root.isConnected"
CLEARED = "component => component.explorer === null"


def leave(page: Page, until: str) -> JSHandle:
    """Goes to another page of the app, and waits until the planes of this one, given, are taken away or cleared."""
    component = page.evaluate_handle("document.querySelector('.latent-plane').component")
    page.get_by_role("link", name="Runs").click()
    page.wait_for_function(until, arg=component)
    return component


@pytest.mark.parametrize("held, until", [("/codes/", CLEARED), ("/decoder/", AWAY)], ids=["codes", "decoder"])
def test_planes_can_be_left_while_something_is_on_its_way_to_them(page: Page, held: str, until: str) -> None:
    routes: list[Route] = []
    page.route(re.compile(re.escape(held)), lambda route: routes.append(route))
    with page.expect_request(re.compile(re.escape(held))):
        page.goto(f"/?{QUERY}")
    expect(page.locator(".latent-plane-plane")).to_have_count(2)
    component = leave(page, until)
    with page.expect_request_finished(lambda request: held in request.url):
        for route in routes:
            route.continue_()
    page.wait_for_function(CLEARED, arg=component)
    expect(page.get_by_text("All runs")).to_be_visible()


def test_planes_that_have_been_left_draw_nothing(page: Page) -> None:
    open_planes(page, QUERY)
    page.evaluate(f"window.planes = {BOARD}.planes")
    page.set_viewport_size({"width": 1200, "height": 700})  # they are being drawn
    leave(page, CLEARED)
    page.evaluate("Promise.all(planes.map((plane) => plane.axes.work))")
    page.evaluate("for (const plane of planes) plane.drawLayers(), plane.resize(), plane.draw()")
    assert page.evaluate("planes.map(({ plot }) => plot._fullLayout ?? null)") == [None, None]


def test_axes_can_end_in_the_middle_of_their_work(page: Page) -> None:
    page.goto("/components/latent_plane/style.css")
    left = page.evaluate("""async () => {
      const { Axes } = await import("/components/shared/axes.js");
      const left = [];
      for (const turns of [0, 1, 2, 3, 5, 8, 13, 21]) {
        const plot = Object.assign(document.createElement("div"), { style: "width: 300px; height: 200px" });
        document.body.append(plot);
        const axes = new Axes(plot, "");
        axes.draw([{ x: [1], y: [1] }], {});
        axes.change({ "xaxis.range": [0, 2], shapes: [{ type: "line", label: { text: "one" } }] });
        for (let turn = 0; turn < turns; turn++) await null;
        axes.end();
        if (turns % 2) plot.remove();
        await axes.work;
        await new Promise(requestAnimationFrame);
        left.push(plot._fullLayout ?? null);
      }
      return left;
    }""")
    assert left == [None] * 8
