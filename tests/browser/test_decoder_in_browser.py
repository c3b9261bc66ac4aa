"""The modules that decode and draw in the browser: decoders as torch's, tiles where they lie, drawings as MNIST's."""

from __future__ import annotations

import base64
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Page
from safetensors.torch import save
from torch import Tensor, nn

from halfmoon.plane.routes import atlas_path, decoder_path
from tests.app.standins import ODD_NAME
from vae_core.configs import Activation, NetworkConfig
from vae_core.data.datasets import ImageSet
from vae_core.data.ink import in_box
from vae_core.models import networks
from vae_core.runs.run import Run

# Widths seen from the image, dimensions of the code, shape of the image.
FORMS = [((), 2, (1, 4, 4)), ((7,), 1, (1, 5, 3)), ((24, 12), 10, (3, 4, 4)), ((512, 256, 128), 2, (1, 28, 28))]

DECODE = """async ({ file, codes, byHand }) => {
  if (byHand) globalThis.Float16Array = undefined;
  const { fetchDecoder } = await import("/components/shared/decoder.js");
  const decoder = await fetchDecoder(`data:application/octet-stream;base64,${file}`);
  return { shape: decoder.shape, images: codes.map((code) => Array.from(decoder.decode(code))) };
}"""
NORMALISE = """async ({ ink, width, height, side, box }) => {
  const { normalise } = await import("/components/shared/pad.js");
  const image = normalise(Uint8Array.from(ink), width, height, side, box);
  return image && Array.from(image);
}"""
# The pad on the page, and all that it has reported.
MOUNT_PAD = """async () => {
  const { Pad } = await import("/components/shared/pad.js");
  window.reports = [];
  const texts = { title: "Draw", clear: "Clear", hint: "With the mouse" };
  const onDrawing = (pixels) => window.reports.push(pixels && Array.from(pixels));
  window.pad = new Pad({ side: 28, box: 20, texts, onDrawing });
  document.body.replaceChildren(window.pad.element);
}"""


@pytest.fixture
def modules(page: Page) -> Page:
    """A page of the server that can import its modules, has nothing else on it, and may fetch what a test makes up."""
    page.route("**/bare", lambda route: route.fulfill(content_type="text/html", body="<!doctype html>"))
    page.goto("/bare")
    return page


def in_browser(page: Page, decoder: nn.Module, codes: Tensor, by_hand: bool = False, **described: str) -> np.ndarray:
    """What the browser decodes at each code, (B, pixels), from the weights of the dense layers of `decoder`."""
    layers = [layer for layer in decoder if isinstance(layer, nn.Linear)]
    tensors = {f"{at}.{name}": tensor for at, layer in enumerate(layers) for name, tensor in layer.state_dict().items()}
    file = base64.b64encode(save(tensors, described)).decode()
    given = page.evaluate(DECODE, {"file": file, "codes": codes.tolist(), "byHand": by_hand})
    assert given["shape"] == [int(side) for side in described["image_shape"].split(",")]
    return np.array(given["images"])


def random_decoder(activation: str, widths: tuple[int, ...], latent_dim: int, shape: tuple[int, int, int]) -> nn.Module:
    """A decoder of that form whose units are driven far into both sides of their activation."""
    torch.manual_seed(len(widths) + latent_dim)
    config = NetworkConfig(widths=widths, activation=activation)
    decoder = networks.decoder(config, shape, latent_dim).requires_grad_(False)
    for parameter in decoder.parameters():
        parameter *= 2
    return decoder


@pytest.mark.parametrize("activation", get_args(Activation))
@pytest.mark.parametrize("output", ["sigmoid", "identity"])
def test_the_browser_decodes_what_torch_decodes(modules: Page, activation: str, output: str) -> None:
    for widths, latent_dim, shape in FORMS:
        decoder = random_decoder(activation, widths, latent_dim, shape)
        codes = 3 * torch.randn(20, latent_dim)
        raw = decoder(codes).flatten(1)
        expected = (torch.sigmoid(raw) if output == "sigmoid" else raw).numpy()
        described = {"activation": activation, "output": output, "image_shape": ",".join(map(str, shape))}
        images = in_browser(modules, decoder, codes, **described)
        np.testing.assert_allclose(images, expected, rtol=1e-5, atol=1e-5, err_msg=str(widths))


