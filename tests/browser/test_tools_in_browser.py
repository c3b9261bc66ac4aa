"""What belongs to the planes, in a real browser: layers, legend, selections, files, the drawing pad."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from halfmoon.parts.downloads import file_name
from halfmoon.plane.view import image_pixels
from tests.browser.planes import (
    EXPLORER,
    SCALE,
    STEP,
    answer_image,
    assert_shows,
    board,
    canvas_image,
    click,
    corner,
    decoded,
    drag,
    expect_answer,
    expect_picture,
    hover,
    ink_at,
    lines,
    lonely_point,
    mark,
    marks,
    open_planes,
    picture,
    pixel_of,
    plot,
    query,
    settle,
    tool,
)
from vae_core.runs.run import Run

SVG = "{http://www.w3.org/2000/svg}"
LAYERS = """plot => {
  const count = (selector) => plot.parentElement.querySelectorAll(`.latent-plane-outlines ${selector}`).length;
  return [plot.layout.images?.length ?? 0, count(".contour"), count(".ring-line")];
}"""
DOTS = "plot => Number(getComputedStyle(plot.parentElement.querySelector('.latent-plane-dots')).opacity)"


@pytest.fixture
def run(stand_ins: Path) -> Run:
    """The VAE of the pair with a plane."""
    return Run.open(stand_ins / "small-digits-vae")


def test_layers_are_switched_on_both_planes_are_in_the_url_and_survive_a_reload(page: Page) -> None:
    open_planes(page)

    def expect_layers(names: str, drawn: list[int], url: str | None) -> None:
        for kind in ("AE", "VAE"):
            section = page.locator(".latent-plane-plane", has=board(page, kind))
            expect(section).to_have_attribute("data-layers", names)
            assert plot(page, kind).evaluate(LAYERS) == drawn  # images, contours, rings
            assert plot(page, kind).evaluate(DOTS) == (0.25 if any(drawn[:2]) else 1)  # faint over a picture
        page.wait_for_function("layers => new URLSearchParams(location.search).get('layers') === layers", arg=url)

    def toggle(name: str) -> None:
        page.get_by_role("button", name=name, exact=True).click()

    expect_layers("rings", [0, 0, 3], None)
    toggle("decoded images")
    expect_layers("manifold rings", [1, 0, 3], "manifold,rings")
    toggle("density of codes")
    expect_layers("density manifold rings", [1, 4, 3], "density,manifold,rings")
    toggle("σ rings")
    expect_layers("density manifold", [1, 4, 0], "density,manifold")
    page.reload()
    settle(page)
    expect_layers("density manifold", [1, 4, 0], "density,manifold")
    for name, pressed in (("density of codes", "true"), ("decoded images", "true"), ("σ rings", "false")):
        expect(page.get_by_role("button", name=name)).to_have_attribute("aria-pressed", pressed)
    toggle("density of codes")
    toggle("decoded images")
    expect_layers("", [0, 0, 0], "none")


def test_a_class_is_hidden_on_both_planes_and_is_then_not_hit(page: Page, run: Run, stand_ins: Path) -> None:
    twin = Run.open(stand_ins / "small-digits-ae")
    point = lonely_point(run.codes.mu)
    label = str(run.codes.labels[point])
    open_planes(page)
    codes = {"AE": twin.codes.mu[point], "VAE": run.codes.mu[point]}

    def is_painted() -> list[bool]:
        return [ink_at(page, kind, code) > 0 for kind, code in codes.items()]

    assert is_painted() == [True, True]
    button = page.get_by_role("group", name="Classes").get_by_role("button", name=label, exact=True)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    page.mouse.move(0, 0)
    assert is_painted() == [False, False]
    hover(page, "VAE", run.codes.mu[point])
    expect(picture(page, "VAE").locator("p")).to_have_text("Codes within 0.25 σ: 1")  # it is hidden, not gone
    place = click(page, "VAE", run.codes.mu[point])
    expect_answer(page, "VAE", place)
    expect(lines(page)).not_to_contain_text("Test image")
    assert "z" in query(page) and "point" not in query(page)
    assert is_painted() == [False, False]
    button.click()
    click(page, "VAE", run.codes.mu[point])
    expect(lines(page)).to_contain_text(f"Test image no. {point}")
    assert is_painted() == [True, True]


def saved(page: Page, button: Locator, name: str) -> Path:
    """The file of this name that the button saves."""
    with page.expect_download() as download:
        button.click()
    assert download.value.suggested_filename == name
    return Path(download.value.path())


def inside(drawing: Element, name: str) -> Element:
    """The part of a drawing with this class."""
    (part,) = (node for node in drawing.iter() if node.get("class") == name)
    return part


def said_in(part: Element) -> set[str]:
    return {"".join(node.itertext()) for node in part.iter(f"{SVG}text")}


def test_a_plane_is_printed_with_all_that_is_seen_on_it(page: Page, run: Run) -> None:
    open_planes(page, "run=small-digits-vae&z=0.5,0.5&pins=1,1;-1,0.5&layers=density_ratio,rings")
    tool(page, "VAE", "fit all").click()
    page.locator(".latent-plane-legend").get_by_role("button", name="3", exact=True).click()
    name = "halfmoon-digits-plane-vae-density-ratio-rings"
    drawing = ElementTree.parse(saved(page, tool(page, "VAE", "Save the plane as SVG"), f"{name}.svg")).getroot()
    dots = inside(drawing, "dots")
    assert len(list(dots.iter(f"{SVG}circle"))) == (run.codes.labels != 3).sum()
    assert float(dots.get("opacity", "1")) == plot(page, "VAE").evaluate(DOTS) < 0.5
    assert said_in(inside(drawing, "legend")) == set("012456789")
    scale = said_in(inside(drawing, "scale"))
    unit = "times the prior"
    assert unit in " ".join(scale) and {"≤ 0.1", "1"} <= scale
    texts = said_in(drawing)
    assert {"1", "2", "1σ"} <= texts  # two saved places, and a layer
    assert "variational auto-encoder · Digits 8 × 8" in texts
    assert {f"code {number} (standard coordinates)" for number in (1, 2)} <= texts
    assert len([node for node in drawing.iter() if node.get("class") == "ring"]) == 1  # what is pinned

    image = Image.open(saved(page, tool(page, "VAE", "Save the plane as PNG"), f"{name}.png")).convert("RGB")
    width, height = (float(part) for part in drawing.get("viewBox", "").split()[2:])
    assert image.size == pytest.approx((6 * width, 6 * height), abs=6)
    assert image.getpixel((0, 0)) == (255, 255, 255)
    (dot,) = (node for node in drawing.iter() if node.get("class") == "dot")
    (area,) = (node for node in drawing.iter(f"{SVG}svg") if node.get("x"))
    at = [6 * (float(area.get(edge, 0)) + float(dot.get(centre, 0))) for edge, centre in (("x", "cx"), ("y", "cy"))]
    assert max(image.getpixel((round(at[0]), round(at[1])))) < 100  # the same mark, at the same place


def test_names_of_files_are_the_same_in_python_and_in_javascript(page: Page) -> None:
    open_planes(page)
    parts = [["mnist", "plane", "vae"], ["Mine: É ü", "0-to-T-shirt/top", "", "β=0.5"], ["月", "../x", "--"]]
    script = """async (parts) => {
      const { fileName } = await import("/components/shared/files.js");
      return parts.map((one) => fileName(...one));
    }"""
    assert page.evaluate(script, parts) == [file_name(*one) for one in parts]
    assert [file_name(*one) for one in parts[:2]] == [
        "halfmoon-mnist-plane-vae",
        "halfmoon-mine-e-u-0-to-t-shirt-top-0-5",
    ]


def draw_a_digit(page: Page) -> None:
    """Draws one on the pad, whose place is then in the URL."""
    button = page.get_by_role("button", name="Draw a digit")
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    pad = page.locator(".latent-pad canvas")
    expect(pad).to_be_in_viewport(ratio=1)
    area = pad.bounding_box()
    strokes = ((0.3, 0.2), (0.7, 0.25), (0.4, 0.85))
    drag(page, *([area["x"] + x * area["width"], area["y"] + y * area["height"]] for x, y in strokes))
    page.wait_for_url(re.compile("image="))
    settle(page)


def assert_drawn(page: Page, runs: list[Run], image: str) -> list[float]:
    """The planes and the pictures show where each model encodes the image; the code of the last is returned."""
    for run in runs:
        kind = run.config.model.kind.upper()
        with torch.inference_mode():
            mu, log_var = run.load_model().encode(torch.tensor(image_pixels(run, image)) / 255)
        np.testing.assert_allclose(mark(page, kind, ".drawn .ring"), pixel_of(page, kind, mu[0].tolist()), atol=0.6)
        ellipses = marks(page, kind, ".ellipse.drawn ellipse", "rx", "ry")
        assert len(ellipses) == (2 if kind == "VAE" else 0)
        for deviations, ellipse in enumerate(ellipses, 1):
            radii = deviations * torch.exp(0.5 * log_var[0]).numpy() * plot(page, kind).evaluate(SCALE)
            found = sorted([float(ellipse["rx"]), float(ellipse["ry"])])
            np.testing.assert_allclose(found, sorted(radii), rtol=2e-3)
        assert_shows(page, run, mu[0].tolist())
        expect(picture(page, kind).locator("p")).to_have_text("Your drawing")
    return mu[0].tolist()


def test_a_drawing_is_a_place_on_both_planes_that_is_answered_pinned_and_in_the_link(
    page: Page, stand_ins: Path
) -> None:
    runs = [Run.open(stand_ins / f"small-digits-{kind}") for kind in ("ae", "vae")]
    open_planes(page)
    expect(page.locator(".latent-pad")).to_be_hidden()
    draw_a_digit(page)
    for part in (".latent-pad canvas", *(f".latent-plane-picture:nth-child({at}) canvas" for at in (1, 2))):
        expect(page.locator(part)).to_be_in_viewport(ratio=1)  # beside the planes: all is in view at once
    image = query(page)["image"]
    assert image_pixels(runs[0], image).any()
    mu = assert_drawn(page, runs, image)
    expect_answer(page, "VAE", mu)
    expect(lines(page)).to_contain_text("Your drawing, as the VAE encodes it.")
    assert np.abs(answer_image(page, "original") - image_pixels(runs[0], image)[0, 0] / 255).max() <= STEP

    page.get_by_role("button", name="Pin this place").click()
    page.wait_for_url(re.compile("pins="))
    code = click(page, "AE", corner(page, "AE"))
    expect_answer(page, "AE", code)
    assert query(page)["pins"] == f"image:{image}"
    page.reload()
    settle(page)
    page.get_by_role("button", name="Return to place 1").click()
    page.wait_for_url(re.compile(r"\bimage=[^&]"))
    assert_drawn(page, runs, image)
    page.reload()  # the place that is looked at now is the drawing
    settle(page)
    assert_drawn(page, runs, image)
    expect(board(page, "AE").locator(".kept")).to_have_count(1)
    own, *both = page.locator(".latent-plane-pins canvas").all()
    assert np.abs(canvas_image(own) - image_pixels(runs[0], image)[0, 0] / 255).max() <= STEP
    assert np.abs(canvas_image(both[1]) - decoded(runs[1], mu)).max() <= STEP
    page.get_by_role("button", name="Draw a digit").click()  # and the pad goes on with it
    page.wait_for_function(f"() => !{EXPLORER}.drawing.pad.isEmpty")


def test_what_was_looked_at_before_a_drawing_is_shown_again_without_it(page: Page) -> None:
    open_planes(page, "run=small-digits-vae&z=0.25,-0.5")
    draw_a_digit(page)
    hover(page, "AE", [0, 0])
    expect(picture(page, "AE").locator("p")).not_to_have_text("Your drawing")
    page.mouse.move(0, 0)
    page.get_by_role("button", name="Clear").click()
    for kind in ("AE", "VAE"):
        expect(board(page, kind).locator(".drawn")).to_have_count(0)
    expect_picture(page, "VAE", [0.25, -0.5])
    expect_answer(page, "VAE", [0.25, -0.5])


def test_a_press_without_a_move_draws_a_dot(page: Page) -> None:
    page.goto("/components/latent_plane/style.css")
    page.evaluate("""async () => {
      const { Pad } = await import("/components/shared/pad.js");
      window.reports = [];
      const onDrawing = (pixels) => reports.push(pixels);
      window.pad = new Pad({ side: 28, box: 20, texts: { title: "", clear: "", hint: "" }, onDrawing });
      document.body.replaceChildren(pad.element);
    }""")
    page.locator("canvas").click()
    page.wait_for_function("() => reports.length > 0")
    assert page.evaluate("reports.at(-1)") is not None
