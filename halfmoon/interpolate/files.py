"""Downloads of walks: an animation, a strip, the numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from halfmoon.interpolate.choice import FRAMES, End, Walk
from halfmoon.interpolate.walks import EVERY, Row
from halfmoon.parts.downloads import data_slug, file_name
from vae_core.comparison import Pair
from vae_core.errors import needed

if TYPE_CHECKING:
    from vae_core.measures.walks import WalkMeasures

SIDE = 140  # pixels of an image in height, or a little less: it is enlarged by a whole number
GAP = 4  # pixels between images
MILLISECONDS = 70  # of one frame
LETTERS = 18  # pixels high


def name_of(pair: Pair, walk: Walk) -> str:
    """The name of the walk's files, without a suffix: halfmoon-mnist-0-to-9-geodesic."""
    start, end = (_end_name(pair, end) for end in walk.ends)
    return file_name(data_slug(pair), f"{start}-to-{end}", walk.path)


def gif(rows: Sequence[Row]) -> bytes:
    """An endless animation, forward and back, the rows side by side beneath their names."""
    there = [_under_names(sheet([[row.images[at] for row in rows]]), rows) for at in range(FRAMES)]
    first, *others = [*there, *there[-2:0:-1]]
    buffer = io.BytesIO()
    first.save(buffer, "GIF", save_all=True, append_images=others, duration=MILLISECONDS, loop=0)
    return buffer.getvalue()


def strip(rows: Sequence[Row]) -> bytes:
    """A PNG of every EVERYth frame, a line for each row after its name."""
    buffer = io.BytesIO()
    _after_names(sheet([list(row.images[::EVERY]) for row in rows]), rows).save(buffer, "PNG")
    return buffer.getvalue()


def numbers(rows: Sequence[Row], measures: Sequence[WalkMeasures] | None) -> str:
    """A CSV with a line for each frame of each row: its share of the path, the step that led there, the raw code.

    The measures, where there are any, are those of the whole row, the same in all of its lines.
    """
    latent_dim = needed(rows[0].codes).shape[1]
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    whole = ["length", "step_evenness", "path_distance"]
    writer.writerow(["row", "frame", "share", "step", *whole, *(f"z{dim}" for dim in range(latent_dim))])
    known: Sequence[WalkMeasures | None] = measures or [None] * len(rows)
    for row, measured in zip(rows, known, strict=True):
        name = "cross-dissolve" if row.run is None else row.run.name
        steps = ["", *(f"{step:.6g}" for step in row.steps)]
        of_row = ["" if value is None else f"{value:.6g}" for value in (row.length, *(measured or (None, None)))]
        codes = np.empty((FRAMES, 0)) if row.codes is None else row.codes
        for at, (step, code) in enumerate(zip(steps, codes, strict=True)):
            share = f"{at / (FRAMES - 1):g}"
            writer.writerow([name, at, share, step, *of_row, *(f"{value:.6g}" for value in code)])
    return buffer.getvalue()


def sheet(lines: Sequence[Sequence[np.ndarray]]) -> Image.Image:
    """Images (C, H, W) in [0, 1] in lines, enlarged pixel by pixel, with grey between them."""
    channels, height, width = lines[0][0].shape
    times = max(1, SIDE // height)
    pitch = np.array([height, width]) * times + GAP
    pixels = np.full((*(pitch * (len(lines), len(lines[0])) - GAP), channels), 128, np.uint8)
    for row, line in enumerate(lines):
        for column, image in enumerate(line):
            top, left = pitch * (row, column)
            large = np.rint(image * 255).clip(0, 255).astype(np.uint8).repeat(times, 1).repeat(times, 2)
            pixels[top : top + height * times, left : left + width * times] = large.transpose(1, 2, 0)
    return Image.fromarray(pixels.squeeze(2) if channels == 1 else pixels)


def _end_name(pair: Pair, end: End) -> str:
    run = pair.runs[-1]
    if end.point is not None:
        return str(run.config.training.data.class_names[run.codes.labels[end.point]])
    return "own" if end.image else "place"


def _names(rows: Sequence[Row]) -> list[str]:
    """What the rows are called in a picture, in the letters that its font has."""
    return ["cross-dissolve" if row.run is None else row.title for row in rows]


def _under_names(pictures: Image.Image, rows: Sequence[Row]) -> Image.Image:
    names, font = _names(rows), _font()
    page = _page(pictures, 0, 2 * LETTERS)
    draw, each = ImageDraw.Draw(page), (pictures.width + GAP) / len(names)
    for at, name in enumerate(names):
        draw.text((each * at + (each - GAP) / 2, LETTERS), name, fill="black", font=font, anchor="mm")
    return page


def _after_names(pictures: Image.Image, rows: Sequence[Row]) -> Image.Image:
    names, font = _names(rows), _font()
    margin = LETTERS + int(max(font.getlength(name) for name in names))
    page = _page(pictures, margin, 0)
    draw, each = ImageDraw.Draw(page), (pictures.height + GAP) / len(names)
    for at, name in enumerate(names):
        draw.text((0, each * at + (each - GAP) / 2), name, fill="black", font=font, anchor="lm")
    return page


def _page(pictures: Image.Image, left: int, top: int) -> Image.Image:
    """White ground with the pictures on it, and room to their left and above them."""
    page = Image.new(pictures.mode, (pictures.width + left, pictures.height + top), "white")
    page.paste(pictures, (left, top))
    return page


def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(LETTERS)
