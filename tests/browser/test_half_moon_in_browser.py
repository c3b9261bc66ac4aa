"""The half moon in a real browser: the slider, the images and the URL go together, on a laptop and on a phone."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from playwright.sync_api import Browser, Locator, Page, expect

from halfmoon.half_moon.walk import walk_of
from halfmoon.parts.numbers import plain
from halfmoon.parts.titles import class_names
from tests.browser.conftest import new_context, watched_page
from tests.browser.planes import STEP, decoded, query, source_image
from vae_core.configs import DataConfig
from vae_core.runs.run import Run

QUERY = "run=small-line-vae"


def card(page: Page, kind: str) -> Locator:
    return page.locator(".hm-walk", has=page.locator("h2", has_text=re.compile(rf"^{kind}\b")))


def slider(page: Page) -> Locator:
    return page.get_by_role("slider")


def settle(page: Page) -> None:
    """Waits until both walks and their figures are drawn."""
    expect(page.locator(".hm-walk")).to_have_count(2)
    expect(page.locator(".js-plotly-plot .barlayer")).to_have_count(2)
    expect(page.get_by_role("button", name="Train it yourself")).to_be_visible()


def test_the_slider_moves_both_images_and_a_reload_and_back_keep_its_place(page: Page, stand_ins: Path) -> None:
    page.goto(f"/half-moon?{QUERY}&at=5.5")
    settle(page)
    walks = {kind: walk_of(Run.open(stand_ins / f"small-line-{kind.lower()}")) for kind in ("AE", "VAE")}

    def expect_images(position: float) -> None:
        for kind, walk in walks.items():
            code = walk.code(position)
            expect(card(page, kind).locator("h2")).to_contain_text(f"{kind} at {plain(code, 3)}")
            image = source_image(card(page, kind).locator(".hm-drawn img"))
            assert np.abs(image - decoded(walk.run, [code])).max() <= STEP

    expect_images(5.5)
    slider(page).focus()
    slider(page).press("ArrowRight")
    expect(page).to_have_url(re.compile(r"at=5\.6"))
    expect_images(5.6)
    page.reload()
    settle(page)
    expect_images(5.6)
    page.go_back()
    expect(slider(page)).to_have_value("5.5")
    expect_images(5.5)


def test_the_page_speaks_chinese_fits_a_phone_and_leads_to_training(browser: Browser, address: str) -> None:
    size = {"width": 390, "height": 844}
    context = new_context(browser, address, viewport=size, has_touch=True, is_mobile=True)
    with watched_page(context) as page:
        page.goto(f"/half-moon?{QUERY}&at=x&lang=zh")
        expect(page.locator(".js-plotly-plot .barlayer")).to_have_count(2)
        expect(page.get_by_test_id("stAlert")).to_have_count(1)
        expect(page.get_by_text("训练数据").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= main.clientWidth")
        page.get_by_role("button", name="自己训练").click()
        expect(page).to_have_url(re.compile("/train.*preset=new_and_full"))
        expect(page.get_by_test_id("stSelectbox").get_by_role("combobox").first).to_have_value("月相（只变相位）")
        assert "at" not in query(page)
        assert query(page)["phases"] == "all"
        page.reload()
        expect(page.get_by_test_id("stSelectbox").get_by_role("combobox").nth(1)).to_have_value("全部月相")
    context.close()


def test_the_ends_are_named_in_the_models_own_units_and_the_same_walk_is_taken_on_a_plane(page: Page) -> None:
    page.goto(f"/half-moon?{QUERY}")
    settle(page)
    for kind in ("AE", "VAE"):
        expect(page.get_by_text(f"In the {kind}'s own units the new moon is at")).to_be_visible()
    page.get_by_role("link", name="The same walk on a plane").click()
    expect(page.locator(".film-row")).to_have_count(3)
    expect(
        page.get_by_text(re.compile(r"From test image no. \d+ \(new\) to test image no. \d+ \(full\)"))
    ).to_be_visible()


def test_a_saved_figure_says_what_its_colours_mean(page: Page) -> None:
    page.goto(f"/half-moon?{QUERY}")
    settle(page)
    with page.expect_download() as download:
        page.locator(".st-key-walk-ae-files").get_by_role("button", name="Save this figure as SVG").click()
    drawing = ElementTree.parse(download.value.path())
    lines = ["distance to the nearest true moon", "distance to the nearest cross-dissolve"]
    for name, expected in (("legend", lines), ("legend2", class_names(DataConfig(name="moons-phase")))):
        assert [node.text for node in drawing.iter() if node.get("class") == f"{name}text"] == expected
        expect(page.locator(f".{name}text")).to_have_count(0)  # on the page they stand beneath both figures
