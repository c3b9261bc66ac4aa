"""The README's looping picture, taken from the real app: the planes of an AE and a VAE fill as both train.

    VAE_DATA_DIR=data python tools/filling.py

Needs Chromium and MNIST; trains the pair that the page begins with, and writes docs/plane-filling.webp.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from tempfile import TemporaryDirectory
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from tools.serving import ROOT, launch, serve
from vae_core.errors import needed

FILE = ROOT / "docs" / "plane-filling.webp"
SCREEN: ViewportSize = {"width": 1366, "height": 900}
SECONDS = 80  # that each model trains
WIDTH = 860  # pixels of the picture
FRAMES, FRAME = 48, 110  # how many, and the milliseconds of each
HELD = 2500  # milliseconds of the last one
EAGERNESS = 1.6  # the planes change most at the beginning, which gets more frames than its share of the steps
PATIENCE = 300_000  # milliseconds
NEXT = """before => {
  const runs = [...document.querySelectorAll(".live-run")].map(({ dataset }) => dataset);
  const shown = runs.map(({ shown }) => shown).join();
  const isOver = runs.every(({ status }) => status === "finished");
  return (shown !== before || isOver) && [shown, isOver];
}"""


class Moment(NamedTuple):
    """What the page shows when this share of the training is done."""

    share: float
    picture: Image.Image


def moments(page: Page) -> Iterator[Moment]:
    """Every moment that the page shows of the training, until both runs have finished."""
    runs, bars, shown, is_over = page.locator(".live-runs"), page.get_by_role("progressbar"), "", False
    while not is_over:
        shown, is_over = page.wait_for_function(NEXT, arg=shown, timeout=PATIENCE).json_value()
        done = [int(bar.get_attribute("aria-valuenow") or 0) for bar in bars.all()]
        yield Moment(min(done) / 100, Image.open(io.BytesIO(runs.screenshot())).convert("RGB"))


def chosen(seen: list[Moment]) -> list[Image.Image]:
    """The pictures of the film: at even progress but for the eager beginning, and the last."""
    wanted = [(at / (FRAMES - 1)) ** EAGERNESS for at in range(FRAMES)]
    nearest = {min(range(len(seen)), key=lambda at: abs(seen[at].share - share)) for share in wanted}
    return [seen[at].picture for at in sorted(nearest | {len(seen) - 1})]


def film(page: Page, address: str) -> list[Moment]:
    """Trains the pair that the page begins with, and watches it."""
    page.goto(f"{address}/train")
    length = page.get_by_role("spinbutton", name="seconds")
    length.fill(str(SECONDS))
    length.press("Enter")
    page.get_by_role("button", name="Start training").click()
    expect(page.locator(".live-run[data-shown]")).to_have_count(2, timeout=PATIENCE)
    return list(moments(page))


def main() -> None:
    """The film."""
    with TemporaryDirectory() as runs, serve(VAE_RUNS_DIR=runs) as address, sync_playwright() as playwright:
        browser = needed(launch(playwright))
        seen = film(browser.new_page(viewport=SCREEN, locale="en-GB"), address)
        browser.close()
    pictures = chosen(seen)
    width, height = pictures[0].size
    size = WIDTH, round(WIDTH * height / width)
    first, *rest = [picture.resize(size, Image.Resampling.LANCZOS) for picture in pictures]
    times = [FRAME] * len(rest) + [HELD]
    first.save(FILE, save_all=True, append_images=rest, duration=times, loop=0, quality=55, method=6)
    print(f"{FILE}: {len(pictures)} of {len(seen)} moments, {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