def test_a_run_of_the_server_is_decoded_as_torch_does(modules: Page, stand_ins: Path) -> None:
    for name in ("small-digits-ae", "small-line-vae", "small-ten-vae", ODD_NAME):
        run = Run.open(stand_ins / name)
        codes = torch.randn(10, run.config.model.latent_dim)
        script = """async ({ url, codes }) => {
          const { fetchDecoder } = await import("/components/shared/decoder.js");
          const decoder = await fetchDecoder(url);
          return codes.map((code) => Array.from(decoder.decode(code)));
        }"""
        images = modules.evaluate(script, {"url": f"/{decoder_path(run)}", "codes": codes.tolist()})
        np.testing.assert_allclose(images, run.load_model().decode(codes).flatten(1), atol=1e-5, err_msg=name)


def test_a_decoder_that_is_not_there_says_so(modules: Page) -> None:
    script = """async () => {
      const { fetchDecoder } = await import("/components/shared/decoder.js");
      return fetchDecoder("/decoder/gone").catch((error) => error.message);
    }"""
    assert modules.evaluate(script) == "/decoder/gone: There is no such run."


@pytest.mark.parametrize("by_hand", [False, True])
def test_weights_in_float16_are_unpacked_exactly(modules: Page, by_hand: bool) -> None:
    decoder = random_decoder("silu", (256, 128), 2, (1, 28, 28)).half()
    codes = torch.randn(10, 2)
    described = {"activation": "silu", "output": "identity", "image_shape": "1,28,28"}
    images = in_browser(modules, decoder, codes, by_hand, **described)
    np.testing.assert_allclose(images, decoder.float()(codes).flatten(1), rtol=1e-4, atol=1e-4 * np.abs(images).max())
    bits = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    finite = torch.from_numpy(bits[np.isfinite(bits)])
    alone = nn.Sequential(nn.Linear(1, len(finite), dtype=torch.float16)).requires_grad_(False)
    alone[0].bias.copy_(finite)  # every number that there is
    given = in_browser(modules, alone, torch.zeros(1, 1), by_hand, **described)
    np.testing.assert_array_equal(given[0], finite.float())


def test_a_decoder_keeps_one_buffer_and_takes_about_a_millisecond(modules: Page) -> None:
    measure = """async () => {
      const { MlpDecoder } = await import("/components/shared/decoder.js");
      const widths = [2, 128, 256, 512, 784];
      const layers = widths.slice(1).map((width, at) => ({
        weight: new Float32Array(width * widths[at]).fill(0.01), bias: new Float32Array(width)
      }));
      const decoder = new MlpDecoder({ layers, activation: "silu", output: "sigmoid", shape: [1, 28, 28] });
      const first = decoder.decode([0, 0]);
      const times = Array.from({ length: 300 }, (_, at) => {
        const start = performance.now();
        if (decoder.decode([at / 300, 1]) !== first) throw new Error("another buffer");
        return performance.now() - start;
      });
      return times.slice(100).sort((one, other) => one - other)[100];
    }"""
    assert modules.evaluate(measure) < 5  # 0.5 on a quiet machine


def atlas_page(page: Page) -> list[str]:
    """A page with an atlas over a plane whose tiles state their own numbers; the addresses it asks, as they come."""
    asked: list[str] = []

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        values = dict(part.split("=") for part in route.request.url.split("&")[1:])
        count = int(values["columns"]) * int(values["rows"])
        level = len(asked)
        route.fulfill(body=bytes(value for at in range(count) for value in (level, at % 256)))

    page.route("**/atlas/**", answer)
    page.evaluate("""async () => {
      const { Atlas } = await import("/components/latent_plane/atlas.js");
      window.changes = 0;
      const toCode = ([x, y]) => [x, 2 * y, 7];
      const onChange = () => { window.changes += 1; };
      window.atlas = new Atlas({ base: "", path: "atlas/run?at=1", shape: [1, 1, 2], toCode, onChange,
        maxTiles: 4096, maxBytes: 2 ** 24 });
    }""")
    return asked


