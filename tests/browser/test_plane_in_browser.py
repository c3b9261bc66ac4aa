"""The latent plane in a real browser: a click here shows this image, and it is what torch decodes."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from sklearn.datasets import load_digits

from tests.app.standins import ODD_NAME
from tests.browser.conftest import serve_stand_ins
from ui.pictures import code_text
from ui.routes import codes_path, pack
from ui.state import rounded
from vae_core.runs import Run

# In the middle of an axis' own pixels; the inverse is what the component does.
TO_PIXELS = """(plot, [x, y]) => {
  const { xaxis, yaxis } = plot._fullLayout;
  const area = plot.querySelector(".nsewdrag").getBoundingClientRect();
  return [area.left + xaxis.d2p(x), area.top + yaxis.d2p(y)];
}"""
TO_PLACE = """(plot, [x, y]) => {
  const { xaxis, yaxis } = plot._fullLayout;
  const area = plot.querySelector(".nsewdrag").getBoundingClientRect();
  return [xaxis.p2d(x - area.left), yaxis.p2d(y - area.top)];
}"""
RANGES = "plot => [...plot._fullLayout.xaxis.range, ...plot._fullLayout.yaxis.range]"


def open_plane(page: Page, query: str, planes: int = 2) -> None:
    """The page with this query, all planes drawn and the picture shown."""
    page.goto(f"/plane?{query}")
    expect(page.locator(".latent-plane[data-ready]")).to_have_count(planes)
    expect(page.locator(".hm-large img")).to_be_visible()


def plot(page: Page, kind: str) -> Locator:
    """The plane of the AE or of the VAE."""
    return page.get_by_role("group", name=re.compile(rf"\b{kind}\b")).locator(".js-plotly-plot")


def pixel_of(page: Page, kind: str, place: tuple[float, float]) -> list[float]:
    """Where on the screen a place of the plane is."""
    return plot(page, kind).evaluate(TO_PIXELS, [float(value) for value in place])


def click(page: Page, kind: str, pixel: list[float]) -> list[float]:
    """Clicks at a whole pixel, and gives the place there by Plotly's own axes."""
    pixel = [round(value) for value in pixel]
    page.mouse.click(*pixel)
    return plot(page, kind).evaluate(TO_PLACE, pixel)


def picker(page: Page) -> Locator:
    """The selection box of the pairs."""
    return page.get_by_test_id("stSelectbox").get_by_role("combobox")


def heading(page: Page) -> Locator:
    return page.locator(".hm-picture h2")


def stated_code(page: Page) -> list[float]:
    """The code that the page states."""
    numbers = re.findall(r"[−\d.e+-]*\d", heading(page).inner_text())
    return [float(number.replace("−", "-")) for number in numbers]


def shown_image(page: Page, selector: str = ".hm-large img") -> np.ndarray:
    """The pixels of the picture (H, W), in [0, 1], as the browser got them."""
    source = page.locator(selector).first.get_attribute("src")
    png = base64.b64decode(source.removeprefix("data:image/png;base64,"))
    return np.asarray(Image.open(io.BytesIO(png)), np.float64) / 255


def decoded(run: Run, code: list[float]) -> np.ndarray:
    """What torch decodes at the code, (H, W)."""
    return run.load_model().decode(torch.tensor([code], dtype=torch.float32))[0, 0].numpy()


@pytest.mark.parametrize("kind", ["AE", "VAE"])
def test_a_click_on_empty_ground_shows_what_torch_decodes_there(page: Page, stand_ins: Path, kind: str) -> None:
    run = Run.open(stand_ins / f"small-digits-{kind.lower()}")
    open_plane(page, "run=small-digits-vae")
    corner = run.codes.mu.max(0) * [0.98, 1]  # right of the rightmost code and above the highest there is none
    place = click(page, kind, pixel_of(page, kind, corner))
    expect(heading(page)).to_have_text(f"{kind} at {code_text(rounded(place))}")
    assert np.abs(shown_image(page) - decoded(run, stated_code(page))).max() <= 1 / 255
    expect(page.locator(".hm-lines")).to_contain_text("Empty ground")
    expect(page.locator(".hm-lines")).not_to_contain_text("Test image")


