"""The half moon in a real browser: the slider, the images and the URL go together, on a laptop and on a phone."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from halfmoon.half_moon.walk import POSITIONS, Walk, walk_of
from halfmoon.parts.numbers import plain
from halfmoon.parts.titles import class_names
from halfmoon.texts import catalogue
from tests.browser.conftest import new_context, watched_page
from tests.browser.planes import PIXELS, STEP, decoded, query
from vae_core.configs import DataConfig
from vae_core.places import SHIPPED
from vae_core.runs.run import Run

QUERY = "run=small-line-vae"


def card(page: Page, kind: str) -> Locator:
    return page.get_by_role("region", name=kind, exact=True)


def slider(page: Page) -> Locator:
    return page.get_by_role("slider")


def settle(page: Page) -> None:
    """Waits until both walks are drawn, and the browser decodes."""
    expect(page.locator(".half-moon[data-drawn]")).to_be_visible()
    expect(page.locator(".half-moon-card[data-live]")).to_have_count(2)
    expect(page.get_by_role("button", name="Train it yourself")).to_be_visible()


def expect_at(page: Page, position: float) -> None:
    """The position rests in the URL."""
    expect(page).to_have_url(re.compile(re.escape(f"at={position:g}") + "$"))


def assert_drawn(page: Page, walks: dict[str, Walk], position: float) -> None:
    """Both large pictures are what torch decodes at a position."""
    for kind, walk in walks.items():
        height, width, values = card(page, kind).locator("canvas").evaluate(PIXELS)
        image = np.array(values).reshape(height, width) / 255
        assert np.abs(image - decoded(walk.run, [walk.code(position)])).max() <= 2 * STEP


def test_both_models_draw_while_the_slider_is_dragged_and_the_place_where_it_rests_is_in_the_url(
    page: Page, stand_ins: Path
) -> None:
    page.goto(f"/half-moon?{QUERY}&at=5.5")
    settle(page)
    walks = {kind: walk_of(Run.open(stand_ins / f"small-line-{kind.lower()}")) for kind in ("AE", "VAE")}
    expect(slider(page)).to_have_value("5.5")
    assert_drawn(page, walks, 5.5)

    here, rail = page.locator(".half-moon-here").bounding_box(), slider(page).bounding_box()
    across, middle = here["x"] + 1, rail["y"] + rail["height"] / 2
    assert abs(across - rail["x"] - rail["width"] / 2) < 1.5  # the slider and the films have one axis
    page.mouse.move(across, middle)
    page.mouse.down()
    page.mouse.move(across + 120, middle, steps=5)
    expect(slider(page)).not_to_have_value("5.5")
    dragged = float(slider(page).input_value())
    assert_drawn(page, walks, dragged)
    at = int(np.abs(POSITIONS - dragged).argmin())
    for kind, walk in walks.items():
        said = catalogue("en")[f"half_moon.verdicts.{walk.fit.verdicts()[at]}"]
        expect(card(page, kind).get_by_role("heading")).to_contain_text(f"{kind} {said}")
        expect(card(page, kind)).to_contain_text(f"{walk.fit.phases[at]:.2f} lit")
        expect(card(page, kind)).to_contain_text(f"code {plain(walk.code(dragged), 3)} in its own units")
    assert query(page)["at"] == "5.5"  # nothing has been let go
    page.mouse.up()
    expect_at(page, dragged)

    slider(page).press("ArrowRight")
    further = round(dragged + 0.1, 2)
    expect_at(page, further)
    assert_drawn(page, walks, further)
    page.reload()
    settle(page)
    expect(slider(page)).to_have_value(f"{further:g}")
    page.locator(".half-moon-drawings").click(position={"x": 200, "y": 20})  # a film is a slider, too
    expect(slider(page)).not_to_have_value(f"{further:g}")
    assert_drawn(page, walks, float(slider(page).input_value()))

    before = slider(page).input_value()
    page.get_by_role("button", name="Play").click()
    expect(slider(page)).not_to_have_value(before)
    page.get_by_role("button", name="Stop").click()
    expect_at(page, float(slider(page).input_value()))


# What the models draw is seen whole.
BELOW_THE_HEADER = """() => {
  const [walk, header] = [".half-moon-stage", "[data-testid=stHeader]"].map((name) => document.querySelector(name));
  const { top, bottom } = walk.getBoundingClientRect();
  return top >= header.getBoundingClientRect().bottom && bottom <= innerHeight;
}"""


def test_a_cell_of_the_table_leads_to_its_walk_halfway(page: Page) -> None:
    page.goto(f"/half-moon?{QUERY}&at=3")
    settle(page)
    table = page.get_by_role("table")
    expect(table.locator("[aria-current]")).to_have_count(2)
    other = table.locator("tr:not(.shown)").first.get_by_role("button").last
    distances = other.locator("small").inner_text()
    other.click()
    expect(page).not_to_have_url(re.compile(QUERY))
    assert "at" not in query(page)
    expect(table.locator("[aria-current] small").last).to_have_text(distances)
    expect(slider(page)).to_have_value("5.5")
    page.wait_for_function(BELOW_THE_HEADER)
    settle(page)
    assert_drawn(page, {"VAE": walk_of(Run.open(SHIPPED / query(page)["run"]))}, 5.5)


def test_the_page_speaks_chinese_fits_a_phone_and_leads_to_training(browser: Browser, address: str) -> None:
    size = {"width": 390, "height": 844}
    context = new_context(browser, address, viewport=size, has_touch=True, is_mobile=True)
    with watched_page(context) as page:
        page.goto(f"/half-moon?{QUERY}&at=x&lang=zh")
        expect(page.locator(".half-moon[data-drawn]")).to_be_visible()
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
        page.get_by_text(re.compile(r"From A, test image no. \d+ \(new\), to B, test image no. \d+ \(full\)"))
    ).to_be_visible()


def test_a_saved_figure_has_both_films_and_says_what_its_colours_mean(page: Page) -> None:
    page.goto(f"/half-moon?{QUERY}")
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save films and figures as SVG").click()
    assert download.value.suggested_filename == "halfmoon-moons-phase-walk-all.svg"
    nodes = list(ElementTree.parse(download.value.path()).iter())
    lines = ["distance to the nearest true moon", "distance to the nearest cross-dissolve"]
    said = {name: [node.text for node in nodes if node.get("class") == name] for name in ("kind", "key")}
    assert said == {"kind": ["AE", "VAE"], "key": lines}
    (legend,) = [node for node in nodes if node.get("class") == "legend"]
    assert [node.text for node in legend if node.text] == class_names(DataConfig(name="moons-phase"))
    assert len([node for node in nodes if node.tag.endswith("image")]) == 2
    with page.expect_download() as download:
        page.get_by_role("button", name="Save films and figures as PNG").click()
    with Image.open(download.value.path()) as picture:
        assert picture.width > 2000