def tile_at(page: Page, place: list[float]) -> list[int] | None:
    """The two bytes of the tile that is shown at a place."""
    script = "place => { const image = atlas.decode(null, place); return image && Array.from(image); }"
    image = page.evaluate(script, place)
    return image and [round(value * 255) for value in image]


def test_an_atlas_is_coarse_at_once_and_then_finer_and_keeps_the_whole_plane(modules: Page) -> None:
    asked = atlas_page(modules)
    assert tile_at(modules, [0, 0]) is None
    modules.evaluate("atlas.lookAt({ x: [-2, 2], y: [0, 4] })")
    assert len(asked) == 2 and modules.evaluate("changes") == 2
    assert asked[0].endswith("atlas/run?at=1&origin=-2,0,7&u=4,0,0&v=0,8,0&columns=16&rows=16")
    assert asked[1].endswith("&columns=64&rows=64")
    assert tile_at(modules, [-2, 0]) == [2, 0]
    assert tile_at(modules, [-1.9, 0]) == [2, 1]
    assert tile_at(modules, [-2 + 4 * 2.5 / 64, 4 * 3.5 / 64]) == [2, (3 * 64 + 2) % 256]
    assert tile_at(modules, [2, 4]) == [2, 255]
    modules.evaluate("atlas.lookAt({ x: [0, 1], y: [0, 0.5] })")
    assert len(asked) == 4
    assert tile_at(modules, [0.5, 0.25])[0] == 4
    assert tile_at(modules, [-1, 3])[0] == 2
    assert tile_at(modules, [-9, 3]) == tile_at(modules, [-2, 3])
    modules.evaluate("atlas.lookAt({ x: [-2, 2], y: [0, 4] })")
    assert len(asked) == 4  # it is there


def test_an_atlas_of_the_server_has_what_torch_decodes_at_the_centres_of_its_tiles(
    modules: Page, stand_ins: Path
) -> None:
    run = Run.open(stand_ins / "small-ten-vae")
    script = """async ({ path, places }) => {
      const { Atlas } = await import("/components/latent_plane/atlas.js");
      const toCode = ([x, y]) => [x, y, x + y, 1, 0, 0, 0, 0, 0, 2];
      const atlas = new Atlas({ base: "", path, shape: [1, 8, 8], toCode, onChange: () => {},
        maxTiles: 4096, maxBytes: 2 ** 24 });
      await atlas.lookAt({ x: [-1, 1], y: [0, 2] });
      return places.map((place) => Array.from(atlas.decode(null, place)));
    }"""
    places = [((2 * column + 1) / 64 - 1, (2 * row + 1) / 64) for column, row in ((0, 0), (63, 0), (17, 40), (5, 63))]
    images = modules.evaluate(script, {"path": atlas_path(run), "places": places})
    codes = torch.tensor([[x, y, x + y, 1, 0, 0, 0, 0, 0, 2] for x, y in places])
    np.testing.assert_allclose(images, run.load_model().decode(codes).flatten(1), atol=0.501 / 255)


def test_an_atlas_of_a_line_is_one_row(modules: Page) -> None:
    asked = atlas_page(modules)
    modules.evaluate("() => { atlas.toCode = ([x]) => [3 * x]; }")
    modules.evaluate("atlas.lookAt({ x: [0, 2] })")
    assert asked[0].endswith("&origin=0&u=6&v=0&columns=256&rows=1")
    assert tile_at(modules, [2 * 5.5 / 1024]) == [2, 5]


def test_an_atlas_that_could_not_be_had_is_asked_for_again(modules: Page) -> None:
    atlas_page(modules)
    modules.route("**/atlas/**", lambda route: route.fulfill(status=404, body="Gone."))
    modules.evaluate("atlas.lookAt({ x: [0, 1], y: [0, 1] })")
    assert tile_at(modules, [0, 0]) is None and modules.evaluate("changes") == 0
    modules.unroute("**/atlas/**")
    atlas_page(modules)
    modules.evaluate("atlas.lookAt({ x: [0, 1], y: [0, 1] })")
    assert tile_at(modules, [0, 0]) is not None


