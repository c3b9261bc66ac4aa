"""The interpolate page in a real browser: films in step, a walk to share, files to take along, a phone at night."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from halfmoon.interpolate import measures, walks
from halfmoon.interpolate.choice import FRAMES, End, Walk
from halfmoon.interpolate.walks import EVERY
from tests.browser.conftest import new_context, watched_page
from tests.browser.planes import STEP, decoded, open_planes, query, source_image
from vae_core.comparison import Pair
from vae_core.runs.run import Run

WALK = "run=small-digits-vae&a=3&b=8"
NOT_WIDER = "document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[Page]:
    """A page on a phone, at night."""
    size = {"width": 390, "height": 844}
    context = new_context(browser, address, viewport=size, has_touch=True, is_mobile=True, color_scheme="dark")
    with watched_page(context) as page:
        yield page
    context.close()


def open_walk(page: Page, query: str = WALK, rows: int = 3) -> None:
    """The page with this walk, all of it there."""
    page.goto(f"/interpolate?{query}")
    settle(page, rows)


def settle(page: Page, rows: int = 3) -> None:
    """Waits until films and figures are there and nothing runs any more."""
    expect(page.locator(".film-row")).to_have_count(rows)
    expect(page.locator(".js-plotly-plot")).to_have_count(rows)  # a plane for each model, and the steps
    expect(page.get_by_test_id("stSpinner")).to_have_count(0)
    expect(page.locator("[data-stale=true]")).to_have_count(0)


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def large(page: Page, name: str) -> Locator:
    """The large frame of a row."""
    return row(page, name).locator(".film-large")


def slider(page: Page) -> Locator:
    return page.get_by_role("slider", name="Position along the path")


def expect_frame(page: Page, at: int) -> None:
    """All rows show this frame, counted from 0."""
    expect(large(page, "AE")).to_have_attribute("alt", f"AE, frame {at + 1} of {FRAMES}")
    expect(large(page, "VAE")).to_have_attribute("alt", f"VAE, frame {at + 1} of {FRAMES}")
    expect(slider(page)).to_have_value(str(at))


def test_slider_keys_strip_and_animation_turn_all_rows_to_the_frame_that_torch_decodes_there(
    page: Page, stand_ins: Path
) -> None:
    open_walk(page)
    expect_frame(page, FRAMES // 2)

    def assert_frames(at: int) -> None:
        for kind in ("AE", "VAE"):
            run = Run.open(stand_ins / f"small-digits-{kind.lower()}")
            start, end = run.codes.mu[[3, 8]]
            code = start + at / (FRAMES - 1) * (end - start)
            assert np.abs(source_image(large(page, kind)) - decoded(run, code)).max() <= STEP

    assert_frames(FRAMES // 2)
    slider(page).focus()
    page.keyboard.press("ArrowRight")
    expect_frame(page, FRAMES // 2 + 1)
    assert_frames(FRAMES // 2 + 1)
    strip = row(page, "VAE").locator(".film-strip img")
    expect(strip).to_have_count(11)
    strip.nth(2).click()
    expect_frame(page, 2 * EVERY)
    expect(row(page, "AE").locator(".film-strip img.here")).to_have_count(1)
    assert_frames(2 * EVERY)

    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => document.querySelector('.film-slider').value > 20")
    page.wait_for_function("() => document.querySelector('.film-slider').value < 20")  # it has turned at the end
    page.get_by_role("button", name="Stop", exact=True).click()
    expect_frame(page, int(slider(page).input_value()))
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def mark_of(page: Page, chart: str) -> list[float]:
    """Where the mark on a chart is, by Plotly's own axes."""
    return page.locator(f".st-key-{chart} .js-plotly-plot").evaluate(
        """plot => {
          const { xaxis, yaxis } = plot._fullLayout;
          const { left, top } = plot.getBoundingClientRect();
          const mark = plot.querySelector(".chart-dot, .chart-line").getBoundingClientRect();
          const middle = [mark.left + mark.width / 2 - left, mark.top + mark.height / 2 - top];
          return [xaxis.p2d(middle[0] - xaxis._offset), yaxis.p2d(middle[1] - yaxis._offset)];
        }"""
    )


# Both planes are as wide as the columns that hold them.
DRAWN_ANEW = """() => ["way-ae", "way-vae"].every((key) => {
  const holder = document.querySelector(`.st-key-${key}`);
  const plot = holder?.querySelector(".js-plotly-plot");
  return plot && Math.abs(plot._fullLayout.width - holder.clientWidth) < 2;
})"""


def ranges_of(page: Page) -> list[list[float]]:
    """What the planes show, by Plotly's own axes."""
    read = "plots => plots.flatMap(({ _fullLayout: { xaxis, yaxis } }) => [[...xaxis.range], [...yaxis.range]])"
    return page.locator(":is(.st-key-way-ae, .st-key-way-vae) .js-plotly-plot").evaluate_all(read)


