"""Sheets in a real browser: a tile and its dot know each other, on every plane, and the URL knows the tile."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from halfmoon.sample import sheets
from halfmoon.sample.choice import Choice
from halfmoon.sample.sheets import SIDE
from tests.browser.conftest import new_context, watched_page
from tests.browser.planes import STEP, expect_answer, query
from vae_core.runs.run import Run

CHOICE = Choice(seed=3)
QUERY = "run=small-digits-vae&seed=3"


def figure(page: Page, kind: str) -> Locator:
    """The sheet and the plane of the AE or of the VAE."""
    return page.locator(".sample-sheet figure", has=page.locator("h3", has_text=re.compile(f"^{kind}$")))


def tile(page: Page, kind: str, at: int) -> Locator:
    return figure(page, kind).locator(f'.sheet [data-tile="{at}"]')


def dot(page: Page, kind: str, at: int) -> Locator:
    return figure(page, kind).locator(f'.plane [data-tile="{at}"]')


def expect_marked(page: Page, name: str, at: int) -> None:
    """The ring is around this tile and its dot, of both models."""
    row, column = divmod(at, SIDE)
    for kind in ("AE", "VAE"):
        on_sheet, on_plane = (figure(page, kind).locator(f".{part} .{name}") for part in ("sheet", "plane"))
        expect(on_sheet).to_be_visible()
        expect(on_sheet).to_have_attribute("x", str(column))
        expect(on_sheet).to_have_attribute("y", str(row))
        for coordinate in ("cx", "cy"):
            expect(on_plane).to_have_attribute(coordinate, dot(page, kind, at).get_attribute(coordinate))


def test_a_tile_and_its_dot_mark_each_other_a_click_pins_them_and_the_url_keeps_the_pin(
    page: Page, stand_ins: Path
) -> None:
    page.goto(f"/sample?{QUERY}")
    expect(page.locator(".sample-sheet [data-tile]")).to_have_count(4 * SIDE**2)
    expect(figure(page, "VAE").locator(".here").first).to_be_hidden()
    tile(page, "VAE", 17).hover()
    expect_marked(page, "here", 17)
    captions = {}
    for kind in ("AE", "VAE"):
        (panel,) = sheets.panels([sheets.sheet_of(Run.open(stand_ins / f"small-digits-{kind.lower()}"), CHOICE)])
        captions[kind] = panel.captions
        expect(figure(page, kind).locator("output")).to_have_text(panel.captions[17])
    dot(page, "AE", 42).dispatch_event("pointerover")
    expect_marked(page, "here", 42)
    assert "tile" not in query(page)

    tile(page, "AE", 8).click()
    expect(page).to_have_url(re.compile("tile=8"))
    expect_marked(page, "pinned", 8)
    page.reload()
    expect_marked(page, "pinned", 8)
    expect(figure(page, "AE").locator("output")).to_have_text(captions["AE"][8])
    sheet = figure(page, "VAE").locator(".sheet")
    sheet.focus()
    for key in ("ArrowDown", "ArrowRight", "Enter"):
        sheet.press(key)
    expect(page).to_have_url(re.compile("tile=19"))
    expect_marked(page, "pinned", 19)
    page.get_by_role("link", name="VAE: show this place on the plane").click()
    run = Run.open(stand_ins / "small-digits-vae")
    expect_answer(page, "VAE", sheets.sheet_of(run, CHOICE).codes[19])


def test_what_is_drawn_can_be_taken_along_and_another_temperature_draws_another_sheet(
    page: Page, stand_ins: Path
) -> None:
    page.goto(f"/sample?{QUERY}&tile=8")
    expect_marked(page, "pinned", 8)
    with page.expect_download() as download:
        page.get_by_role("button", name="VAE: sheet as PNG").click()
    assert download.value.suggested_filename == "halfmoon-digits-sample-vae-prior-seed-3.png"
    picture = np.asarray(Image.open(io.BytesIO(download.value.path().read_bytes()))) / 255
    sheet = sheets.sheet_of(Run.open(stand_ins / "small-digits-vae"), CHOICE)
    assert np.abs(picture - sheet.picture()[0]).max() <= STEP

    before = figure(page, "VAE").locator("image").get_attribute("href")
    page.get_by_role("slider").press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"temperature=0\.95"))
    expect(figure(page, "VAE").locator("image")).not_to_have_attribute("href", before)
    expect(figure(page, "VAE").locator(".pinned").first).to_be_hidden()
    image = figure(page, "AE").locator("image")
    standard = image.get_attribute("href")
    page.get_by_text("AE: raw N(0, I)").click()
    expect(page).to_have_url(re.compile("raw=1"))
    expect(image).not_to_have_attribute("href", standard)
    page.get_by_text("AE: raw N(0, I)").click()
    expect(image).to_have_attribute("href", standard)
    page.get_by_role("slider").press("ArrowRight")
    expect(figure(page, "VAE").locator("image")).to_have_attribute("href", before)


def test_the_page_speaks_chinese_and_fits_a_phone(browser: Browser, address: str) -> None:
    size = {"width": 390, "height": 844}
    context = new_context(browser, address, viewport=size, has_touch=True, is_mobile=True)
    with watched_page(context) as page:
        page.goto("/sample?run=small-ten-vae&source=posterior&lang=zh")
        expect(page.locator(".sample-sheet [data-tile]")).to_have_count(2 * SIDE**2)
        expect(page.get_by_text("测试图像的编码", exact=True)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= main.clientWidth")
        assert tile(page, "VAE", 55).bounding_box()["width"] > 30  # large enough for a finger
        tile(page, "VAE", 55).tap()
        expect(page).to_have_url(re.compile("tile=55"))
    context.close()