def test_a_view_that_is_left_behind_is_not_waited_for(modules: Page) -> None:
    asked = atlas_page(modules)
    modules.evaluate("""Promise.all([0, 1, 2].map((start) => atlas.lookAt({ x: [start, start + 1], y: [0, 1] })))""")
    assert modules.evaluate("changes") == 2
    assert tile_at(modules, [2.5, 0.5])[0] == len(asked)


def normalised(page: Page, ink: np.ndarray, side: int = 28, box: int = 20) -> np.ndarray | None:
    """What `normalise` makes of ink (height, width), bytes: an image (side, side)."""
    height, width = ink.shape
    given = page.evaluate(
        NORMALISE, {"ink": ink.flatten().tolist(), "width": width, "height": height, "side": side, "box": box}
    )
    return None if given is None else np.array(given, np.uint8).reshape(side, side)


def drawing(points: list[tuple[float, float]], pen: float, size: int = 200) -> np.ndarray:
    """Ink (size, size) where a round pen has followed the points (x, y), anti-aliased."""
    y, x = np.mgrid[:size, :size] + 0.5
    distance = np.full((size, size), np.inf)
    for (x0, y0), (x1, y1) in pairwise(points):
        length = max((x1 - x0) ** 2 + (y1 - y0) ** 2, 1e-9)
        along = np.clip(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length, 0, 1)
        distance = np.minimum(distance, np.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0)))
    return np.rint(255 * np.clip(pen / 2 + 0.5 - distance, 0, 1)).astype(np.uint8)


def extent(image: np.ndarray) -> tuple[int, int]:
    """How many columns and rows the ink takes."""
    rows, columns = np.nonzero(image)
    return int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1


def centre_of_mass(image: np.ndarray) -> np.ndarray:
    """Column and row."""
    image = image.astype(float)
    return np.array([image.sum(axis) @ np.arange(len(image)) for axis in (0, 1)]) / image.sum()


SEVEN = [(20, 20), (64, 22), (40, 110)]


def test_an_empty_pad_is_no_image(modules: Page) -> None:
    assert normalised(modules, np.zeros((50, 50), np.uint8)) is None


DRAWINGS = {
    "seven": drawing(SEVEN, 10),
    "dot": drawing([(100, 100), (100, 100)], 14),
    "edge": drawing([(5, 195), (195, 195)], 8),
    "line": drawing([(100, 3), (100, 197)], 3),
    "pixel": np.pad(np.full((1, 1), 255, np.uint8), ((0, 99), (99, 0))),
    "faint": np.pad(np.full((30, 3), 1, np.uint8), ((20, 50), (30, 67))),
    "full": np.full((40, 90), 255, np.uint8),
    "lopsided": np.maximum(drawing([(170, 170), (170, 170)], 50), drawing([(5, 5), (170, 170)], 3)),
    "noise": np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8),
}


@pytest.mark.parametrize("side, box", [(28, 20), (8, 6)])
def test_whatever_is_drawn_lies_in_the_box_with_its_mass_in_the_middle(modules: Page, side: int, box: int) -> None:
    for name, ink in DRAWINGS.items():
        image = normalised(modules, ink, side, box)
        assert max(extent(image)) <= box, name
        assert np.abs(centre_of_mass(image) - side / 2).max() <= 0.5 + 0.02, name  # grey levels are rounded
        assert image.max() > 0, name


@pytest.mark.parametrize("side, box", [(28, 20), (8, 6)])
def test_a_drawing_is_made_an_image_as_a_picture_from_a_file_is(modules: Page, side: int, box: int) -> None:
    for name, drawn in DRAWINGS.items():
        image, other = normalised(modules, drawn, side, box).astype(int), in_box(drawn, side, box)
        # Either of two pixels with the mass between them may be the middle; halves are rounded up, or to even.
        moved = (np.roll(other, (down, right), (0, 1)) for down in (0, 1, -1) for right in (0, 1, -1))
        assert min(np.abs(image - each).max() for each in moved) <= 1, name


