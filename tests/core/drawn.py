"""Digits drawn with Pillow, as MNIST's are and as people have them."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw

from vae_core.data.ink import centre_of_mass


def seven(ink: int | str | tuple[int, ...], paper: Image.Image) -> Image.Image:
    """A seven in this ink on the paper."""
    width, height = paper.size
    places = [(0.25 * width, 0.2 * height), (0.7 * width, 0.2 * height), (0.45 * width, 0.8 * height)]
    ImageDraw.Draw(paper).line(places, fill=ink, width=round(0.08 * width), joint="curve")
    return paper


def like_mnist() -> np.ndarray:
    """A seven (28, 28) that is as MNIST's are: 20 high, its mass in the middle, all its ink to be seen."""
    drawn = seven("white", Image.new("L", (400, 620)))
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 8:20] = np.asarray(drawn.crop(drawn.getbbox()).resize((12, 20)))
    image[image < 16] = 0
    return np.roll(image, np.floor(15 - centre_of_mass(image)).astype(int), (0, 1))


def saved(picture: Image.Image, form: str = "PNG", **options: object) -> bytes:
    """The file of a picture."""
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()
