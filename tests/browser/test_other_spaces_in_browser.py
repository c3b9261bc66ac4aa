"""Codes of one dimension, of ten, and a decoder that does not run in the browser, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
from playwright.sync_api import Locator, Page, expect

from tests.browser.boxes import choose
from tests.browser.planes import (
    BOARD,
    DRAG_TO,
    SCALE,
    STEP,
    assert_shows,
    click,
    corner,
    decoded,
    expect_answer,
    expect_picture,
    heading,
    hover,
    linked,
    mark,
    marks,
    numbers_of,
    open_planes,
    picture,
    pixel_of,
    plot,
    query,
    settle,
    shown,
)
from vae_core.codes.slices import Slice, component_slice, dimension_slice, slice_through
from vae_core.runs.run import Run


def test_a_line_is_explored_pinned_and_shared_like_a_plane(page: Page, stand_ins: Path) -> None:
    ae, vae = (Run.open(stand_ins / f"small-line-{kind}") for kind in ("ae", "vae"))
    open_planes(page, "run=small-line-vae&z=0.25")
    expect(page.get_by_text("Every place of a line is an image")).to_be_visible()
    for kind in ("AE", "VAE"):
        (film,) = plot(page, kind).evaluate("plot => plot.layout.images.map(({ y, sizey }) => [y - sizey, y])")
        low, high = plot(page, kind).evaluate("plot => plot._fullLayout.yaxis.range")
        assert low <= film[0] < film[1] < 0 < high  # beneath the lanes

    code = hover(page, "AE", corner(page, "AE", 0.02, 0.1))[:1]
    assert_shows(page, ae, code)
    there = linked(code, ae.codes, vae.codes)
    assert_shows(page, vae, there)
    assert abs(mark(page, "VAE", ".cursor .ring")[0] - pixel_of(page, "VAE", there)[0]) < 0.6

    point = int(vae.codes.mu[:, 0].argmax())
    lane = page.locator(".latent-plane").evaluate(
        "(root, point) => root.component.explorer.board.planes[1].ys[point]", point
    )
    hover(page, "VAE", (vae.codes.mu[point, 0], lane))
    sigma = float(np.exp(0.5 * vae.codes.log_var[point, 0]))
    bands = [float(band["width"]) for band in marks(page, "VAE", ".ellipse rect", "width")]
    scale = plot(page, "VAE").evaluate(SCALE)
    np.testing.assert_allclose(bands, [2 * sigma * scale, 4 * sigma * scale], rtol=2e-3)

    pinned = click(page, "AE", corner(page, "AE", 0.02, 0.9))[:1]
    expect_answer(page, "AE", pinned)
    assert_shows(page, ae, pinned)
    page.get_by_role("button", name="Pin this place").click()
    expect(page.locator(".latent-plane-pins li")).to_have_count(1)
    page.wait_for_function("() => location.search.includes('pins=')")
    np.testing.assert_allclose(numbers_of(query(page)["pins"]), ae.codes.standardise(pinned), rtol=1e-4)
    page.reload()
    settle(page)
    expect_answer(page, "AE", pinned)
    expect(page.locator(".latent-plane-pins li")).to_have_count(1)
    assert_shows(page, vae, linked(numbers_of(query(page)["z"]), ae.codes, vae.codes))


def on_slice(plane: Slice, through: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The code at a place of the slice that passes through a code."""
    return through + (place - (through - plane.centre) @ plane.directions.T) @ plane.directions


@contextmanager
def redrawing(page: Page) -> Iterator[None]:
    """Waits until another plane stands where one was."""
    plane = page.locator(".latent-plane-plane").element_handle()
    yield
    page.wait_for_function("plane => !plane.isConnected", arg=plane)
    settle(page, 1)


def slices(page: Page, name: str) -> Locator:
    """The choice of this kind of slice."""
    return page.get_by_test_id("stButtonGroup").get_by_text(name, exact=True)


def test_ten_dimensions_are_a_slice_whose_axes_and_depth_one_chooses(page: Page, stand_ins: Path) -> None:
    run = Run.open(stand_ins / "small-ten-vae")
    codes = run.codes.mu
    open_planes(page, "run=small-ten-vae", planes=1)
    expect(page.get_by_text("These codes have 10 dimensions. You see a slice")).to_be_visible()
    code = np.zeros(10)
    plane = component_slice(codes, (0, 1))
    place = hover(page, "VAE", corner(page, "VAE", 0.1, 0.1))
    assert_shows(page, run, on_slice(plane, code, place))

    with redrawing(page):
        choose(page, page.get_by_test_id("stSelectbox").filter(has_text="Horizontal axis"), "component 4")
    assert query(page)["axes"] == "pc3,pc1"
    expect(page.get_by_label("component 1", exact=True)).to_be_visible()  # a slider now
    plane = component_slice(codes, (3, 1))
    place = hover(page, "VAE", corner(page, "VAE", 0.1, 0.1))
    assert_shows(page, run, on_slice(plane, code, place))

    before = heading(page).inner_text()
    slider = page.get_by_role("slider", name="component 1", exact=True)
    slider.scroll_into_view_if_needed()
    expect(picture(page, "VAE").locator("canvas")).to_be_in_viewport(ratio=1)  # what the slider changes
    box, still, url = slider.bounding_box(), shown(page, "VAE"), page.url
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + box["height"] / 2, steps=4)
    assert np.abs(shown(page, "VAE") - still).max() > STEP  # at once, and the server is not told of it
    assert page.url == url
    page.mouse.up()
    expect(heading(page)).not_to_have_text(before)
    moved = np.array(numbers_of(query(page)["z"]))
    first = component_slice(codes, (0, 1)).directions[0]
    assert moved @ first > 0.01
    np.testing.assert_allclose(moved, (moved @ first) * first, atol=1e-4)
    place = hover(page, "VAE", corner(page, "VAE", 0.9, 0.1))
    assert_shows(page, run, on_slice(plane, moved, place))
    page.reload()
    settle(page, 1)
    assert_shows(page, run, moved)
    assert query(page)["axes"] == "pc3,pc1"
    place = hover(page, "VAE", corner(page, "VAE", 0.9, 0.1))
    assert_shows(page, run, on_slice(plane, moved, place))

    with redrawing(page):
        slices(page, "dimensions").click()
    assert query(page)["axes"] == "0,1"
    expect(page.get_by_label("dimension 10", exact=True)).to_be_visible()
    place = hover(page, "VAE", corner(page, "VAE", 0.9, 0.1))
    assert_shows(page, run, on_slice(dimension_slice(10, (0, 1)), moved, place))


