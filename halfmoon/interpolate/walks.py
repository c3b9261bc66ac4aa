"""The images of a walk: decoded along a path through each model's codes, and cross-dissolved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from halfmoon.interpolate.choice import FRAMES, End, Walk
from halfmoon.parts.titles import data_title, kind_title, long_kind_title
from halfmoon.server import interpolation, loaded
from halfmoon.texts import text
from vae_core.comparison import Pair
from vae_core.errors import DataError
from vae_core.runs.run import Run

EVERY = 4  # frames from one of the strip's eleven to the next


@dataclass(frozen=True)
class Row:
    """The images (FRAMES, C, H, W) of one path, and the sizes (FRAMES - 1,) of the steps between them.

    `evenness` of the steps is NaN where nothing moves. `length` is that of the whole way, also of what the image does
    between two frames: never less than the steps together. `codes` (FRAMES, latent_dim) are raw ones of `run`; a
    cross-dissolve has neither.
    """

    title: str
    note: str
    images: np.ndarray
    steps: np.ndarray
    evenness: float
    length: float
    run: Run | None = None
    codes: np.ndarray | None = None


def rows(pair: Pair, walk: Walk) -> list[Row]:
    """The images of a settled walk through each model, and of a cross-dissolve, which needs none.

    Raises RunError where a run has gone.
    """
    met = [_through(run, walk) for run in pair.runs]
    return [*met, _dissolve(pair.runs[-1], walk, met[-1].images[[0, -1]])]


def _through(run: Run, walk: Walk) -> Row:
    start, end = (end.standard(run) for end in walk.ends)
    standard, length = interpolation.path(run, walk.path, start, end, FRAMES)
    raw = run.codes.unstandardise(standard)
    images = loaded.decode(run, raw)
    steps = interpolation.steps_between(images)
    return Row(kind_title(run.config.model), long_kind_title(run.config.model), images, *steps, length, run, raw)


def _dissolve(run: Run, walk: Walk, decoded: np.ndarray) -> Row:
    """From original to original, else between the images (2, C, H, W) that `run` draws at the ends."""
    kind = kind_title(run.config.model)
    ends, note = decoded, text("interpolate.dissolve_decoded", kind=kind)
    if not any(end.place for end in walk.ends):
        try:
            ends = np.concatenate([_original(run, end) for end in walk.ends])
            note = text("interpolate.dissolve_originals")
        except DataError:
            note = text("interpolate.not_at_hand", kind=kind, data=data_title(run.config.training.data))
    images = interpolation.cross_dissolve(ends, FRAMES)
    steps = interpolation.steps_between(images)
    return Row(text("interpolate.dissolve"), note, images, *steps, length=float(steps.sizes.sum()))


def _original(run: Run, end: End) -> np.ndarray:
    """The original image (1, C, H, W) of the end, in [0, 1]. Raises DataError if the data set is missing."""
    return end.pixels(run).astype(np.float32) / 255 if end.image else loaded.originals(run, np.array([end.point]))