@pytest.mark.parametrize("kind", ["AE", "VAE"])
def test_a_click_on_a_point_shows_its_class_its_reconstruction_and_the_original(
    page: Page, stand_ins: Path, kind: str
) -> None:
    run = Run.open(stand_ins / f"small-digits-{kind.lower()}")
    open_plane(page, "run=small-digits-vae")
    point = lonely_point(run.codes.mu)
    click(page, kind, pixel_of(page, kind, run.codes.mu[point]))
    expect(page.locator(".hm-lines")).to_contain_text(f"Test image no. {point}, class {run.codes.labels[point]}.")
    expect(heading(page)).to_have_text(re.compile(rf"^{kind} at "))
    np.testing.assert_allclose(stated_code(page), run.codes.mu[point], rtol=1e-4)
    assert np.abs(shown_image(page) - decoded(run, run.codes.mu[point].tolist())).max() <= 1 / 255
    original = load_digits().images[run.codes.indices[point]] / 16
    assert np.abs(shown_image(page, ".hm-small img") - original).max() <= 1 / 255
    assert parse_qs(urlsplit(page.url).query)["point"] == [str(point)]


def test_a_click_along_a_line_shows_what_torch_decodes_there(page: Page, stand_ins: Path) -> None:
    run = Run.open(stand_ins / "small-line-ae")
    open_plane(page, "run=small-line-vae")
    place = click(page, "AE", pixel_of(page, "AE", (float(run.codes.mu.min()) - 0.3, 4.9)))
    expect(heading(page)).to_have_text(f"AE at {code_text(rounded(place[:1]))}")
    assert np.abs(shown_image(page) - decoded(run, stated_code(page))).max() <= 1 / 255


def test_two_quick_clicks_at_different_places_are_two_clicks(page: Page) -> None:
    open_plane(page, "run=small-digits-vae")
    before = plot(page, "VAE").evaluate(RANGES)
    area = plot(page, "VAE").locator(".nsewdrag").bounding_box()
    page.mouse.click(area["x"] + 3, area["y"] + 3)
    second = [area["x"] + area["width"] - 3, area["y"] + area["height"] - 3]
    place = click(page, "VAE", second)
    expect(heading(page)).to_have_text(f"VAE at {code_text(rounded(place))}")
    assert plot(page, "VAE").evaluate(RANGES) == before


def test_a_click_keeps_the_zoom_and_marks_the_place_in_its_own_plane_only(page: Page) -> None:
    open_plane(page, "run=small-digits-vae&z=0.1,0.1")
    click(page, "AE", pixel_of(page, "AE", (-8, -8)))
    expect(heading(page)).to_have_text(re.compile("^AE at"))
    plot(page, "VAE").evaluate("plot => Plotly.relayout(plot, {'xaxis.range': [-1, 1]})")
    zoomed = plot(page, "VAE").evaluate(RANGES)
    click(page, "VAE", pixel_of(page, "VAE", (0.5, 0.5)))
    expect(heading(page)).to_have_text(re.compile("^VAE at"))
    assert plot(page, "VAE").evaluate(RANGES) == zoomed
    count = "plot => plot.layout.shapes.length"
    assert plot(page, "VAE").evaluate(count) > 0
    assert plot(page, "AE").evaluate(count) == 0


def test_both_axes_have_the_same_scale(page: Page) -> None:
    open_plane(page, "run=small-digits-vae")
    here, there = pixel_of(page, "AE", (0, 0)), pixel_of(page, "AE", (1, 1))
    assert there[0] - here[0] == pytest.approx(here[1] - there[1], rel=1e-3)


def test_a_deep_link_on_a_fresh_server_shows_its_run_and_its_place(browser: Browser, stand_ins: Path) -> None:
    with serve_stand_ins(stand_ins) as address:
        page = browser.new_page()
        page.goto(f"{address}/plane?run=small-digits-ae&z=3,4&lang=zh")
        expect(page.locator(".hm-picture h2")).to_have_text("AE，位置 (3, 4)")
        expect(page.locator(".latent-plane[data-ready]")).to_have_count(2)
        assert page.get_by_test_id("stException").count() == 0
        page.close()