def test_a_slice_goes_through_three_pins(page: Page, stand_ins: Path) -> None:
    run = Run.open(stand_ins / "small-ten-vae")
    pins = np.random.default_rng(4).normal(size=(3, 10)).round(2) / 4
    text = ";".join(",".join(f"{value:g}" for value in pin) for pin in pins)
    open_planes(page, f"run=small-ten-vae&pins={text}", planes=1)
    with redrawing(page):
        slices(page, "three saved places").click()
    assert query(page)["axes"] == "pins"
    expect_picture(page, "VAE", pins[0])
    plane = slice_through(run.codes.unstandardise(pins))
    places = (pins - plane.centre) @ plane.directions.T
    found = [one["middle"] for one in marks(page, "VAE", ".kept circle")]
    wanted = [pixel_of(page, "VAE", place) for place in places]
    np.testing.assert_allclose(found, wanted, atol=0.6)
    for _ in range(2):
        place = hover(page, "VAE", places[1])
        code = on_slice(plane, pins[0], place)
        assert_shows(page, run, code)
        assert np.abs(code - pins[1]).max() < 0.05
        page.mouse.move(5, 5)
        page.reload()
        settle(page, 1)
    expect(page.get_by_text("You see a slice")).to_be_visible()


def test_a_decoder_that_does_not_run_in_the_browser_has_an_atlas_that_refines_itself(
    page: Page, stand_ins: Path
) -> None:
    run = Run.open(stand_ins / "small-conv-vae")
    asked: list[str] = []

    def remember(url: str) -> None:
        if "/atlas/" in url and "columns=1&" not in url:
            asked.append(url)

    page.on("requestfinished", lambda request: remember(request.url))
    open_planes(page, "run=small-conv-vae&layers=none", planes=1)

    def tiles() -> np.ndarray:
        """The centres (N, 2) of the tiles that the last answer has, and how far apart they are (2,)."""
        values = {
            name: numbers_of(text[0]) for name, text in parse_qs(urlsplit(asked[-1]).query).items() if name != "at"
        }
        origin, u, v = (np.array(values[name]) for name in ("origin", "u", "v"))
        columns, rows = int(values["columns"][0]), int(values["rows"][0])
        x, y = (np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows
        return (origin + y[:, None, None] * v + x[:, None] * u).reshape(-1, 2)

    def settled(sheets: int) -> None:
        page.wait_for_function(
            f"sheets => {BOARD}.planes[0].source.sheets.length === sheets",
            arg=sheets,
        )

    def assert_shows_the_nearest_tile(place: np.ndarray) -> float:
        """And how far away its centre is."""
        expect_picture(page, "VAE", place)
        centres = tiles()
        distances = np.linalg.norm(centres - place, axis=1)
        centre = centres[distances.argmin()]
        assert np.abs(shown(page, "VAE") - decoded(run, centre)).max() <= STEP
        return float(distances.min())

    page.wait_for_function(f"() => {BOARD}.planes[0].source.sheets.at(-1)?.count === 4096")
    assert len(asked) == 2
    assert len(tiles()) > 3000
    wide = assert_shows_the_nearest_tile(hover(page, "VAE", corner(page, "VAE", 0.813, 0.127)))
    assert wide > 0

    place = click(page, "VAE", corner(page, "VAE", 0.9, 0.9))
    expect_answer(page, "VAE", place)
    page.mouse.move(5, 5)
    exact = np.rint(decoded(run, numbers_of(query(page)["z"])) * 255)
    page.wait_for_function(
        """([canvas, exact]) => {
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return exact.every((value, at) => Math.abs(value - data[4 * at]) <= 1);
        }""",
        arg=[page.locator(".latent-plane-picture canvas").element_handle(), exact.flatten().tolist()],
    )

    plot(page, "VAE").evaluate(DRAG_TO, [0.5, 0.7, 0.5, 0.65])
    settled(2)
    page.wait_for_function(f"() => {BOARD}.planes[0].source.sheets.at(-1).count === 4096")
    assert len(asked) == 4
    fine = assert_shows_the_nearest_tile(hover(page, "VAE", (0.6017, 0.5731)))
    assert fine < 0.005
