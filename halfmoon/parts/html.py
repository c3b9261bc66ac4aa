"""What the server says of a code, and the row of its neighbours, as HTML with the images in it."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape

import numpy as np
from PIL import Image

from halfmoon.parts.palette import class_colour
from halfmoon.texts import text


@dataclass(frozen=True)
class Neighbour:
    """A test code beside the pinned one; `original` is None where the data set is not at hand, or not yet."""

    label: int
    name: str
    distance: float
    reconstruction: np.ndarray
    original: np.ndarray | None = None


def code_text(code: Sequence[float]) -> str:
    """A code as people write it: (0.512, −1.2), or a number alone; no more than three numbers of a long one."""
    numbers = [number(value, ".5g") for value in code[:3]]
    if len(code) == 1:
        return numbers[0]
    return f"({', '.join(numbers)}{', …' if len(code) > 3 else ''})"


def number(value: float, form: str) -> str:
    """A number in the `form` of a format specification, but without an exponent."""
    return f"{Decimal(f'{value:{form}}'):f}".replace("-", "−")


def answer(heading: str, figures: Sequence[tuple[np.ndarray, str, str]], lines: Sequence[str]) -> str:
    """What is known of a code: images (C, H, W), each with its alternative text and caption, and `lines` of HTML."""
    shown = "".join(_figure(*figure) for figure in figures)
    paragraphs = "".join(f"<p>{line}</p>" for line in lines)
    return (
        f'<section class="hm-answer"><h2>{escape(heading)}</h2>'
        f'<div class="hm-figures">{shown}</div><div class="hm-lines">{paragraphs}</div></section>'
    )


def neighbours_row(kind: str, neighbours: Sequence[Neighbour]) -> str:
    """The nearest test codes in a row: originals where they are at hand, reconstructions, classes, distances."""
    has_originals = all(neighbour.original is not None for neighbour in neighbours)
    explained = text("neighbours.with_originals" if has_originals else "neighbours.without_originals")
    items = "".join(_neighbour(kind, neighbour) for neighbour in neighbours)
    return (
        f'<section class="hm-neighbours"><h2>{escape(text("neighbours.heading", kind=kind))} '
        f"<small>{escape(explained)}</small></h2><ol>{items}</ol></section>"
    )


def class_mark(label: int, name: str) -> str:
    """The name of a class after a dot in its colour, as HTML."""
    colour = class_colour(label)
    return f'<i class="hm-dot" style="background:{colour}"></i>{escape(name)}'


def png_address(image: np.ndarray) -> str:
    """The address that holds an image (C, H, W), see `png`."""
    return f"data:image/png;base64,{base64.b64encode(png(image)).decode()}"


def png(image: np.ndarray) -> bytes:
    """An image (C, H, W) of floats in [0, 1] as a PNG of the same size, pixel for pixel."""
    pixels = np.rint(image * 255).clip(0, 255).astype(np.uint8).transpose(1, 2, 0)  # (C, H, W) -> (H, W, C)
    buffer = io.BytesIO()
    Image.fromarray(pixels.squeeze(2) if pixels.shape[2] == 1 else pixels).save(buffer, "PNG")
    return buffer.getvalue()


def _neighbour(kind: str, neighbour: Neighbour) -> str:
    images = _image(neighbour.reconstruction, text("answer.alt_reconstruction", kind=kind, name=neighbour.name))
    if neighbour.original is not None:
        images = _image(neighbour.original, text("answer.alt_original", name=neighbour.name)) + images
    return (
        f'<li><div class="hm-images">{images}</div><span>{class_mark(neighbour.label, neighbour.name)} '
        f"<small>{number(neighbour.distance, '#.2g')}</small></span></li>"
    )


def _figure(image: np.ndarray, alt: str, caption: str) -> str:
    return f"<figure>{_image(image, alt)}<figcaption>{escape(caption)}</figcaption></figure>"


def _image(image: np.ndarray, alt: str) -> str:
    return f'<img src="{png_address(image)}" alt="{escape(alt)}">'