def test_a_reload_keeps_pair_place_and_language(page: Page) -> None:
    open_plane(page, "run=small-digits-vae&lang=zh")
    click(page, "AE", pixel_of(page, "AE", (-8, -8)))
    expect(page).to_have_url(re.compile("run=small-digits-ae"))
    expect(heading(page)).to_have_text(re.compile("^AE，位置"))
    before, image = heading(page).inner_text(), shown_image(page)
    page.reload()
    expect(heading(page)).to_have_text(before)
    np.testing.assert_array_equal(shown_image(page), image)


def test_the_language_switches_and_is_in_the_url(page: Page) -> None:
    open_plane(page, "run=small-digits-vae&z=1,1")
    expect(page.get_by_text("Click anywhere")).to_be_visible()
    expect(picker(page)).to_have_value(re.compile("2-D code"))
    page.get_by_text("中文").click()
    expect(page.get_by_text("随处点一下")).to_be_visible()
    expect(page.get_by_text("Click anywhere")).to_have_count(0)
    expect(page).to_have_url(re.compile("lang=zh"))
    expect(heading(page)).to_have_text("VAE，位置 (1, 1)")
    expect(picker(page)).to_have_value(re.compile("2 维编码"))
    expect(picker(page)).not_to_have_value(re.compile("2-D code"))
    expect(page.locator("html")).to_have_attribute("lang", "zh")


def test_another_pair_is_chosen_by_its_title_and_back_and_forward_lead_through_the_views(page: Page) -> None:
    open_plane(page, "run=small-digits-vae")
    click(page, "AE", pixel_of(page, "AE", (-8, -8)))
    expect(heading(page)).to_have_text(re.compile("^AE at"))
    first = heading(page).inner_text()
    picker(page).click()
    page.get_by_role("option", name=re.compile("small-line-vae$")).click()
    expect(page).to_have_url(re.compile("run=small-line-vae"))
    expect(page.get_by_text("Click anywhere along a line")).to_be_visible()
    expect(heading(page)).to_have_text(re.compile(r"^VAE at [−\d.]+$"))
    page.go_back()
    expect(heading(page)).to_have_text(first)
    expect(picker(page)).to_have_value(re.compile("small-digits-vae"))
    page.go_back()
    expect(heading(page)).to_have_text("VAE at (0, 0)")
    page.go_forward()
    expect(heading(page)).to_have_text(first)
    page.go_forward()
    expect(picker(page)).to_have_value(re.compile("small-line-vae"))
    expect(page.get_by_text("Click anywhere along a line")).to_be_visible()


def test_a_finger_that_scrolls_pins_nothing_and_a_tap_does(browser: Browser, address: str) -> None:
    size = {"width": 390, "height": 844}
    page = browser.new_page(viewport=size, has_touch=True, is_mobile=True, base_url=address, locale="en-GB")
    open_plane(page, "run=small-digits-vae&z=1,1")
    plot(page, "VAE").scroll_into_view_if_needed()
    area = plot(page, "VAE").locator(".nsewdrag").bounding_box()
    x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] - 20
    top = plot(page, "VAE").bounding_box()["y"]
    finger = page.context.new_cdp_session(page)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 11):
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y - 15 * step}]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function(
        """([plot, top]) => {  // it has scrolled, and no longer does: a tap would only stop it
          const [before, now] = [plot.seenAt, plot.getBoundingClientRect().y];
          plot.seenAt = now;
          return before === now && Math.abs(now - top) > 20;
        }""",
        arg=[plot(page, "VAE").element_handle(), top],
        polling=300,
    )
    area = plot(page, "VAE").locator(".nsewdrag").bounding_box()
    tapped = [round(area["x"] + 3), round(area["y"] + area["height"] - 3)]
    page.touchscreen.tap(*tapped)
    place = plot(page, "VAE").evaluate(TO_PLACE, tapped)
    expect(heading(page)).to_have_text(f"VAE at {code_text(rounded(place))}")
    page.go_back()  # one step, for the swipe was none
    expect(heading(page)).to_have_text("VAE at (1, 1)")
    page.close()


