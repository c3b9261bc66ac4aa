"""Gap maps in a real browser: what the core says is painted, in one range, and the worst gap is found."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from halfmoon.parts.numbers import plain
from halfmoon.plane.view import rounded
from tests.browser.conftest import new_context, watched_page
from tests.browser.planes import DRAG_TO, PAIR, expect_answer, marks, open_planes, pixel_of, plot, query, settle
from vae_core.configs import DataConfig
from vae_core.data import datasets
from vae_core.measures.gap_map import GapMap, Survey
from vae_core.measures.rulers import PixelRuler
from vae_core.runs.run import Run

KINDS = ("AE", "VAE")
TITLES = {
    "density_ratio": "density relative to the prior",
    "round_trip": "round trip",
    "speed": "speed of the decoder",
    "distance": "distance from real images",
    "confidence": "confidence of the classifier",
    "": "none",
}
FIELDS = ("density_ratio", "round_trip", "speed", "distance")  # digits have no judge
FAR = 3
EDGE = 0.15  # standard deviations on either side of it, where a pixel may belong to either
IMAGES = "plot => plot.layout.images.map(({ source, x, y, sizex, sizey }) => ({ source, x, y, sizex, sizey }))"
COUNT = "plot => plot.layout.images.length"
# The colours of amounts from −1 to 1; and the ground and the text.
COLOURS = """async (board) => {
  const { colours } = await import("/components/latent_plane/gap-image.js");
  const { readTheme } = await import("/components/shared/theme.js");
  const { channels } = await import("/components/shared/raster.js");
  const theme = readTheme(board);
  const colour = colours(theme);
  const amounts = Array.from({ length: 65 }, (_, at) => (at - 32) / 32);
  return [amounts, amounts.map((amount) => colour(amount)), [theme.ground, theme.text].map(channels)];
}"""


def gaps_of(runs: Path, name: str) -> GapMap:
    """What the core says of a stand-in."""
    run = Run.open(runs / name)
    real = datasets.load(DataConfig(name="digits")).split("training")[0]
    return GapMap(run.load_model(), run.codes, ruler=PixelRuler(real))


def surveys(runs: Path, field: str) -> list[Survey]:
    return [gaps_of(runs, f"small-digits-{kind.lower()}").survey(field) for kind in KINDS]


def choose(page: Page, field: str) -> None:
    page.get_by_role("button", name=re.compile("^Gap map")).click()
    page.get_by_role("menuitemradio", name=TITLES[field]).click()


def expect_painted(page: Page, field: str, *kinds: str) -> None:
    """The map is on these planes, its scale has numbers, and the URL holds it."""
    page.wait_for_url(re.compile(rf"[?&]layers={field}\b"))
    for kind in kinds:
        expect(page.get_by_role("button", name=kind, exact=True)).to_be_enabled()
        page.wait_for_function(f"plot => ({COUNT})(plot) === 1", arg=plot(page, kind).element_handle())
    expect(page.locator(".latent-plane-gap-ticks span").first).to_have_text(re.compile(r"^(≤ )?[\d.]+$"))
    expect(page.locator(".latent-plane-busy:visible")).to_have_count(0)


def painted(page: Page, kind: str) -> dict[str, Any]:
    """The only image beneath a plane: its `pixels` (H, W, 3) from the top, and where it lies."""
    (image,) = plot(page, kind).evaluate(IMAGES)
    png = base64.b64decode(image["source"].removeprefix("data:image/png;base64,"))
    return image | {"pixels": np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), float)}


def some_pixels(image: dict[str, Any], dims: int) -> tuple[np.ndarray, np.ndarray]:
    """A few thousand of the pixels (N, 3) of a map, and the codes (N, dims) where they are."""
    rows, columns = image["pixels"].shape[:2]
    across, down = np.random.default_rng(0).random((2, 4000))
    pixels = image["pixels"][(down * rows).astype(int), (across * columns).astype(int)]
    across, down = (np.floor(across * columns) + 0.5) / columns, (np.floor(down * rows) + 0.5) / rows
    x, y = image["x"] + across * image["sizex"], image["y"] - down * image["sizey"]
    return pixels, np.stack([x, y][:dims], axis=1)


def amounts_of(page: Page, pixels: np.ndarray) -> np.ndarray:
    """What the colours of pixels (N, 3) say, from −1 to 1."""
    amounts, colours, _ = page.locator(".latent-plane-board").first.evaluate(COLOURS)
    differences = np.abs(pixels[:, None] - np.array(colours)).sum(2)
    return np.array(amounts)[differences.argmin(1)]


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_is_painted_is_in_the_url_and_there_again_after_a_reload(page: Page, field: str) -> None:
    open_planes(page)
    assert all(plot(page, kind).evaluate(COUNT) == 0 for kind in KINDS)
    choose(page, field)
    expect_painted(page, field, *KINDS)
    before = [painted(page, kind)["pixels"] for kind in KINDS]
    assert all(np.ptp(pixels[:, :, 1]) > 30 for pixels in before)
    assert query(page)["layers"] == f"{field},rings"
    page.reload()
    settle(page)
    expect(page.get_by_role("button", name=f"Gap map: {TITLES[field]}")).to_be_visible()
    expect_painted(page, field, *KINDS)
    for kind, pixels in zip(KINDS, before, strict=True):
        np.testing.assert_array_equal(painted(page, kind)["pixels"], pixels)


@pytest.mark.parametrize("field", ["round_trip", "distance", "speed"])
def test_both_planes_are_painted_in_one_range_as_the_core_says(page: Page, stand_ins: Path, field: str) -> None:
    open_planes(page, f"{PAIR}&layers={field}")
    expect_painted(page, field, *KINDS)
    found = surveys(stand_ins, field)
    low, high = min(survey.low for survey in found), max(survey.high for survey in found)
    scale = np.log if field in ("round_trip", "speed") else np.asarray
    assert (low > 0) == (field != "distance")
    expect(page.locator(".latent-plane-gap-ticks span").last).to_contain_text(plain(high, 2))
    for kind in KINDS:
        gaps = gaps_of(stand_ins, f"small-digits-{kind.lower()}")
        pixels, codes = some_pixels(painted(page, kind), 2)
        near = np.linalg.norm(gaps.codes.standardise(codes), axis=1) < FAR - EDGE
        share = np.clip((scale(gaps.field(field, codes)) - scale(low)) / (scale(high) - scale(low)), 0, 1)
        difference = np.abs(amounts_of(page, pixels) - share)[near]
        assert np.median(difference) < 0.03
        assert np.quantile(difference, 0.95) < 0.1  # but for cells on an edge


def test_gaps_have_one_hue_and_crowds_another(page: Page, stand_ins: Path) -> None:
    open_planes(page, f"{PAIR}&layers=density_ratio")
    expect_painted(page, "density_ratio", *KINDS)
    gaps = gaps_of(stand_ins, "small-digits-vae")
    pixels, codes = some_pixels(painted(page, "VAE"), 2)
    near = np.linalg.norm(gaps.codes.standardise(codes), axis=1) < FAR - EDGE
    ratio, amounts = gaps.field("density_ratio", codes)[near], amounts_of(page, pixels[near])
    strong = np.abs(amounts) > 0.15
    np.testing.assert_array_equal((amounts > 0)[strong], (ratio < 1)[strong])
    assert (ratio < 1)[strong].any() and (ratio > 1)[strong].any()


@pytest.mark.parametrize("query", [f"{PAIR}&layers=distance", "run=small-line-vae&layers=speed"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_beyond_three_deviations_there_is_a_hatching_and_no_colour_of_the_scale_as_the_words_say(
    page: Page, stand_ins: Path, query: str, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)
    open_planes(page, query)
    expect_painted(page, query.rpartition("=")[2], *KINDS)
    *_, (ground, text) = page.locator(".latent-plane-board").first.evaluate(COLOURS)
    way = np.subtract(text, ground)
    for kind in KINDS:
        run = Run.open(stand_ins / re.sub(r"vae", kind.lower(), query[4 : query.index("&")]))
        pixels, codes = some_pixels(painted(page, kind), run.config.model.latent_dim)
        beyond = pixels[np.linalg.norm(run.codes.standardise(codes), axis=1) > FAR + EDGE]
        if not len(beyond):
            continue
        share = (beyond - ground) @ way / (way @ way)
        assert np.abs(beyond - (ground + share[:, None] * way)).max() < 6  # between the ground and the text
        assert 0.03 < share.min() < share.max() < 0.4
        assert np.ptp(share) > 0.1  # lines
    note = page.locator(".latent-plane-gap p .latent-plane-gap-far")
    expect(note).to_contain_text("Hatched: beyond 3 σ")
    assert "gradient" in note.evaluate("note => getComputedStyle(note).backgroundImage")  # its swatch


def test_until_the_values_have_come_each_plane_says_that_its_map_is_computed(page: Page) -> None:
    waiting: list[Route] = []
    page.route(re.compile("/gap_map/small-digits-vae"), lambda route: waiting.append(route))
    with page.expect_request(re.compile("/gap_map/small-digits-vae")):
        page.goto(f"/?{PAIR}&layers=speed")
    expect(page.locator(".latent-plane-busy:visible")).to_have_text(2 * ["Computing the map …"])
    assert plot(page, "AE").evaluate(COUNT) == 0  # there is no range yet
    for route in waiting:
        route.continue_()
    expect_painted(page, "speed", *KINDS)


def test_the_menu_is_walked_by_keys_and_folds_to_where_it_was_opened(page: Page) -> None:
    open_planes(page, f"{PAIR}&layers=speed")
    pill = page.get_by_role("button", name="Gap map: speed of the decoder")
    pill.press("Enter")
    expect(pill).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("menuitemradio", name="speed of the decoder")).to_be_focused()
    page.keyboard.press("Escape")
    expect(pill).to_be_focused()
    expect(pill).to_have_attribute("aria-expanded", "false")
    pill.press("Enter")
    page.get_by_role("menuitemradio", name="speed of the decoder").press("ArrowDown")
    page.get_by_role("menuitemradio", name="distance from real images").press("Enter")
    expect_painted(page, "distance", *KINDS)

    page.get_by_role("button", name="Key", exact=True).click()
    signs = page.locator(".latent-plane-key li:visible")
    expect(signs.filter(has_text="the same test image in the other model").locator(".twin")).to_be_visible()
    expect(signs.filter(has_text="An AE has no prior: its rings are of standard coordinates")).to_be_visible()


def test_another_map_takes_the_place_of_the_first_and_other_layers_stay(page: Page) -> None:
    open_planes(page, f"{PAIR}&layers=speed,rings")
    expect_painted(page, "speed", *KINDS)
    choose(page, "round_trip")
    expect_painted(page, "round_trip", *KINDS)
    page.get_by_role("button", name="decoded images").click()
    page.wait_for_url(re.compile("layers=round_trip,manifold,rings"))
    page.wait_for_function(f"plot => ({COUNT})(plot) === 2", arg=plot(page, "VAE").element_handle())
    choose(page, "")
    page.wait_for_url(re.compile("layers=manifold,rings"))
    page.wait_for_function(f"plot => ({COUNT})(plot) === 1", arg=plot(page, "VAE").element_handle())
    expect(page.locator(".latent-plane-gap-scale")).to_be_hidden()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("field", ["density_ratio", "speed"])
def test_the_worst_gap_of_a_plane_is_pinned_by_a_click(page: Page, stand_ins: Path, field: str, kind: str) -> None:
    open_planes(page, f"{PAIR}&layers={field}")
    expect_painted(page, field, *KINDS)
    page.get_by_role("group", name="Worst gap within 2 σ").get_by_role("button", name=kind, exact=True).click()
    worst = gaps_of(stand_ins, f"small-digits-{kind.lower()}").survey(field).worst
    expect_answer(page, kind, rounded(np.float32(worst)))
    assert query(page)["layers"] == field
    (pin,) = marks(page, kind, ".pin")
    np.testing.assert_allclose(pin["middle"], pixel_of(page, kind, worst), atol=1)


def test_a_worst_gap_that_is_out_of_sight_comes_into_view(page: Page, stand_ins: Path) -> None:
    open_planes(page, f"{PAIR}&layers=density_ratio")
    expect_painted(page, "density_ratio", *KINDS)
    worst = gaps_of(stand_ins, "small-digits-vae").survey("density_ratio").worst
    plot(page, "VAE").evaluate(DRAG_TO, [8, 9, 8, 9])
    page.get_by_role("button", name="VAE", exact=True).click()
    expect_answer(page, "VAE", rounded(np.float32(worst)))
    inside = """(plot, [x, y]) => {
      const { xaxis, yaxis } = plot._fullLayout;
      return xaxis.range[0] < x && x < xaxis.range[1] && yaxis.range[0] < y && y < yaxis.range[1];
    }"""
    page.wait_for_function(
        f"([plot, place]) => ({inside})(plot, place)", arg=[plot(page, "VAE").element_handle(), list(worst)]
    )


def test_after_a_zoom_the_map_is_that_of_the_new_view_and_its_colours_stay(page: Page) -> None:
    open_planes(page, f"{PAIR}&layers=round_trip")
    expect_painted(page, "round_trip", *KINDS)
    end = page.locator(".latent-plane-gap-ticks span").last
    scale = end.inner_text()
    with page.expect_response(re.compile(r"/gap_map/small-digits-vae\?.*field=round_trip")):
        plot(page, "VAE").evaluate(DRAG_TO, [-1, 1, -1, 1])
    fits = """plot => {
      const [image] = plot.layout.images;
      const { xaxis, yaxis } = plot._fullLayout;
      const near = (one, other) => Math.abs(one - other) < 1e-6;
      return near(image.x, xaxis.range[0]) && near(image.sizex, xaxis.range[1] - xaxis.range[0]) &&
        near(image.y, yaxis.range[1]) && near(image.sizey, yaxis.range[1] - yaxis.range[0]);
    }"""
    page.wait_for_function(fits, arg=plot(page, "VAE").element_handle())
    assert end.inner_text().removeprefix("≥ ") == scale.removeprefix("≥ ")


def test_a_line_has_a_map_behind_its_lanes(page: Page) -> None:
    open_planes(page, "run=small-line-vae&layers=speed")
    expect_painted(page, "speed", *KINDS)
    image = painted(page, "VAE")
    assert image["y"] - image["sizey"] == 0
    middle = image["pixels"][:, image["pixels"].shape[1] // 2]
    np.testing.assert_array_equal(middle, np.broadcast_to(middle[0], middle.shape))  # the same in all lanes
    assert np.ptp(image["pixels"][:, :, 1]) > 30


def test_where_the_data_set_is_missing_the_page_says_so_and_other_maps_work(page: Page) -> None:
    open_planes(page, "run=small-mnist-vae&layers=distance", planes=1)
    expect(page.locator(".latent-plane-gap p")).to_have_text(
        re.compile("^This map can't be drawn here: MNIST is missing")
    )
    expect(page.locator(".latent-plane-gap-scale")).to_be_hidden()
    choose(page, "confidence")
    expect_painted(page, "confidence", "VAE")


def test_a_slice_has_no_gap_map_whatever_the_url_says(page: Page) -> None:
    open_planes(page, "run=small-ten-vae&layers=speed,rings", planes=1)
    expect(page.get_by_role("button", name=re.compile("^Gap map"))).to_have_count(0)
    assert plot(page, "VAE").evaluate(COUNT) == 0


def test_on_a_phone_the_choice_the_scale_and_the_buttons_fit(browser: Browser, address: str) -> None:
    with new_context(browser, address, viewport={"width": 390, "height": 844}) as phone, watched_page(phone) as page:
        open_planes(page, f"{PAIR}&layers=density_ratio")
        expect_painted(page, "density_ratio", *KINDS)
        box = page.locator(".latent-plane-gap").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
        assert box["height"] < 170
        assert page.locator(".latent-plane").evaluate("root => root.scrollWidth <= root.clientWidth")
