"""An image of one's own as an end of a walk, in a real browser: drawn or from a file, and files of no use."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps
from playwright.sync_api import Locator, Page, expect

from halfmoon.interpolate.choice import End, asked_for
from halfmoon.parts.html import png_address
from tests.browser.planes import drag, query
from tests.core.drawn import like_mnist, saved, seven
from vae_core.comparison import Pair
from vae_core.configs import PHASE_ONLY
from vae_core.data.pictures import ORIENTATION
from vae_core.moons.drawing import true_moons
from vae_core.runs.run import Run

PIXELS = """canvas => Array.from(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data)
  .filter((_, at) => at % 4 === 0)"""


def open_maker(page: Page, query: str) -> None:
    """The page with this walk, and what its first end can be made with."""
    page.goto(f"/interpolate?{query}")
    expect(page.get_by_text("What the shortest path is not")).to_be_visible()  # the last that the page says
    page.get_by_role("button", name="Your own A").click()
    expect(preview(page)).to_be_visible()


def preview(page: Page) -> Locator:
    return page.get_by_role("img", name="What the models get")


def done(page: Page) -> Locator:
    return page.get_by_role("button", name="Walk with this")


def give(page: Page, content: bytes, name: str = "picture.png") -> None:
    page.get_by_label("Choose a picture file").set_input_files(
        {"name": name, "mimeType": "image/png", "buffer": content}
    )


def previewed(page: Page, name: str = "picture.png") -> np.ndarray:
    """What the models get of the file of that name, bytes (side, side)."""
    expect(page.locator(".own-image-words")).to_contain_text(name)
    pixels = preview(page).evaluate(PIXELS)
    return np.array(pixels, np.uint8).reshape(round(len(pixels) ** 0.5), -1)


def walked_from(page: Page, run: Run) -> np.ndarray:
    """The image that the URL holds as the first end."""
    expect(page).to_have_url(re.compile("a=image"))
    walk, warnings = asked_for(Pair((run,)), "", query(page))
    assert not warnings
    return walk.start.pixels(run)[0, 0]


def test_an_image_that_is_as_mnist_s_are_is_taken_as_it_is_and_the_link_holds_it(page: Page, stand_ins: Path) -> None:
    run, image = Run.open(stand_ins / "small-mnist-vae"), like_mnist()
    open_maker(page, "run=small-mnist-vae&b=8")
    expect(done(page)).to_be_disabled()
    give(page, saved(Image.fromarray(image)))
    np.testing.assert_array_equal(previewed(page), image)
    done(page).click()
    np.testing.assert_array_equal(walked_from(page, run), image)
    expect(page.get_by_text("From A, your own image, to B, test image no. 8")).to_be_visible()
    expect(preview(page)).to_have_count(0)  # it closes by itself
    page.reload()
    expect(page.get_by_text("From A, your own image, to B, test image no. 8")).to_be_visible()


def test_what_is_done_to_a_picture_is_said_beside_its_name(page: Page) -> None:
    dark = Image.fromarray(255 - like_mnist())
    exif = Image.Exif()
    exif[ORIENTATION] = 3
    frames = {"save_all": True, "append_images": [ImageOps.mirror(dark)] * 2}
    open_maker(page, "run=small-mnist-vae&b=8")
    give(page, saved(dark.transpose(Image.Transpose.ROTATE_180), "PNG", exif=exif, **frames), "three.png")
    np.testing.assert_array_equal(previewed(page, "three.png"), like_mnist())
    said = "three.png; turned upright; dark on light, so inverted; the first of 3 pictures in it"
    expect(page.locator(".own-image-words")).to_have_text(said)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"no picture", "This file is not a picture that can be read; try a PNG or a JPEG."),
        (saved(Image.new("RGB", (50, 50), "white"))[:-30], "This file is not a picture"),
        (saved(Image.new("RGB", (50, 50), "white")), "This picture has one colour all over"),
    ],
    ids=["text", "torn", "blank"],
)
def test_a_file_that_is_of_no_use_is_one_sentence(page: Page, content: bytes, sentence: str) -> None:
    open_maker(page, "run=small-mnist-vae&b=8")
    give(page, content)
    expect(page.locator(".own-image-words")).to_contain_text(sentence)
    expect(done(page)).to_be_disabled()
    give(page, saved(seven("white", Image.new("L", (60, 80)))))
    expect(done(page)).to_be_enabled()


def test_a_file_that_is_too_large_is_not_read(page: Page, tmp_path: Path) -> None:
    open_maker(page, "run=small-mnist-vae&b=8")
    with (tmp_path / "large.png").open("wb") as file:
        file.truncate(20 * 2**20 + 1)
    page.get_by_label("Choose a picture file").set_input_files(tmp_path / "large.png")
    expect(page.locator(".own-image-words")).to_have_text("This file is larger than 20 MB; choose a smaller one.")
    expect(done(page)).to_be_disabled()


def test_what_is_drawn_is_walked_from_by_both_models_and_the_cross_dissolve(page: Page, stand_ins: Path) -> None:
    open_maker(page, "run=small-digits-vae&b=8")
    area = page.get_by_role("img", name="Draw a digit").bounding_box()
    drag(page, *([area["x"] + x * area["width"], area["y"] + y * area["height"]] for x, y in [(0.5, 0.1), (0.5, 0.9)]))
    expect(done(page)).to_be_enabled()
    done(page).click()
    image = walked_from(page, Run.open(stand_ins / "small-digits-vae"))
    assert image[:, 3:5].sum() > 0.9 * image.sum()  # an upright stroke
    first = page.get_by_role("region", name="Cross-dissolve").locator(".film-strip img").first
    expect(page.get_by_text("From A, your own image")).to_be_visible()
    expect(first).to_have_attribute("src", png_address(image[None] / 255))


def test_a_moon_is_fitted_in_as_it_is_for_moons_are_neither_scaled_nor_centred(page: Page, stand_ins: Path) -> None:
    moon = np.rint(255 * true_moons(np.array([0.3]), PHASE_ONLY)[0, 0]).astype(np.uint8)
    open_maker(page, "run=small-line-vae&b=8")
    expect(page.get_by_role("img", name="Draw a digit")).to_have_count(0)
    give(page, saved(Image.fromarray(moon)))
    np.testing.assert_array_equal(previewed(page), moon)
    give(page, saved(Image.fromarray(moon.repeat(3, 0).repeat(3, 1)).crop((0, 0, 84, 78))), "wide.png")
    wide = previewed(page, "wide.png")
    np.testing.assert_array_equal(wide[1:-1], moon[:26])
    assert wide[[0, -1]].max() == 0
    done(page).click()
    np.testing.assert_array_equal(walked_from(page, Run.open(stand_ins / "small-line-vae")), wide)
    assert End(image=wide.tobytes()).query() == query(page)["a"]
