"""Downloads of walks: an animation, a strip, the numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from halfmoon.interpolate.walks import EVERY, FRAMES, Row
from vae_core.errors import needed

if TYPE_CHECKING:
    from vae_core.measures.walks import WalkMeasures

SIDE = 140  # pixels of an image in height, or a little less: it is enlarged by a whole number
GAP = 4  # pixels between images
MILLISECONDS = 70  # of one frame


def gif(rows: Sequence[Row]) -> bytes:
    """An endless animation, forward and back, the rows side by side."""
    there = [sheet([[row.images[at] for row in rows]]) for at in range(FRAMES)]
    first, *others = [*there, *there[-2:0:-1]]
    buffer = io.BytesIO()
    first.save(buffer, "GIF", save_all=True, append_images=others, duration=MILLISECONDS, loop=0)
    return buffer.getvalue()


def strip(rows: Sequence[Row]) -> bytes:
    """A PNG of every EVERYth frame, a line for each row."""
    buffer = io.BytesIO()
    sheet([list(row.images[::EVERY]) for row in rows]).save(buffer, "PNG")
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
