"""HTML: elements that escape their content, and the server's answer about a code with its images."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from PIL import Image

from halfmoon.parts.numbers import significant
from halfmoon.parts.palette import class_colour, run_colours
from halfmoon.parts.titles import titles_beside
from halfmoon.texts import text
from vae_core.comparison import Pair

VOID = {"img"}  # elements without an end
TERM = re.compile(r"\[([^\]]+)\]\((#term-[\w-]+)\)")  # of the glossary, as Markdown


class Html(str):
    """Text that is HTML; any other text is escaped when it becomes part of an element."""


def tag(name: str, *children: str, **attributes: str | None) -> Html:
    """The element with these children; `element` in components/shared/dom.js is its twin.

    An attribute that is a word of Python has an underscore at its end, others have one for each hyphen; one that is
    None is left out.
    """
    given = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items() if value is not None}
    opening = " ".join([name, *(f'{key}="{escape(value)}"' for key, value in given.items())])
    return Html(f"<{opening}>" if name in VOID else f"<{opening}>{joined(children)}</{name}>")


def joined(parts: Iterable[str]) -> Html:
    """The parts, one after the other."""
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts))


def marked_up(key: str, **values: str) -> Html:
    """The text of this key, with its own markup and its terms as links; the values are escaped."""
    escaped = {name: joined([value]) for name, value in values.items()}
    return Html(TERM.sub(_term, text(key)).format(**escaped))


def _term(found: re.Match[str]) -> Html:
    """A link that the frame unfolds where it stands; `withTerms` in components/shared/terms.js is its twin."""
    return tag("a", found[1], href=found[2])


def image(pixels: np.ndarray, alt: str) -> Html:
    """An image (C, H, W) with its alternative text."""
    return tag("img", src=png_address(pixels), alt=alt)


@dataclass(frozen=True)
class Neighbour:
    """A test code near the pinned one; `original` is None if the data set is not on this machine, or not read yet."""

    label: int
    name: str
    distance: float
    reconstruction: np.ndarray
    original: np.ndarray | None = None


def answer(heading: str, figures: Sequence[tuple[np.ndarray, str, str]], lines: Sequence[Html]) -> Html:
    """The answer about a code: images (C, H, W), each with its alternative text and caption, and lines below."""
    shown = [tag("figure", image(pixels, alt), tag("figcaption", caption)) for pixels, alt, caption in figures]
    paragraphs = [tag("p", line) for line in lines]
    return tag(
        "section",
        tag("h2", heading),
        tag("div", *shown, class_="hm-figures"),
        tag("div", *paragraphs, class_="hm-lines"),
        class_="hm-answer",
    )


def neighbours_row(kind: str, neighbours: Sequence[Neighbour]) -> Html:
    """The nearest test codes in a row: originals if available, reconstructions, classes, distances."""
    has_originals = all(neighbour.original is not None for neighbour in neighbours)
    explained = text("neighbours.with_originals" if has_originals else "neighbours.without_originals")
    heading = tag("h2", text("neighbours.heading", kind=kind), " ", tag("small", explained))
    items = [_neighbour(kind, neighbour) for neighbour in neighbours]
    return tag("section", heading, tag("ol", *items), class_="hm-neighbours")


def class_mark(label: int, name: str) -> Html:
    """The name of a class after a dot in its colour."""
    return joined([dot(class_colour(label)), name])


def kind_mark(colour: str, title: str) -> Html:
    """The title of a run after a square in its colour; `kindMark` in components/shared/dom.js is its twin."""
    return tag("span", title, class_="hm-kind", style=f"--hm-kind:{colour}")


def kind_marks(pair: Pair) -> list[Html]:
    """The title of each run in a comparison, in its colour."""
    colours = run_colours([run.config.model for run in pair.runs])
    return [kind_mark(colour, title) for colour, title in zip(colours, titles_beside(pair), strict=True)]


def dot(colour: str) -> Html:
    """A dot in this colour."""
    return tag("i", class_="hm-dot", style=f"background:{colour}")


def png_address(pixels: np.ndarray) -> str:
    """The data URL of an image (C, H, W), see `png`."""
    return f"data:image/png;base64,{base64.b64encode(png(pixels)).decode()}"


def png(image: np.ndarray) -> bytes:
    """An image (C, H, W) of floats in [0, 1] as a PNG of the same size, pixel for pixel."""
    pixels = np.rint(image * 255).clip(0, 255).astype(np.uint8).transpose(1, 2, 0)  # (C, H, W) -> (H, W, C)
    buffer = io.BytesIO()
    Image.fromarray(pixels.squeeze(2) if pixels.shape[2] == 1 else pixels).save(buffer, "PNG")
    return buffer.getvalue()


def _neighbour(kind: str, neighbour: Neighbour) -> Html:
    images = [image(neighbour.reconstruction, text("answer.alt_reconstruction", kind=kind, name=neighbour.name))]
    if neighbour.original is not None:
        images.insert(0, image(neighbour.original, text("answer.alt_original", name=neighbour.name)))
    distance = tag("small", significant(neighbour.distance, 2))
    words = tag("span", class_mark(neighbour.label, neighbour.name), " ", distance)
    return tag("li", tag("div", *images, class_="hm-images"), words)