def test_a_digit_of_mnist_is_itself_when_it_is_normalised(modules: Page, mnist: ImageSet) -> None:
    digits = mnist.images[:40, 0].numpy()
    same = [np.array_equal(normalised(modules, digit), digit) for digit in digits]
    assert np.mean(same) > 0.9  # of some the longer side is 19, or the mass between two pixels


def test_a_drawing_is_as_large_as_the_digits_of_mnist(modules: Page) -> None:
    image = normalised(modules, drawing(SEVEN, 10))
    assert max(extent(image)) == 20
    height, width = 100, 54  # of the drawing, with its pen
    assert abs(extent(image)[0] - 20 * width / height) <= 1
    assert image.max() == 255


def test_a_drawing_with_its_mass_at_one_end_keeps_its_other_end(modules: Page) -> None:
    ink = DRAWINGS["lopsided"]
    image = normalised(modules, ink)
    columns, rows = extent(image)
    assert columns == rows < 20
    small = Image.fromarray(ink[ink.any(1)][:, ink.any(0)]).resize((columns, rows), Image.Resampling.BOX)
    top, left = (indices.min() for indices in np.nonzero(image))
    difference = np.asarray(small, int) - image[top : top + rows, left : left + columns]
    assert np.abs(difference).mean() < 5


@pytest.mark.parametrize("factor, across, down", [(1, 37, 0), (1, 100, 63), (1.6, 0, 0), (1.5, 30, 20), (0.5, 80, 90)])
def test_it_does_not_matter_where_and_how_large_one_draws(
    modules: Page, factor: float, across: float, down: float
) -> None:
    first = normalised(modules, drawing(SEVEN, 10)).astype(int)
    moved = [(factor * x + across, factor * y + down) for x, y in SEVEN]
    other = normalised(modules, drawing(moved, factor * 10)).astype(int)
    assert np.abs(first - other).mean() < (0.01 if factor == 1 else 2.5)


def test_the_pad_reports_what_is_drawn_once_a_frame_and_null_when_it_is_cleared(modules: Page) -> None:
    modules.evaluate(MOUNT_PAD)
    area = modules.locator("canvas").bounding_box()
    x, y, width = area["x"], area["y"], area["width"]
    modules.mouse.move(x + 0.3 * width, y + 0.3 * width)
    assert modules.evaluate("reports.length") == 0
    modules.mouse.down()
    modules.mouse.move(x + 0.3 * width, y + 0.8 * width, steps=20)
    modules.mouse.up()
    modules.wait_for_function("() => reports.length > 0 && pad.frame === null")
    count = modules.evaluate("reports.length")
    image = np.array(modules.evaluate("reports.at(-1)"), np.uint8).reshape(28, 28)
    assert extent(image)[1] == 20 and extent(image)[0] < 6  # an upright line
    modules.mouse.move(x + 0.7 * width, y + 0.3 * width)  # the pen is up
    modules.get_by_role("button", name="Clear").click()
    assert modules.evaluate("reports.length") == count + 1
    assert modules.evaluate("reports.at(-1)") is None
    assert not modules.evaluate("pad.ink().some(Boolean)")

    # A press and many moves within one frame are one report, and a clearing takes back what has not been reported.
    burst = """async (clears) => {
      window.reports = [];
      const { left, top, width } = pad.canvas.getBoundingClientRect();
      pad.canvas.setPointerCapture = () => {};
      const send = (type, at) => pad.canvas.dispatchEvent(new PointerEvent(type, {
        pointerId: 5, button: 0, clientX: left + at * width, clientY: top + at * width
      }));
      await new Promise(requestAnimationFrame);
      send("pointerdown", 0.2);
      for (let at = 0; at < 50; at++) send("pointermove", 0.2 + at / 100);
      send("pointerup", 0.7);
      if (clears) pad.clear();
      for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
      return reports.map((report) => report !== null);
    }"""
    assert modules.evaluate(burst, False) == [True]
    assert modules.evaluate(burst, True) == [False]
