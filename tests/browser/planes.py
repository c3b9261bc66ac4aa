"""What tests of the planes in a browser share: where a place is on the screen, what is shown there, what torch says."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from halfmoon.parts.numbers import code_text
from halfmoon.plane.view import rounded
from vae_core.codes.codes import Codes
from vae_core.runs.run import Run

PAIR = "run=small-digits-vae"
EXPLORER = "document.querySelector('.latent-plane').component.explorer"
BOARD = f"{EXPLORER}.board"  # the planes and their pictures
STEP = 1 / 255  # of a pixel as browsers show it

# By Plotly's own axes; the inverse is what the component does.
TO_PIXEL = """(plot, [x, y]) => {
  const { xaxis, yaxis } = plot._fullLayout;
  const area = plot.querySelector(".nsewdrag").getBoundingClientRect();
  return [area.left + xaxis.d2p(x), area.top + (y === undefined ? area.height / 2 : yaxis.d2p(y))];
}"""
TO_PLACE = """(plot, [x, y]) => {
  const { xaxis, yaxis } = plot._fullLayout;
  const area = plot.querySelector(".nsewdrag").getBoundingClientRect();
  return [xaxis.p2d(x - area.left), yaxis.p2d(y - area.top)];
}"""
SCALE = "plot => plot._fullLayout.xaxis._length / (plot._fullLayout.xaxis.range[1] - plot._fullLayout.xaxis.range[0])"
# As a drag does it: the ends of the ranges.
DRAG_TO = """(plot, [left, right, bottom, top]) => Plotly.relayout(plot, {
  "xaxis.range[0]": left, "xaxis.range[1]": right, "yaxis.range[0]": bottom, "yaxis.range[1]": top,
})"""
RANGES = "plot => [...plot._fullLayout.xaxis.range, ...plot._fullLayout.yaxis.range]"
PIXELS = """canvas => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  return [height, width, Array.from({ length: width * height }, (_, at) => data[4 * at])];
}"""
MARKS = """(board, [selector, names]) => {
  const { left, top } = board.querySelector(".nsewdrag").getBoundingClientRect();
  return [...board.querySelectorAll(`.latent-plane-overlay ${selector}`)].map((mark) => {
    const box = mark.getBoundingClientRect();
    const middle = [box.left + box.width / 2, box.top + box.height / 2];
    return { middle, ...Object.fromEntries(names.map((name) => [name, mark.getAttribute(name)])) };
  });
}"""


def open_planes(page: Page, query: str = PAIR, planes: int = 2) -> None:
    """The page with this query, all planes drawn and the server's answer there."""
    page.goto(f"/?{query}")
    settle(page, planes)


def go(page: Page, query: str) -> None:
    """Another query in the same page, as after Back and Forward: nothing is loaded anew."""
    step = "query => { history.pushState({}, '', query); dispatchEvent(new PopStateEvent('popstate')); }"
    page.evaluate(step, f"/?{query}")


def settle(page: Page, planes: int = 2) -> None:
    """Waits until all planes are drawn, and the server has said all it knows of the pinned code."""
    expect(page.locator(".latent-plane-plane[data-ready][data-layers]")).to_have_count(planes)
    expect(page.locator(".hm-neighbours")).to_be_visible()


def board(page: Page, kind: str) -> Locator:
    """The plane of the AE or of the VAE."""
    return page.get_by_role("application", name=re.compile(rf"\b{kind}\b"))


def plot(page: Page, kind: str) -> Locator:
    return board(page, kind).locator(".js-plotly-plot")


def picture(page: Page, kind: str) -> Locator:
    """The large image of the AE or of the VAE, with its words."""
    return page.locator(".latent-plane-picture", has=page.locator("h3", has_text=re.compile(rf"^{kind}\b")))


def heading(page: Page) -> Locator:
    """Where the code is that the server speaks of."""
    return page.locator(".hm-answer h2")


def lines(page: Page) -> Locator:
    """What the server says of it."""
    return page.locator(".hm-lines")


def tool(page: Page, kind: str, name: str) -> Locator:
    """A tool of the plane of the AE or of the VAE, by what it is called to those who don't see it."""
    return page.get_by_role("toolbar", name=re.compile(rf"\b{kind}$")).get_by_role("button", name=name, exact=True)


def pixel_of(page: Page, kind: str, place: Sequence[float]) -> list[float]:
    """Where on the screen a place of the plane is."""
    return plot(page, kind).evaluate(TO_PIXEL, [float(value) for value in place])


def place_of(page: Page, kind: str, pixel: Sequence[float]) -> list[float]:
    """The place of the plane at a pixel of the screen."""
    return plot(page, kind).evaluate(TO_PLACE, list(pixel))


def hover(page: Page, kind: str, place: Sequence[float]) -> np.ndarray:
    """Moves the pointer to the whole pixel next to a place, and gives the place there."""
    plot(page, kind).evaluate("plot => plot.scrollIntoView({ block: 'center' })")  # not beneath the page's own head
    pixel = [round(value) for value in pixel_of(page, kind, place)]
    place = place_of(page, kind, pixel)
    page.mouse.move(*pixel)
    return np.array(place)


def click(page: Page, kind: str, place: Sequence[float]) -> np.ndarray:
    """Clicks at the whole pixel next to a place, and gives the place there."""
    plot(page, kind).evaluate("plot => plot.scrollIntoView({ block: 'center' })")  # not beneath the page's own head
    pixel = [round(value) for value in pixel_of(page, kind, place)]
    place = place_of(page, kind, pixel)  # before the page has changed
    page.mouse.click(*pixel)
    return np.array(place)


