"""What is met on a walk from image to image through the codes of each model of a pair, and in a cross-dissolve."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from halfmoon.interpolate.choice import End, Walk
from halfmoon.parts.titles import Pair, data_title, identity
from halfmoon.server import loaded, warmup
from halfmoon.texts import text
from vae_core.errors import DataError
from vae_core.runs.run import Run

if TYPE_CHECKING:
    from vae_core.codes.paths import Decode

FRAMES = 41  # of a walk, both ends included
EVERY = 4  # frames from one of the strip's eleven to the next


@dataclass(frozen=True)
class Row:
    """What is met on one way: `images` (FRAMES, C, H, W) and the sizes (FRAMES - 1,) of the steps between them.

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
    """What is met on the way of a settled walk through each model, and in a cross-dissolve, which needs none.

    Raises RunError where a run has gone.
    """
    met = [_through(run, walk) for run in pair.runs]
    return [*met, _dissolve(pair.runs[-1], walk, met[-1].images[[0, -1]])]


def _through(run: Run, walk: Walk) -> Row:
    ends = (end.standard(run) for end in (walk.start, walk.end))
    standard, length = _path(*identity(run), walk.path, *ends)
    raw = run.codes.unstandardise(standard)
    kind = run.config.model.kind
    images, steps, evenness = _measured(loaded.decode(run, raw))
    return Row(text(f"kind.{kind}"), text(f"kind.{kind}_long"), images, steps, evenness, length, run, raw)


def _dissolve(run: Run, walk: Walk, decoded: np.ndarray) -> Row:
    """From original to original, else between the images (2, C, H, W) that `run` draws at the ends."""
    warmup.ensure()
    import torch

    from vae_core.codes.paths import cross_dissolve

    kind = text(f"kind.{run.config.model.kind}")
    ends, note = decoded, text("interpolate.dissolve_decoded", kind=kind)
    if not walk.start.place and not walk.end.place:
        try:
            ends = np.concatenate([_original(run, end) for end in (walk.start, walk.end)])
            note = text("interpolate.dissolve_originals")
        except DataError:
            note = text("interpolate.not_at_hand", kind=kind, data=data_title(run.config.training.data))
    start, end = torch.from_numpy(ends)
    images, steps, evenness = _measured(cross_dissolve(start, end, FRAMES).numpy())
    return Row(text("interpolate.dissolve"), note, images, steps, evenness, float(steps.sum()))


def _original(run: Run, end: End) -> np.ndarray:
    """The image (1, C, H, W) that the end is, in [0, 1]. Raises DataError where the data set is not at hand."""
    return end.pixels(run).astype(np.float32) / 255 if end.image else loaded.originals(run, np.array([end.point]))


def _measured(images: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """The images as they are, the sizes of the steps between them, and how even these are."""
    import torch

    from vae_core.codes.paths import step_evenness, step_sizes

    steps = step_sizes(torch.from_numpy(images).flatten(1))
    return images, steps.numpy(), float(step_evenness(steps))


@lru_cache(maxsize=256)
def _path(
    folder: Path, stamp: str, name: str, start: tuple[float, ...], end: tuple[float, ...]
) -> tuple[np.ndarray, float]:
    """Standard coordinates (FRAMES, latent_dim) from start to end, and the length of the decoded way.

    Shared by all sessions, so never to be changed.
    """
    warmup.ensure()
    import torch

    from vae_core.codes import paths

    decode = _from_standard(Run.open(folder))
    first, last = torch.tensor(start), torch.tensor(end)
    if name == "geodesic":
        curve = paths.geodesic(decode, first, last)
        return curve.points(FRAMES).numpy(), curve.length
    path = paths.linear if name == "linear" else paths.spherical
    finely = paths.at_constant_speed(decode, path(first, last, paths.SEGMENTS + 1))
    return path(first, last, FRAMES).numpy(), finely.length


def _from_standard(run: Run) -> Decode:
    """The run's decoder, of codes in standard coordinates."""
    import torch

    model, codes = run.load_model(), run.codes
    mean, back = torch.tensor(codes.code_mean), torch.tensor(np.linalg.inv(codes.code_whitening))
    return lambda standard: model.decode(standard @ back + mean)
