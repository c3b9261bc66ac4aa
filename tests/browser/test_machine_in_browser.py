"""The machine above the planes on a first visit, in a real browser; and the terms that unfold where they stand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Locator, Page, expect

from halfmoon.parts.numbers import code_text
from tests.browser.conftest import new_context, watched_page
from tests.browser.planes import PAIR, canvas_image, decoded, mark, pixel_of, settle
from vae_core.runs.run import Run

RADIUS = 2


def input_image(page: Page) -> np.ndarray:
    """The image that goes in (H, W)."""
    return canvas_image(page.locator(".latent-machine-input canvas"))


def lane(page: Page, kind: str) -> Locator:
    return page.locator(".latent-machine-lane", has=page.get_by_text(kind, exact=True))


def numbers(page: Page, kind: str) -> Locator:
    return lane(page, kind).locator(".latent-machine-numbers")


def test_a_first_visit_meets_the_machine_and_may_put_it_away(browser: Browser, address: str, stand_ins: Path) -> None:
    unknown = {"cookies": [], "origins": []}
    ae, vae = (Run.open(stand_ins / f"small-digits-{kind}") for kind in ("ae", "vae"))
    with (
        new_context(browser, address, storage_state=unknown, reduced_motion="reduce") as context,
        watched_page(context) as page,
    ):
        page.goto(f"/?{PAIR}")
        settle(page)
        expect(numbers(page, "VAE")).to_contain_text("σ")
        _codes_are_the_encoders(page, ae, vae)
        _a_walk_round_the_ring_moves_both_planes(page, ae, vae)
        _a_term_unfolds(page)
        page.locator(".latent-machine summary").click()
        page.reload()
        settle(page)
        expect(page.locator(".latent-machine-lane").first).to_be_hidden()


def _codes_are_the_encoders(page: Page, ae: Run, vae: Run) -> None:
    image = input_image(page)
    for kind, run in (("AE", ae), ("VAE", vae)):
        expect(numbers(page, kind)).to_contain_text(code_text(_encoded(run, image).tolist(), 2))


def _encoded(run: Run, image: np.ndarray) -> np.ndarray:
    import torch

    with torch.inference_mode():
        return run.load_model().encode(torch.tensor(image[None, None], dtype=torch.float32))[0][0].numpy()


def _a_walk_round_the_ring_moves_both_planes(page: Page, ae: Run, vae: Run) -> None:
    slider = page.get_by_role("slider", name="Angle on the ring")
    slider.fill("90")
    expect(page.locator(".latent-machine-input")).to_contain_text("no image")
    for kind, run in (("AE", ae), ("VAE", vae)):
        code = run.codes.unstandardise(np.array([0.0, RADIUS]))
        shown = canvas_image(lane(page, kind).locator("canvas").last)
        assert np.abs(shown - decoded(run, code)).max() <= 1 / 255
        np.testing.assert_allclose(mark(page, kind, ".cursor"), pixel_of(page, kind, code), atol=1)
    slider.blur()
    expect(page.locator(".latent-machine-input")).not_to_contain_text("no image")


def _a_term_unfolds(page: Page) -> None:
    term, card = page.get_by_role("link", name="posterior").first, page.get_by_role("note")
    term.click()
    expect(card).to_contain_text("normal distribution")
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    term.focus()
    page.keyboard.press("Enter")
    expect(card).to_be_visible()
    expect(term).to_have_attribute("aria-expanded", "true")
    term.click()
    expect(card).to_be_hidden()