def drag(page: Page, *pixels: Sequence[float]) -> None:
    """Presses at the first pixel, moves through the others and lets go at the last."""
    page.mouse.move(*pixels[0])
    page.mouse.down()
    for pixel in pixels[1:]:
        page.mouse.move(*pixel, steps=4)
    page.mouse.up()


def corner(page: Page, kind: str, right: float = 0.98, down: float = 0.98) -> list[float]:
    """The place at these shares of the drawing area, from its left and its top."""
    area = plot(page, kind).locator(".nsewdrag").bounding_box()
    return place_of(page, kind, [area["x"] + right * area["width"], area["y"] + down * area["height"]])


def area_of(page: Page, kind: str) -> dict[str, float]:
    """The drawing area of a plane on the screen."""
    return plot(page, kind).locator(".nsewdrag").bounding_box()


def is_within(page: Page, kind: str, pixel: Sequence[float]) -> bool:
    """Whether a pixel of the screen is in the drawing area: a place that is not has only a sign at the edge."""
    area = area_of(page, kind)
    sides = (("x", "width"), ("y", "height"))
    return all(0 <= at - area[start] <= area[length] for at, (start, length) in zip(pixel, sides, strict=True))


def thumbnail(page: Page, kind: str) -> Locator:
    """The small image on a plane, beside the place that is looked at."""
    return board(page, kind).locator(".latent-plane-thumbnail")


def mark(page: Page, kind: str, selector: str) -> list[float]:
    """The middle of the only such mark over a plane, on the screen."""
    (found,) = marks(page, kind, selector)
    return found["middle"]


def marks(page: Page, kind: str, selector: str, *names: str) -> list[dict[str, Any]]:
    """All such marks over a plane: the `middle` of each on the screen, and these attributes."""
    return board(page, kind).evaluate(MARKS, [selector, names])


def expect_answer(page: Page, kind: str, code: Sequence[float]) -> None:
    """The server speaks of this code, and the URL holds it."""
    expect(heading(page)).to_have_text(f"{kind} at {code_text(rounded(code))}")
    expect(page.locator(".latent-plane")).to_have_attribute("aria-busy", "false")


def expect_picture(page: Page, kind: str, code: Sequence[float]) -> None:
    """The large image is that of this code, with three digits."""
    expect(picture(page, kind).locator("h3")).to_have_text(f"{kind} at {code_text([float(value) for value in code])}")


def stated_code(page: Page) -> list[float]:
    """The code that the URL holds."""
    return numbers_of(query(page)["z"])


def canvas_image(canvas: Locator) -> np.ndarray:
    """The pixels (H, W) of a canvas in grey, in [0, 1]."""
    height, width, values = canvas.evaluate(PIXELS)
    return np.reshape(values, (height, width)) / 255


def shown(page: Page, kind: str) -> np.ndarray:
    """The large image (H, W) of the AE or of the VAE."""
    return canvas_image(picture(page, kind).locator("canvas"))


def answer_image(page: Page, caption: str) -> np.ndarray:
    """The image (H, W) of the server's answer with this caption."""
    figure = page.locator(".hm-answer figure", has=page.locator("figcaption", has_text=re.compile(f"^{caption}$")))
    return source_image(figure.locator("img"))


def source_image(image: Locator) -> np.ndarray:
    """The pixels (H, W) of an image whose address holds it, in [0, 1]."""
    png = base64.b64decode(image.get_attribute("src").removeprefix("data:image/png;base64,"))
    return np.asarray(Image.open(io.BytesIO(png)).convert("L"), np.float64) / 255


def decoded(run: Run, code: Sequence[float]) -> np.ndarray:
    """What torch decodes at the code, (H, W)."""
    import torch

    with torch.inference_mode():
        return run.load_model().decode(torch.tensor(np.asarray([code]), dtype=torch.float32))[0, 0].numpy()


def assert_shows(page: Page, run: Run, code: Sequence[float]) -> None:
    """The large image of the run's kind is what torch decodes at the code."""
    kind = run.config.model.kind.upper()
    expect_picture(page, kind, code)
    assert np.abs(shown(page, kind) - decoded(run, code)).max() <= STEP


def linked(code: Sequence[float], here: Codes, there: Codes) -> np.ndarray:
    """The code at the same place in standard coordinates."""
    return there.unstandardise(here.standardise(np.asarray(code, float)))


def query(page: Page) -> dict[str, str]:
    """What stands in the URL, once it holds what the planes show."""
    expect(page.locator(".latent-plane[aria-busy=true]")).to_have_count(0)
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def numbers_of(text: str) -> list[float]:
    """Numbers separated by commas, as they stand in the URL."""
    return [float(value) for value in text.split(",")]


def lonely_point(codes: np.ndarray) -> int:
    """The code farthest from its nearest neighbour: a click on it can't hit another."""
    distances = np.linalg.norm(codes[:, None] - codes[None], axis=2) + np.eye(len(codes)) * 1e9
    return int(distances.min(1).argmax())


def ink_at(page: Page, kind: str, place: Sequence[float]) -> int:
    """How opaque the dots are at a place of the plane, from 0 to 255."""
    return plot(page, kind).evaluate(
        """(plot, [x, y]) => {
          const canvas = plot.parentElement.querySelector(".latent-plane-dots");
          const box = canvas.getBoundingClientRect();
          const at = [(x - box.left) * canvas.width / box.width, (y - box.top) * canvas.height / box.height];
          return canvas.getContext("2d").getImageData(...at.map(Math.floor), 1, 1).data[3];
        }""",
        pixel_of(page, kind, place),
    )
