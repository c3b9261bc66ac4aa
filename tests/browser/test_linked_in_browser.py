"""What is the same on both planes, in a real browser: classes, a selection, and dots that glide between models."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.app.standins import ODD_NAME
from tests.browser.planes import (
    BOARD,
    STEP,
    board,
    canvas_image,
    click,
    corner,
    decoded,
    drag,
    expect_picture,
    go,
    hover,
    ink_at,
    linked,
    open_planes,
    pixel_of,
    plot,
    query,
    settle,
    tool,
)
from vae_core.runs.run import Run

SELECTED = f"() => {BOARD}.planes.map(({{ emphasis }}) => [...(emphasis.selected ?? [])])"
BRIGHT = f"""() => {BOARD}.planes.map((plane) => {{
  const isBright = plane.emphasis.standingOut();
  return isBright && [...plane.xs.keys()].filter(isBright);
}})"""
SHOWN = f"() => {BOARD}.planes.map(({{ dots }}) => [[...dots.xs], [...dots.ys]])"
AT_HOME = f"() => {BOARD}.planes.every(({{ dots, xs, ys }}) => dots.xs === xs && dots.ys === ys)"
IS_OVER = """() => new Promise((resolve) => {
  const count = moves.length;
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(moves.length === count)));
})"""
RECORD = f"""() => {{
  const dots = Object.getPrototypeOf({BOARD}.planes[0].dots);
  const move = dots.move;
  window.moves = [];
  dots.move = function (xs, ys) {{ moves.push([[...xs], [...ys]]); return move.call(this, xs, ys); }};
}}"""


@pytest.fixture
def ae(stand_ins: Path) -> Run:
    """The AE of the pair with a plane."""
    return Run.open(stand_ins / "small-digits-ae")


@pytest.fixture
def vae(stand_ins: Path) -> Run:
    """Its VAE."""
    return Run.open(stand_ins / "small-digits-vae")


def class_button(page: Page, name: str) -> Locator:
    """The button of a class."""
    return page.get_by_role("group", name="Classes").get_by_role("button", name=name, exact=True)


def widest_gap(values: np.ndarray, low: float, high: float) -> float:
    """The middle of the widest gap between values from one quantile to the other: no pixel decides on which side."""
    ordered = np.sort(values)[int(low * len(values)) : int(high * len(values))]
    at = np.diff(ordered).argmax()
    return float(ordered[at : at + 2].mean())


def corners_of(codes: np.ndarray) -> tuple[list[np.ndarray], list[int]]:
    """The corners of a box, and the images whose codes lie within it."""
    low, high = (np.array([widest_gap(column, *part) for column in codes.T]) for part in ((0.25, 0.45), (0.8, 0.95)))
    inside = np.flatnonzero(((codes > low) & (codes < high)).all(1)).tolist()
    assert 3 < len(inside) < len(codes)
    return [low, np.array([high[0], low[1]]), high, np.array([low[0], high[1]])], inside


def test_a_selection_is_the_same_images_on_both_planes_with_a_contact_sheet(page: Page, vae: Run) -> None:
    codes = vae.codes.mu
    open_planes(page)
    corners, inside = corners_of(codes)
    sheet = page.locator(".latent-plane-sheet")
    for title, places in (("Select with a box", corners[::2]), ("Select with a lasso", [*corners, corners[0]])):
        tool(page, "VAE", title).click()
        drag(page, *(pixel_of(page, "VAE", place) for place in places))
        expect(sheet.locator("h3")).to_contain_text(f"{len(inside)} selected codes of the VAE, decoded")
        canvases = sheet.locator("canvas").all()
        for canvas, point in zip(canvases, inside, strict=True):
            expect(canvas).to_have_attribute("aria-label", str(vae.codes.labels[point]))
            assert np.abs(canvas_image(canvas) - decoded(vae, codes[point])).max() <= STEP
        with page.expect_download() as download:
            sheet.get_by_role("button", name="Save the selection as CSV").click()
        assert download.value.suggested_filename == "halfmoon-digits-selection-vae.csv"
        header, *rows = (line.split(",") for line in Path(download.value.path()).read_text("utf-8").splitlines())
        assert header[:4] == ["model", "test image no.", "class", "code 1 (the model's own units)"]
        assert [int(row[1]) for row in rows] == inside
        np.testing.assert_allclose([[float(value) for value in row[3:5]] for row in rows], codes[inside], rtol=1e-4)
        assert page.evaluate(SELECTED) == [inside, inside]
        assert query(page).keys() == {"run", "z", "lasso"}
        expect_picture(page, "VAE", hover(page, "VAE", corners[2]))
        sheet.get_by_role("button", name="Close").click()
        expect(sheet).to_be_hidden()
        assert plot(page, "VAE").evaluate("plot => plot._fullLayout.selections.length") == 0
        expect(page.locator(".latent-plane-overlay .outline")).to_have_count(0)


def test_a_lasso_lights_up_the_same_images_on_the_other_plane_follows_the_classes_and_is_in_the_link(
    page: Page, ae: Run, vae: Run
) -> None:
    open_planes(page)
    corners, inside = corners_of(ae.codes.mu)
    tool(page, "AE", "Select with a lasso").click()
    drag(page, *(pixel_of(page, "AE", place) for place in [*corners, corners[0]]))
    sheet = page.locator(".latent-plane-sheet")
    expect(sheet).to_be_visible()
    assert page.evaluate(BRIGHT) == [inside, inside]
    outline = board(page, "AE").locator(".outline .edge")
    expect(board(page, "VAE").locator(".outline")).to_have_count(0)
    width = outline.bounding_box()["width"]
    assert "lasso" in query(page)
    page.reload()
    settle(page)
    assert page.evaluate(BRIGHT) == [inside, inside]
    labels = ae.codes.labels[inside]
    hidden = int((labels == labels[0]).sum())
    class_button(page, str(labels[0])).click()
    expect(sheet.locator("h3")).to_contain_text(f"· {hidden} of hidden classes left out")
    expect(sheet.locator("canvas")).to_have_count(len(inside) - hidden)
    tool(page, "AE", "Zoom in").click()
    page.wait_for_function(
        "([selector, width]) => document.querySelector(selector).getBoundingClientRect().width > 1.2 * width",
        arg=[".latent-plane-overlay .outline .edge", width],
    )
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    assert page.evaluate(BRIGHT) == [None, None]
    assert "lasso" not in query(page)


def test_a_press_elsewhere_clears_a_selection(page: Page, vae: Run) -> None:
    corners, inside = corners_of(vae.codes.mu)
    lasso = ",".join(f"{value:.5g}" for place in corners for value in place)
    open_planes(page, f"run=small-digits-vae&lasso=1,{lasso}")
    assert page.evaluate(SELECTED) == [inside, inside]
    click(page, "VAE", (corners[0] + corners[2]) / 2)
    assert "lasso" in query(page)  # it was within
    click(page, "VAE", corner(page, "VAE"))
    assert "lasso" not in query(page)
    assert page.evaluate(SELECTED) == [[], []]


def test_a_class_that_is_pointed_at_stands_out_on_both_planes_and_a_double_click_leaves_only_it(
    page: Page, vae: Run
) -> None:
    open_planes(page)
    labels = vae.codes.labels
    own, other = (np.flatnonzero(labels == label).tolist() for label in (3, 5))
    three, five = class_button(page, "3"), class_button(page, "5")
    expect(three).to_have_attribute("data-count", str(len(own)))
    three.hover()
    assert page.evaluate(BRIGHT) == [own, own]
    point = next(at for at in other if ink_at(page, "VAE", vae.codes.mu[at]) > 0)
    faint = ink_at(page, "VAE", vae.codes.mu[point])
    page.mouse.move(0, 0)
    assert page.evaluate(BRIGHT) == [None, None]
    assert ink_at(page, "VAE", vae.codes.mu[point]) > faint
    three.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")  # the keyboard is at it
    assert page.evaluate(BRIGHT) == [own, own]
    group = page.get_by_role("group", name="Classes")

    def expect_seen(count: int) -> None:
        expect(group.locator("[aria-pressed=true]")).to_have_count(count)

    page.keyboard.press("Shift+Enter")
    expect_seen(1)
    page.keyboard.press("Shift+Enter")
    expect_seen(10)
    five.dblclick()
    expect_seen(1)
    expect(five).to_have_attribute("aria-pressed", "true")
    assert query(page)["hide"] == "0,1,2,3,4,6,7,8,9"
    page.reload()
    settle(page)
    expect_seen(1)
    assert ink_at(page, "VAE", vae.codes.mu[point]) > 0
    group.get_by_role("button", name="show all").click()
    expect_seen(10)
    assert "hide" not in query(page)


def test_dots_glide_to_where_the_other_model_puts_their_images_and_back(page: Page, ae: Run, vae: Run) -> None:
    open_planes(page)
    there = np.array([linked(code, ae.codes, vae.codes) for code in ae.codes.mu])
    button = page.get_by_role("button", name="AE ⇄ VAE")
    page.evaluate(RECORD)
    button.click()
    expect(board(page, "VAE")).to_contain_text("where the AE puts the same images")
    page.wait_for_function("() => moves.length > 1")
    page.wait_for_function(f"at => Math.abs({BOARD}.planes[1].dots.xs[0] - at) < 1e-3", arg=there[0, 0])
    page.wait_for_function(f"at => Math.abs({BOARD}.planes[1].dots.ys[0] - at) < 1e-3", arg=there[0, 1])
    page.wait_for_function(IS_OVER)
    page.emulate_media(reduced_motion="reduce")
    page.evaluate("moves.length = 0")
    for is_there in (False, True, False):
        button.click()
        own, others = page.evaluate(SHOWN)
        np.testing.assert_array_equal(np.transpose(own), ae.codes.mu)
        np.testing.assert_allclose(np.transpose(others), there if is_there else vae.codes.mu, rtol=1e-4, atol=1e-4)
    assert page.evaluate("moves.length") == 3  # nothing between
    assert page.evaluate(AT_HOME)


def test_dots_glide_from_the_codes_of_one_run_to_those_of_another_of_these_images(page: Page, stand_ins: Path) -> None:
    before, after = (Run.open(stand_ins / name) for name in ("small-conv-vae", ODD_NAME))
    np.testing.assert_array_equal(before.codes.labels, after.codes.labels)
    open_planes(page, "run=small-conv-vae", planes=1)
    page.evaluate(RECORD)
    go(page, f"run={quote(ODD_NAME)}")
    expect(page.locator(f".latent-plane-plane[data-ready='{ODD_NAME}'][data-layers]")).to_be_visible()
    page.wait_for_function(AT_HOME)
    moves = np.array(page.evaluate("moves"))
    begun = [linked(code, before.codes, after.codes) for code in before.codes.mu]
    np.testing.assert_allclose(moves[1].T, begun, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(moves[-1].T, after.codes.mu)
