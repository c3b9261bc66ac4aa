"""Takes the README's pictures from the real app with the shipped runs: `python tools/screenshots.py`.

Needs Chromium; writes docs/plane-laptop-light.png and its siblings: a laptop and a phone, light and dark.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from halfmoon.compare.study_tables import SEEDED
from halfmoon.plane.answer import NEIGHBOUR_COUNT
from tools.serving import ROOT, launch, serve
from vae_core.errors import needed
from vae_core.places import SHIPPED
from vae_core.studies import BETAS

DOCS = ROOT / "docs"
SCREENS: dict[str, ViewportSize] = {"laptop": {"width": 1366, "height": 768}, "phone": {"width": 390, "height": 844}}
SEEN = "localStorage.setItem('halfmoon-hint-seen', '1')"  # no first visit
BELOW_THE_HEADER = "part => { part.style.scrollMarginTop = '4.5rem'; part.scrollIntoView(); }"
OWN = ("digits-ae-1", "digits-vae-1")  # user runs in the pictures
MAP = ".latent-plane-plane .imagelayer image"
PAIR = "run=mnist-vae-2d"


def layers(name: str) -> str:
    """A plane with this layer and the rings."""
    return f".latent-plane-plane[data-ready][data-layers='{name} rings']"


class Picture(NamedTuple):
    """A page: its address, how many of what are on it when it is drawn, and what of it is seen (else its top)."""

    address: str
    drawn: dict[str, int]
    part: str | None = None


PICTURES = {
    "plane": Picture(
        f"?{PAIR}&z=1.55,-0.42&layers=manifold,rings&pins=0,1.1;-1.2,0.2;2.4,0.9;0.1,-1.9",
        {layers("manifold"): 2, ".hm-images img": 2 * NEIGHBOUR_COUNT},  # originals as well
    ),
    "gaps": Picture(f"?{PAIR}&layers=density_ratio,rings", {layers("density_ratio"): 2, MAP: 2}),
    "compare": Picture(f"compare?{PAIR}", {layers("density_ratio"): 2, ".hm-headlines tbody": 5}),
    "studies": Picture(
        f"compare?{PAIR}#studies",
        {
            ".latent-plane-plane[data-ready][data-layers]": 2,
            ".st-key-study-betas .textpoint": len(BETAS),
            ".hm-seeds": len(SEEDED),
        },
        ".st-key-studies",
    ),
    "interpolate": Picture(f"interpolate?{PAIR}&path=geodesic", {".film-row": 3, ".js-plotly-plot": 3}),
    "half-moon": Picture(
        "half-moon?run=moons-phase-vae-1d",
        {".half-moon[data-drawn]": 1, ".half-moon-card[data-live]": 2, ".half-moon-results td": 8},
    ),
    "train": Picture("train", {".st-key-stories h2": 6}),
    "runs": Picture("runs", {".st-key-run-" + name: 1 for name in OWN}),
    "sample": Picture(f"sample?{PAIR}", {"[data-testid=stDownloadButton]": 4}),
}


def take(page: Page, server: str, picture: Picture, file: Path) -> None:
    """Takes one picture, when everything on the page is drawn."""
    page.add_init_script(SEEN)
    page.goto(f"{server}/{picture.address}")
    for selector, count in picture.drawn.items():
        expect(page.locator(selector)).to_have_count(count, timeout=60_000)
    for waiting in ("stSkeleton", "stSpinner"):
        expect(page.get_by_test_id(waiting)).to_have_count(0, timeout=60_000)
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached(timeout=60_000)
    if picture.part:
        page.locator(picture.part).evaluate(BELOW_THE_HEADER)
    page.screenshot(path=file)
    print(file)


def main() -> None:
    """Takes all pictures."""
    with TemporaryDirectory() as runs, serve(VAE_RUNS_DIR=runs) as address, sync_playwright() as playwright:
        for name in OWN:
            shutil.copytree(SHIPPED / name.replace("-1", "-2d"), Path(runs) / name)
        browser = needed(launch(playwright))
        for name, picture in PICTURES.items():
            for screen, size in SCREENS.items():
                for scheme in ("light", "dark"):
                    page = browser.new_page(
                        viewport=size, color_scheme=scheme, locale="en-GB", has_touch=screen == "phone"
                    )
                    take(page, address, picture, DOCS / f"{name}-{screen}-{scheme}.png")
                    page.close()
        browser.close()


if __name__ == "__main__":
    main()
