"""Saved places in a real browser: a strip that can be ordered, looked at again, saved, copied and shared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.app.standins import ODD_NAME
from tests.browser.conftest import new_context, watched_page
from tests.browser.planes import (
    STEP,
    assert_shows,
    canvas_image,
    click,
    corner,
    decoded,
    expect_answer,
    expect_picture,
    is_within,
    marks,
    open_planes,
    pixel_of,
    query,
    settle,
)
from vae_core.runs.run import Run

PLACES = [(0.5, -1.25), (2, -1), (-1, 0.25)]  # in standard coordinates


def pins_text(places: list[tuple[float, ...]]) -> str:
    """As it stands in the URL."""
    return ";".join(",".join(f"{value:g}" for value in place) for place in places)


def with_pins(places: list[tuple[float, ...]]) -> str:
    return f"run=small-digits-vae&z=0,0&pins={pins_text(places)}"


def cards(page: Page) -> Locator:
    return page.locator(".latent-plane-pins > li")


def action(page: Page, name: str, number: int) -> Locator:
    """An entry of the menu of a place, which is opened."""
    page.get_by_role("button", name=f"Actions on place {number}").click()
    return page.get_by_role("menuitem", name=name, exact=True)


def dismiss(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(page.get_by_role("menuitem")).to_have_count(0)


@pytest.fixture
def runs(stand_ins: Path) -> list[Run]:
    """The pair with a plane."""
    return [Run.open(stand_ins / f"small-digits-{kind}") for kind in ("ae", "vae")]


def assert_kept(page: Page, runs: list[Run], places: list[tuple[float, ...]]) -> None:
    """The strip has these places in this order, each with both images, and the planes have their marks."""
    expect(cards(page)).to_have_count(len(places))
    for card, place in zip(cards(page).all(), places, strict=True):
        for canvas, run in zip(card.locator("canvas").all(), runs, strict=True):
            assert np.abs(canvas_image(canvas) - decoded(run, run.codes.unstandardise(np.array(place)))).max() <= STEP
    for run in runs:
        kind = run.config.model.kind.upper()
        found = [one["middle"] for one in marks(page, kind, ".kept circle")]
        pixels = [pixel_of(page, kind, run.codes.unstandardise(np.array(place))) for place in places]
        np.testing.assert_allclose(found, [pixel for pixel in pixels if is_within(page, kind, pixel)], atol=0.6)


def test_places_are_kept_ordered_opened_and_removed_and_the_url_follows(page: Page, runs: list[Run]) -> None:
    open_planes(page)
    expect(page.get_by_text("Pin places to compare them")).to_be_visible()
    keep = page.get_by_role("button", name="Pin this place")
    places = []
    for kind, right in (("VAE", 0.97), ("AE", 0.05), ("VAE", 0.4)):
        code = click(page, kind, corner(page, kind, right, 0.96))
        expect_picture(page, kind, code)
        keep.click()
        expect(cards(page)).to_have_count(len(places) + 1)
        places.append(tuple(runs[kind == "VAE"].codes.standardise(code)))
    expect(page.get_by_text("Pin places to compare them")).to_be_hidden()
    page.wait_for_function("() => new URLSearchParams(location.search).get('pins')?.split(';').length === 3")
    kept = [tuple(float(value) for value in pin.split(",")) for pin in query(page)["pins"].split(";")]
    np.testing.assert_allclose(kept, places, rtol=1e-4, atol=1e-4)
    assert_kept(page, runs, kept)

    first, second, third = kept
    expect(action(page, "Move left", 1)).to_be_disabled()
    dismiss(page)
    expect(action(page, "Move right", 3)).to_be_disabled()
    dismiss(page)
    action(page, "Move left", 3).click()
    assert_kept(page, runs, [first, third, second])
    action(page, "Move right", 1).click()
    assert_kept(page, runs, [third, first, second])
    cards(page).nth(2).drag_to(cards(page).nth(0))
    assert_kept(page, runs, [second, third, first])
    action(page, "Remove", 2).click()
    assert_kept(page, runs, [second, first])
    page.get_by_role("button", name="Undo").click()
    assert_kept(page, runs, [second, third, first])
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    action(page, "Remove", 2).click()
    assert_kept(page, runs, [second, first])
    page.wait_for_function(
        "pins => new URLSearchParams(location.search).get('pins') === pins", arg=pins_text([second, first])
    )

    page.get_by_role("button", name="Return to place 1").click()  # the AE's plane was the last
    vae = runs[1]
    expect_answer(page, "VAE", second)
    assert_shows(page, vae, second)
    page.reload()
    settle(page)
    assert_kept(page, runs, [second, first])
    expect_answer(page, "VAE", second)


def test_there_is_room_for_twelve(page: Page, runs: list[Run]) -> None:
    places = [(round(0.1 * at, 1), -0.5) for at in range(11)]
    open_planes(page, with_pins(places))
    keep = page.get_by_role("button", name="Pin this place")
    expect(keep).to_be_enabled()
    keep.click()
    expect(cards(page)).to_have_count(12)
    expect(keep).to_be_disabled()
    expect(keep).to_have_attribute("title", "There is room for 12 places; remove one first.")
    action(page, "Remove", 4).click()
    expect(cards(page)).to_have_count(11)
    expect(keep).to_be_enabled()


def test_a_link_with_pins_shows_them_in_another_browser(browser: Browser, address: str, runs: list[Run]) -> None:
    context = new_context(browser, address)
    with watched_page(context) as page:
        open_planes(page, with_pins(PLACES) + "&layers=density,rings")
        assert_kept(page, runs, PLACES)
        expect_answer(page, "VAE", [0, 0])
        expect(page.get_by_role("button", name="density of codes")).to_have_attribute("aria-pressed", "true")
    context.close()


@pytest.mark.parametrize("name", ["small-digits-vae", ODD_NAME])
def test_the_python_of_any_code_decodes_it(
    page: Page, stand_ins: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    page.goto("/components/latent_plane/style.css")
    run = Run.open(stand_ins / name)
    codes = [[0, 0], [-1, 3], [0.5, -1.25], [1e-7, -2e-9], [123456, -1e21], [-0.0, 12.3456789]]
    spec = {"kind": "vae", "python": f"open_run({name!r})"}
    script = """async ([spec, codes]) => {
      const { python } = await import("/components/latent_plane/pins.js");
      return codes.map((code) => python([{ spec, code }]));
    }"""
    monkeypatch.setenv("VAE_RUNS_DIR", str(stand_ins))
    for code, copied in zip(codes, page.evaluate(script, [spec, codes]), strict=True):
        made: dict[str, object] = {}
        exec(copied, made)
        wanted = decoded(run, [float(f"{value:.5g}") for value in code])
        np.testing.assert_array_equal(made["image_vae"][0, 0].detach().numpy(), wanted)


def test_a_pin_is_saved_as_png_and_copied_as_numbers_and_as_python(
    page: Page, runs: list[Run], stand_ins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_planes(page, with_pins(PLACES))
    codes = [run.codes.unstandardise(np.array(PLACES[1])) for run in runs]
    with page.expect_download() as saved:
        action(page, "Save PNG", 2).click()
    assert saved.value.suggested_filename == "halfmoon-digits-place-2-ae-vae.png"
    picture = np.asarray(Image.open(saved.value.path()).convert("L"), float) / 255
    height, width = runs[0].config.model.image_shape[1:]
    assert picture.shape == (10 * height, 10 * (2 * width + 2))  # a gap of two pixels between the images
    halves = (picture[:, : 10 * width], picture[:, -10 * width :])
    for half, run, code in zip(halves, runs, codes, strict=True):
        enlarged = np.kron(decoded(run, code), np.ones((10, 10)))
        assert np.abs(half - enlarged).max() <= STEP

    with page.expect_download() as saved:
        page.get_by_role("button", name="Save all places as CSV").click()
    assert saved.value.suggested_filename == "halfmoon-digits-places.csv"
    rows = [line.split(",") for line in Path(saved.value.path()).read_text(encoding="utf-8").splitlines()]
    assert rows[0][:4] == ["no.", "what", "model", "code 1 (the model's own units)"]
    assert [row[:3] for row in rows[3:5]] == [["2", "place", kind] for kind in ("AE", "VAE")]
    np.testing.assert_allclose([[float(value) for value in row[3:5]] for row in rows[3:5]], codes, rtol=1e-4)

    action(page, "Copy numbers", 2).click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    lines = page.evaluate("navigator.clipboard.readText()").splitlines()
    for line, kind, code in zip(lines, ("AE", "VAE"), codes, strict=True):
        title, _, numbers = line.partition(" ")
        assert title == kind
        np.testing.assert_allclose(np.array(numbers.strip("[]").split(","), float), code, rtol=1e-4)

    action(page, "Copy Python", 2).click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    monkeypatch.setenv("VAE_RUNS_DIR", str(stand_ins))
    made: dict[str, object] = {}
    exec(page.evaluate("navigator.clipboard.readText()"), made)
    for name, run, code in zip(("image_ae", "image_vae"), runs, codes, strict=True):
        assert made[name].shape == (1, *run.config.model.image_shape)
        assert np.abs(made[name][0, 0].detach().numpy() - decoded(run, code)).max() <= STEP


def test_the_menu_of_a_place_is_for_the_keyboard_too_and_one_walks_from_there(page: Page) -> None:
    open_planes(page, with_pins(PLACES))
    expect(page.get_by_role("link", name="Walk from 2 to 3")).to_be_visible()
    opener = page.get_by_role("button", name="Actions on place 3")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Move left")).to_be_focused()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(2):
        page.keyboard.press("ArrowDown")  # the last can't be moved to the right
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Walk from here …")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Walk from 3 to 1")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="From A")).to_have_value("the place (−1.00, 0.25)")
    assert query(page) == {"run": "small-digits-vae", "a": "z:-1,0.25", "b": "z:0.5,-1.25"}
    page.go_back()
    expect(cards(page)).to_have_count(3)