def test_the_frame_is_marked_on_planes_and_steps_while_it_moves_and_is_in_the_link_when_it_rests(
    page: Page, stand_ins: Path
) -> None:
    open_walk(page, f"{WALK}&frame=10")
    expect_frame(page, 10)
    runs = {kind: Run.open(stand_ins / f"small-digits-{kind}") for kind in ("ae", "vae")}

    def assert_marked(frame: int) -> None:
        for kind, run in runs.items():
            start, end = run.codes.mu[[3, 8]]
            code = start + frame / (FRAMES - 1) * (end - start)
            np.testing.assert_allclose(mark_of(page, f"way-{kind}"), code, atol=0.02 * np.abs(run.codes.mu).max())
        assert abs(mark_of(page, "steps")[0] - frame) < 0.3

    expect(page.locator(".chart-dot")).to_have_count(2)
    expect(page.locator(".chart-line")).to_have_count(1)
    assert_marked(10)
    box = slider(page).bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + box["height"] / 2, steps=5)
    expect(slider(page)).not_to_have_value("10")
    frame = int(slider(page).input_value())
    assert_marked(frame)
    assert query(page)["frame"] == "10"
    page.mouse.up()
    expect(page).to_have_url(re.compile(f"frame={frame}$"))
    ranges = ranges_of(page)
    for width in (1900, 800, 1200):
        page.set_viewport_size({"width": width, "height": 700})
        page.wait_for_function(DRAWN_ANEW)
        assert ranges_of(page) == ranges
    assert_marked(frame)
    page.reload()
    settle(page)
    expect_frame(page, frame)
    expect(page.locator(".chart-dot")).to_have_count(2)
    assert_marked(frame)


def test_the_walk_is_in_the_url_and_a_reload_and_a_link_show_it_again(page: Page) -> None:
    open_walk(page)
    straight = large(page, "AE").get_attribute("src")
    page.get_by_role("radio", name="shortest").click()
    expect(page).to_have_url(re.compile("path=geodesic"))
    expect(large(page, "AE")).not_to_have_attribute("src", straight)
    shortest = large(page, "AE").get_attribute("src")
    expect(row(page, "AE").locator(".film-figures")).to_contain_text(re.compile(r"pixel evenness (0\.9\d|1\.00)"))

    page.reload()
    settle(page)
    expect(large(page, "AE")).to_have_attribute("src", shortest)
    page.get_by_role("radio", name="straight").click()
    expect(large(page, "AE")).to_have_attribute("src", straight)
    expect(page).not_to_have_url(re.compile("path="))

    page.get_by_role("button", name="Another A").click()
    expect(page).not_to_have_url(re.compile("a=3&"))
    expect(large(page, "AE")).not_to_have_attribute("src", straight)
    assert query(page)["b"] == "8"

    page.goto("/interpolate?run=small-digits-vae&a=z:0.5,1&b=z:-1,0")
    settle(page)
    expect(page.get_by_text("From A, the place (0.50, 1.00), to B, the place (−1, 0).")).to_be_visible()
    expect(row(page, "Cross-dissolve")).to_contain_text("drawn by the VAE")
    page.goto("/interpolate?run=small-digits-vae&a=60")
    expect(page.get_by_test_id("stAlert")).to_contain_text("The start of the walk in this link does not exist here")


def test_how_even_and_how_real_each_strip_is_stands_in_a_table(page: Page, stand_ins: Path) -> None:
    open_walk(page, "run=small-line-vae&a=3&b=8")
    pair = Pair(tuple(Run.open(stand_ins / f"small-line-{kind}") for kind in ("ae", "vae")))
    rows = walks.rows(pair, Walk(pair.name, End(3), End(8)))
    found = measures.measured(pair.runs[0].config.training.data, rows)
    for shown, one in zip(rows, found, strict=True):
        cells = page.get_by_role("row", name=re.compile(f"^{shown.title}")).get_by_role("cell")
        expect(cells).to_have_text([f"{one.step_evenness:.2f}", f"{one.path_distance:.2f}"])
    open_walk(page)
    expect(page.get_by_role("row", name=re.compile("^AE")).get_by_role("cell")).to_have_text(["–", "–"])
    expect(page.get_by_text("only pixels tell how alike two images are")).to_be_visible()


def test_animation_strip_and_numbers_are_downloaded(page: Page) -> None:
    open_walk(page)

    def fetch(name: str) -> bytes:
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        assert re.fullmatch(r"halfmoon-digits-\d-to-\d-linear\.(gif|png|csv)", download.value.suggested_filename)
        return Path(download.value.path()).read_bytes()

    assert Image.open(io.BytesIO(fetch("Animation"))).n_frames == 2 * FRAMES - 2
    assert Image.open(io.BytesIO(fetch("Film strip"))).format == "PNG"
    assert len(fetch("Numbers").decode().splitlines()) == 1 + 3 * FRAMES


def test_a_phone_at_night_shows_all_of_it_and_is_not_scrolled_sideways(phone: Page) -> None:
    open_walk(phone)
    assert phone.evaluate(NOT_WIDER)
    assert phone.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= main.clientWidth")
    strip = row(phone, "VAE").locator(".film-strip").bounding_box()
    assert strip["x"] >= 0
    assert strip["x"] + strip["width"] <= 390
    row(phone, "AE").locator(".film-strip img").last.tap()
    expect_frame(phone, FRAMES - 1)


def test_the_way_between_two_kept_places_is_walked_from_the_plane(page: Page) -> None:
    page.goto("/?run=small-digits-vae&pins=0,0;0.5,-1;1,0.25")
    page.get_by_role("link", name="Walk from 2 to 3").click()
    settle(page)
    assert query(page) == {"run": "small-digits-vae", "a": "z:0.5,-1", "b": "z:1,0.25"}


def test_any_two_of_the_kept_places_can_be_walked_between(page: Page) -> None:
    open_planes(page, "run=small-digits-vae&pins=0,0;0.5,-1;1,0.25")
    page.get_by_role("button", name="Actions on place 3").click()
    page.get_by_role("menuitem", name="Walk from here").click()
    page.get_by_role("link", name="Walk from 3 to 1").click()
    settle(page)
    assert query(page) == {"run": "small-digits-vae", "a": "z:1,0.25", "b": "z:0,0"}
