"""What one sees while a page comes: how far things jump, and how long a dark screen is white."""

from __future__ import annotations

import base64
import io
import time
from typing import Any

from PIL import Image
from playwright.sync_api import Page, ViewportSize

from benchmarks.browsing import IDLE, SHIPPED_PAIR, Bench
from benchmarks.reporting import Figure, Figures
from halfmoon.navigation import paths

SCREENS: list[ViewportSize] = [{"width": 1366, "height": 768}, {"width": 390, "height": 844}]
UNDER_WAY = ", ".join(
    (
        "[data-testid=stSkeleton]",
        "[data-testid=stSpinner]",
        "[data-testid^=stBidiComponent]:not([data-shown])",
        ".latent-plane-plane:not([data-layers])",
    )
)
DARK = "<style>:root { background: #000 }</style>"  # what a browser shows until the page has painted something
WHITE = 128  # of 255
ROUNDS = 3


def shift(bench: Bench) -> Figures:
    """The largest sum of all layout shifts while a page loads, over all pages, on a laptop and on a phone."""
    with bench.serve() as address:
        sums = {
            f"{path or 'plane'} at {screen['width']}": shift_of(bench, f"{address}/{path}{SHIPPED_PAIR[1:]}", screen)
            for screen in SCREENS
            for path in paths()
        }
    worst = max(sums, key=sums.__getitem__)
    return {"layout_shift_max": Figure(sums[worst], len(sums), f"worst: {worst}")}


def shift_of(bench: Bench, address: str, screen: ViewportSize) -> float:
    page = bench.page()
    page.set_viewport_size(screen)
    page.goto(address)
    still(page)
    shifted: float = page.evaluate("() => watch.shift")
    page.context.close()
    return shifted


def still(page: Page) -> None:
    """Waits until nothing more is coming."""
    page.locator(IDLE).wait_for(timeout=120_000)
    page.wait_for_function("coming => !document.querySelector(coming)", arg=UNDER_WAY, timeout=120_000)
    page.wait_for_load_state("networkidle")


def flash(bench: Bench) -> Figures:
    """For how long, while the first page loads in the dark theme, the lower left corner of the screen is white."""
    with bench.serve() as address:
        whites = [white_of(bench, address + SHIPPED_PAIR) for _ in range(ROUNDS)]
    return {"dark_flash_ms": Figure(max(whites), ROUNDS, "longest")}


def white_of(bench: Bench, address: str) -> float:
    """Milliseconds during which the corner is white, by the pictures that Chromium takes of each change."""
    page = bench.page()
    page.emulate_media(color_scheme="dark")
    page.set_content(DARK)
    session, pictures = page.context.new_cdp_session(page), []

    def keep(picture: dict[str, Any]) -> None:
        pictures.append((time.time(), is_white(picture["data"])))
        session.send("Page.screencastFrameAck", {"sessionId": picture["sessionId"]})

    session.on("Page.screencastFrame", keep)
    session.send("Page.startScreencast", {"format": "png"})
    page.goto(address)
    still(page)
    end = time.time()
    page.context.close()
    spans = zip(pictures, [*(at for at, _ in pictures[1:]), end], strict=True)
    return sum(1000 * (until - at) for (at, white), until in spans if white)


def is_white(picture: str) -> bool:
    with Image.open(io.BytesIO(base64.b64decode(picture))) as image:
        grey = image.convert("L")
        return int(grey.getpixel((4, grey.height - 5))) > WHITE  # type: ignore[arg-type]  # one band, one number
