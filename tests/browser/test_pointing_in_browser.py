"""Pointing at a plane in a real browser, with mouse or keyboard: what is shown there is what torch decodes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect
from sklearn.datasets import load_digits

from halfmoon.parts.numbers import code_text, significant
from halfmoon.plane.view import rounded
from tests.browser.planes import (
    PAIR,
    RANGES,
    SCALE,
    STEP,
    answer_image,
    area_of,
    assert_shows,
    board,
    canvas_image,
    click,
    corner,
    decoded,
    drag,
    expect_answer,
    expect_picture,
    go,
    heading,
    hover,
    is_within,
    lines,
    linked,
    lonely_point,
    mark,
    marks,
    numbers_of,
    open_planes,
    picture,
    pixel_of,
    place_of,
    plot,
    query,
    shown,
    source_image,
    stated_code,
    thumbnail,
)
from vae_core.codes.geometry import density, nearest
from vae_core.runs.run import Run

KINDS = ("AE", "VAE")


@pytest.fixture
def runs(stand_ins: Path) -> dict[str, Run]:
    """The pair with a plane, by kind."""
    return {kind: Run.open(stand_ins / f"small-digits-{kind.lower()}") for kind in KINDS}


def other_than(kind: str) -> str:
    return "AE" if kind == "VAE" else "VAE"


def assert_beside(page: Page, kind: str, run: Run, code: Sequence[float]) -> None:
    """The small image is what torch decodes at the code, near its place, within the plane, and does not cover it."""
    assert np.abs(canvas_image(thumbnail(page, kind)) - decoded(run, code)).max() <= STEP
    box, area = thumbnail(page, kind).bounding_box(), area_of(page, kind)
    for at, (start, length) in enumerate((("x", "width"), ("y", "height"))):
        assert 72 <= box[length] <= 96
        place = pixel_of(page, kind, code)[at]
        is_in_view = area[start] <= place <= area[start] + area[length]
        if is_in_view:
            assert 8 < max(box[start] - place, place - box[start] - box[length]) < 30
            assert area[start] - 1 <= box[start] and box[start] + box[length] <= area[start] + area[length] + 1


def test_a_hover_shows_both_models_images_and_asks_the_server_nothing(page: Page, runs: dict[str, Run]) -> None:
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    asked: list[str] = []
    open_planes(page, "run=small-digits-vae&z=0.25,-0.5")
    page.on("request", lambda request: asked.append(request.url))
    before, answer, url = len(sent), heading(page).inner_text(), page.url
    for kind in KINDS:
        for right, down in ((0.03, 0.04), (0.98, 0.5), (0.35, 0.97)):
            code = hover(page, kind, corner(page, kind, right, down))
            assert_shows(page, runs[kind], code)
            other = other_than(kind)
            there = linked(code, runs[kind].codes, runs[other].codes)
            assert_shows(page, runs[other], there)
            np.testing.assert_allclose(mark(page, other, ".cursor .ring"), pixel_of(page, other, there), atol=0.6)
            assert marks(page, kind, ".cursor") == []  # the pointer itself is there
            expect(picture(page, kind).locator("p")).to_have_text("Between the dots")
            for name, place in ((kind, code), (other, there)):
                assert_beside(page, name, runs[name], place)
    page.mouse.move(5, 5)
    for kind in KINDS:
        expect(thumbnail(page, kind)).to_be_hidden()
    assert_shows(page, runs["VAE"], [0.25, -0.5])
    assert_shows(page, runs["AE"], linked([0.25, -0.5], runs["VAE"].codes, runs["AE"].codes))
    assert marks(page, "AE", ".cursor") == marks(page, "VAE", ".cursor") == []
    assert (heading(page).inner_text(), page.url) == (answer, url)
    assert len(sent) == before and asked == []
    code = click(page, "VAE", corner(page, "VAE"))  # by now the server would have been told of a hover
    expect_answer(page, "VAE", code)
    assert len(sent) == before + 1


def test_a_click_on_empty_ground_pins_in_both_planes_and_the_server_says_more(page: Page, runs: dict[str, Run]) -> None:
    open_planes(page, f"{PAIR}&view=-50,50,-50,50;-15,15,-15,15")
    page.evaluate(
        """() => document.addEventListener("pointerup", () => {
          const text = (selector) => [...document.querySelectorAll(selector)].map((found) => found.textContent);
          window.atOnce = [text(".latent-plane-picture h3"), text(".hm-answer h2")];
        })"""
    )
    for kind, run in runs.items():
        other, before = other_than(kind), heading(page).inner_text()
        place = click(page, kind, corner(page, kind, 0.3, 0.7))
        expect_answer(page, kind, place)
        code = stated_code(page)
        there = linked(code, run.codes, runs[other].codes)
        pictures, answers = page.evaluate("atOnce")
        assert pictures == page.locator(".latent-plane-picture h3").all_inner_texts()
        assert answers == [before]  # the images don't wait for the server
        assert_shows(page, run, code)
        assert_shows(page, runs[other], there)
        for name, pinned in ((kind, code), (other, there)):
            if is_within(page, name, pixel := pixel_of(page, name, pinned)):
                np.testing.assert_allclose(mark(page, name, ".pin .ring"), pixel, atol=0.6)
        assert query(page)["run"] == run.name
        assert numbers_of(query(page)["z"]) == list(rounded(code))
        expect(lines(page)).not_to_contain_text("Test image")
        assert np.abs(answer_image(page, "decoded") - decoded(run, code)).max() <= STEP


def test_where_the_app_does_not_answer_one_sentence_says_so_until_it_does(page: Page) -> None:
    open_planes(page)
    page.route("**/answer/**", lambda route: route.abort())
    place = click(page, "VAE", corner(page, "VAE"))
    expect(page.get_by_text("The app does not respond")).to_be_visible()
    expect_picture(page, "VAE", place)
    page.unroute("**/answer/**")
    place = click(page, "AE", corner(page, "AE"))
    expect_answer(page, "AE", place)
    expect(page.get_by_text("The app does not respond")).to_have_count(0)


def test_of_a_run_that_can_t_be_read_the_server_s_reason_is_shown(page: Page) -> None:
    reason = "The file model.safetensors is torn."
    page.route("**/answer/**", lambda route: route.fulfill(status=404, content_type="text/plain", body=reason))
    page.goto("/?run=small-digits-vae")
    expect(page.locator(".latent-plane-answer")).to_have_text(f"This can't be done or shown: {reason}")


def test_the_answer_has_density_round_trip_and_neighbours(page: Page, runs: dict[str, Run]) -> None:
    open_planes(page)
    for kind, run in runs.items():
        codes, model = run.codes, run.load_model()
        code = rounded(codes.mu[7] + codes.mu.std(0) * [0.02, 0.05])
        go(page, f"run={run.name}&z={code[0]:g},{code[1]:g}")
        expect_answer(page, kind, code)

        inside, expected = density(codes.standardise(codes.mu), codes.standardise(np.array(code)), 0.25)
        assert inside > 0
        expect(lines(page)).to_contain_text(f"{inside} of 60 test codes within 0.25 σ")
        count = f"about {significant(expected, 2)}" if expected >= 1 else "(fewer than one|practically none)"
        expect(lines(page)).to_contain_text(re.compile(rf"the prior N\(0, I\) would put {count} here\."))
        expect(picture(page, kind).locator("p")).to_have_text(f"Codes within 0.25 σ: {inside}")

        with torch.inference_mode():
            again, log_var = model.encode(model.decode(torch.tensor([code])))
        drift = float(np.linalg.norm(codes.standardise(again[0].numpy()) - codes.standardise(np.array(code))))
        round_trip = f"ends up {significant(drift, 2)} σ away, at {code_text(rounded(again[0].numpy()))}."
        expect(lines(page)).to_contain_text(round_trip)
        assert np.abs(answer_image(page, "after a round trip") - decoded(run, again[0].tolist())).max() <= STEP
        if kind == "VAE":
            sigma = ", ".join(significant(value, 2) for value in torch.exp(0.5 * log_var[0]).tolist())
            expect(lines(page)).to_contain_text(f"Width of the posterior there: {sigma} σ.")
        else:
            expect(lines(page)).not_to_contain_text("posterior")

        standard, here = codes.standardise(codes.mu), codes.standardise(np.array(code))
        near = nearest(standard, here, 8)
        assert near[0] == 7
        items = page.locator(".hm-neighbours li")
        expect(items).to_have_count(8)
        for item, point in zip(items.all(), near, strict=True):
            distance = np.linalg.norm(standard[point] - here)
            expect(item).to_have_text(re.compile(rf"{codes.labels[point]}\s+{re.escape(significant(distance, 2))}"))
        original, reconstruction = items.first.locator("img").all()
        assert np.abs(source_image(original) - load_digits().images[codes.indices[7]] / 16).max() <= STEP
        assert np.abs(source_image(reconstruction) - decoded(run, codes.mu[7])).max() <= STEP


def test_a_point_under_the_pointer_says_what_it_is_and_how_wide_its_posterior(page: Page, runs: dict[str, Run]) -> None:
    open_planes(page)
    for kind, run in runs.items():
        codes, other = run.codes, other_than(kind)
        point = lonely_point(codes.mu)
        hover(page, kind, codes.mu[point])
        expect(picture(page, kind).locator("p")).to_have_text(f"Class {codes.labels[point]} · test image no. {point}")
        expect(picture(page, other).locator("p")).to_have_text("")
        assert_shows(page, run, codes.mu[point].tolist())
        twin = runs[other].codes.mu[point]
        np.testing.assert_allclose(mark(page, other, ".twin"), pixel_of(page, other, twin), atol=0.6)
        assert marks(page, kind, ".twin") == []
        ellipses = marks(page, kind, ".ellipse ellipse", "rx", "ry")
        assert len(ellipses) == (2 if kind == "VAE" else 0)
        for deviations, ellipse in enumerate(ellipses, 1):
            sigma = np.exp(0.5 * codes.log_var[point])  # both are the same
            radius = deviations * sigma[0] * plot(page, kind).evaluate(SCALE)
            assert [float(ellipse["rx"]), float(ellipse["ry"])] == pytest.approx([radius] * 2, rel=2e-3)
            np.testing.assert_allclose(ellipse["middle"], pixel_of(page, kind, codes.mu[point]), atol=0.6)
        assert marks(page, other, ".ellipse") == []


def test_a_click_on_a_point_pins_it_and_shows_the_original(page: Page, runs: dict[str, Run]) -> None:
    open_planes(page)
    for kind, run in runs.items():
        point = lonely_point(run.codes.mu)
        click(page, kind, run.codes.mu[point])
        expect(heading(page)).to_have_text(re.compile(rf"^{kind} at "))
        expect(lines(page)).to_contain_text(f"Test image no. {point}, class {run.codes.labels[point]}.")
        expect(heading(page)).to_have_text(f"{kind} at {code_text(rounded(run.codes.mu[point]))}")
        assert np.abs(answer_image(page, "reconstruction") - decoded(run, run.codes.mu[point])).max() <= STEP
        original = load_digits().images[run.codes.indices[point]] / 16
        assert np.abs(answer_image(page, "original") - original).max() <= STEP
        assert query(page) == {"run": run.name, "point": str(point)}


def test_two_quick_clicks_at_different_places_are_two_clicks_and_keep_the_zoom(page: Page) -> None:
    open_planes(page)
    plot(page, "VAE").evaluate("plot => Plotly.relayout(plot, {'xaxis.range': [-1, 1]})")
    before = plot(page, "VAE").evaluate(RANGES)
    click(page, "VAE", corner(page, "VAE", 0.02, 0.03))
    second = click(page, "VAE", corner(page, "VAE", 0.98, 0.97))
    expect_answer(page, "VAE", second)
    assert plot(page, "VAE").evaluate(RANGES) == before


def test_a_drag_zooms_and_pins_nothing_and_both_axes_keep_the_same_scale(page: Page) -> None:
    open_planes(page)
    before = plot(page, "AE").evaluate(RANGES)
    area = area_of(page, "AE")
    middle = [area["x"] + area["width"] / 2, area["y"] + area["height"] / 2]
    wanted = place_of(page, "AE", middle)
    drag(page, middle, [middle[0] + 60, middle[1] + 50])
    page.wait_for_function(
        "([plot, before]) => plot._fullLayout.xaxis.range[0] > before[0] + 0.1",
        arg=[plot(page, "AE").element_handle(), before],
    )
    left, right, bottom, top = plot(page, "AE").evaluate(RANGES)
    assert left <= wanted[0] + 0.05 and bottom < top <= wanted[1] + abs(before[3] - before[2])
    assert right - left < 0.8 * (before[1] - before[0])
    here, there = pixel_of(page, "AE", (0, 0)), pixel_of(page, "AE", (1, 1))
    assert there[0] - here[0] == pytest.approx(here[1] - there[1], rel=1e-3)
    page.wait_for_url(re.compile("view="))
    assert query(page)["z"] == "0,0"


def test_arrows_move_a_cursor_enter_pins_it_and_the_page_says_where_it_is(page: Page, runs: dict[str, Run]) -> None:
    open_planes(page)
    for kind, run in runs.items():
        other = other_than(kind)
        go(page, "run=small-digits-vae&z=0.1,0.2")
        expect_answer(page, "VAE", [0.1, 0.2])
        expect_picture(page, "VAE", [0.1, 0.2])
        board(page, kind).focus()
        for key in ("ArrowRight", "ArrowUp", "Shift+ArrowRight", "ArrowDown", "ArrowUp"):
            page.keyboard.press(key)
        left, right, bottom, top = plot(page, kind).evaluate(RANGES)
        start = np.array([0.1, 0.2]) if kind == "VAE" else linked([0.1, 0.2], runs["VAE"].codes, run.codes)
        code = start + np.array([6 / 60 * (right - left), 1 / 60 * (top - bottom)])
        assert_shows(page, run, code)
        assert_shows(page, runs[other], linked(code, run.codes, runs[other].codes))
        np.testing.assert_allclose(mark(page, kind, ".cursor .ring"), pixel_of(page, kind, code), atol=0.6)
        label = run.codes.labels[nearest(run.codes.mu, code, 1)[0]]
        at = picture(page, kind).locator("h3").inner_text()
        live = page.locator("[aria-live=polite].latent-plane-live")
        expect(live).to_have_text(f"{at}, nearest class {label}")
        assert query(page)["z"] == "0.1,0.2"
        page.keyboard.press("Enter")
        expect_answer(page, kind, code)
        expect_picture(page, kind, code)
        assert query(page)["run"] == run.name
        page.keyboard.press("ArrowLeft")
        expect_picture(page, kind, code - [(right - left) / 60, 0])
        page.keyboard.press("Escape")
        expect_picture(page, kind, code)
        assert np.abs(shown(page, kind) - decoded(run, stated_code(page))).max() <= STEP
