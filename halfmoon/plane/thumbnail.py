"""The thumbnail of a run's plane: its test codes as dots, coloured by class, without axes."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw

from halfmoon.parts.palette import class_colour
from halfmoon.server.run_cache import remembered_for_run
from vae_core.runs.run import Run

SIDE = 96  # pixels; shown at half of it
FINER = 2  # times as fine as it is drawn, so that dots are round
MAX_DOTS = 3000
RADIUS = 1.4
BULK = (1.0, 99.0)  # percentiles of the codes along each axis that fill the square


@remembered_for_run(maxsize=256)
def thumbnail(run: Run) -> bytes:
    """A PNG on a transparent ground: the first two dimensions of the codes, or a line of them as a band of dots."""
    codes = run.codes
    step = max(1, len(codes.mu) // MAX_DOTS)
    mu, labels = codes.mu[::step].astype(float), codes.labels[::step]
    up = mu[:, 1] if mu.shape[1] > 1 else np.random.default_rng(0).normal(size=len(mu))
    side = SIDE * FINER
    picture = Image.new("RGBA", (side, side))
    draw = ImageDraw.Draw(picture)
    reach = RADIUS * FINER
    for x, y, label in zip(_shares(mu[:, 0]) * side, (1 - _shares(up)) * side, labels, strict=True):
        draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=class_colour(int(label)))
    file = io.BytesIO()
    picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(file, "PNG", optimize=True)
    return file.getvalue()


def _shares(values: np.ndarray) -> np.ndarray:
    """Where values lie between the ends of their bulk, from 0 to 1; some are beyond."""
    low, high = np.percentile(values, BULK)
    margin = (high - low) * 0.06 or 1.0
    shares: np.ndarray = (values - low + margin) / (high - low + 2 * margin)
    return shares