def test_the_codes_of_any_run_come_by_a_route_and_those_of_no_run_are_not_found(page: Page, stand_ins: Path) -> None:
    run = Run.open(stand_ins / ODD_NAME)
    answer = page.request.get(f"/{codes_path(run)}")
    assert answer.ok
    assert answer.body() == pack(run)
    for name in ("gone", "...", "%C3%BC"):
        assert page.request.get(f"/codes/{name}").status == 404, name
    open_plane(page, urlencode({"run": ODD_NAME}), planes=1)


def test_a_browser_that_prefers_chinese_gets_chinese(browser: Browser, address: str) -> None:
    page = browser.new_page(locale="zh-CN")
    page.goto(address)
    expect(page.get_by_text("随处点一下")).to_be_visible()
    expect(page).to_have_title("Halfmoon 半月")
    assert "lang" not in page.url
    page.close()


def test_an_unknown_run_in_the_link_is_one_sentence(page: Page) -> None:
    page.goto("/plane?run=gone")
    expect(page.get_by_test_id("stAlert")).to_have_count(1)
    expect(page.get_by_test_id("stAlert")).to_contain_text("gone")
    expect(page.locator(".hm-large img")).to_be_visible()
    expect(page.locator(".latent-plane[data-ready]").first).to_be_visible()
    area = page.locator(".nsewdrag").first.bounding_box()
    page.mouse.click(area["x"] + 3, area["y"] + 3)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def test_what_a_link_says_is_shown_and_not_obeyed(page: Page) -> None:
    run = "![x](https://example.org/x.png) [y](https://example.org) https://example.org <img src=x> $z$ `"
    page.goto(f"/plane?{urlencode({'run': run})}")
    expect(page.get_by_test_id("stAlert")).to_contain_text(run)
    expect(page.get_by_test_id("stAlert").locator("img, a, .katex")).to_have_count(0)


def test_missing_originals_are_said_in_one_line(page: Page) -> None:
    open_plane(page, "run=small-mnist-vae&point=3", planes=1)
    expect(page.locator(".hm-lines")).to_contain_text("The originals of MNIST are not at hand")
    expect(page.locator(".hm-small")).to_have_count(0)


def test_a_phone_scrolls_down_only_and_keeps_the_picture_in_sight(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_plane(page, "run=small-digits-vae")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= main.clientWidth")
    plot(page, "VAE").scroll_into_view_if_needed()
    expect(page.locator(".hm-large img")).to_be_in_viewport()


def test_a_laptop_shows_planes_hint_and_picture_without_scrolling(page: Page) -> None:
    open_plane(page, "run=small-digits-vae")
    for kind in ("AE", "VAE"):
        expect(plot(page, kind)).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("Click anywhere")).to_be_in_viewport()
    expect(page.locator(".hm-large img")).to_be_in_viewport(ratio=1)


def test_the_planes_follow_the_theme(page: Page) -> None:
    open_plane(page, "run=small-digits-vae")
    ground = "plot => plot._fullLayout.plot_bgcolor"
    light = plot(page, "VAE").evaluate(ground)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "light => [...document.querySelectorAll('.js-plotly-plot')].every(p => p._fullLayout.plot_bgcolor !== light)",
        arg=light,
    )


def test_a_class_can_be_hidden_and_is_then_not_hit(page: Page, stand_ins: Path) -> None:
    run = Run.open(stand_ins / "small-digits-vae")
    point = lonely_point(run.codes.mu)
    open_plane(page, "run=small-digits-vae")
    plane = page.get_by_role("group", name=re.compile(r"\bVAE\b"))
    plane.get_by_role("button", name=str(run.codes.labels[point]), exact=True).click()
    click(page, "VAE", pixel_of(page, "VAE", run.codes.mu[point]))
    expect(page).to_have_url(re.compile("z="))
    expect(page.locator(".hm-lines")).to_contain_text("Empty ground")


def lonely_point(codes: np.ndarray) -> int:
    """The code farthest from its nearest neighbour: a click on it can't hit another."""
    distances = np.linalg.norm(codes[:, None] - codes[None], axis=2) + np.eye(len(codes)) * 1e9
    return int(distances.min(1).argmax())
