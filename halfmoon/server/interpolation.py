"""Interpolation with torch: paths through codes, cross-dissolves, and their measures.

Like `loaded`, every function waits until torch is imported, and what it returns is shared by all sessions.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from halfmoon.server import loaded, warmup
from halfmoon.server.run_cache import remembered_for_run
from vae_core.configs import DataConfig
from vae_core.runs.run import Run

if TYPE_CHECKING:
    from vae_core.codes.jacobian import Decode
    from vae_core.measures.rulers import Ruler
    from vae_core.measures.walks import WalkMeasures

PathName = Literal["linear", "spherical", "geodesic"]


class Steps(NamedTuple):
    """The sizes (N − 1,) of the steps between N images, and their evenness: NaN if nothing moves."""

    sizes: np.ndarray
    evenness: float


class _Gauge(NamedTuple):
    """The measure of walks through a data set; `level` is None without its images, `ruler` if there is none."""

    ruler: Ruler | None
    level: float | None


@remembered_for_run(maxsize=256)
def path(
    run: Run, name: PathName, start: tuple[float, ...], end: tuple[float, ...], count: int
) -> tuple[np.ndarray, float]:
    """Standard coordinates (count, latent_dim) from start to end, and the length of the decoded path."""
    decode = _from_standard(run)
    import torch

    from vae_core.codes import paths
    from vae_core.codes.geodesic import SEGMENTS, at_constant_speed, geodesic

    first, last = torch.tensor(start), torch.tensor(end)
    if name == "geodesic":
        curve = geodesic(decode, first, last)
        return curve.points(count).numpy(), curve.length
    through = paths.linear if name == "linear" else paths.spherical
    finely = at_constant_speed(decode, through(first, last, SEGMENTS + 1))
    return through(first, last, count).numpy(), finely.length


def cross_dissolve(ends: np.ndarray, count: int) -> np.ndarray:
    """Images (count, C, H, W) of which the first of two (2, C, H, W) fades into the second."""
    warmup.ensure()
    import torch

    from vae_core.codes import paths

    start, end = torch.from_numpy(ends)
    return paths.cross_dissolve(start, end, count).numpy()


def steps_between(images: np.ndarray) -> Steps:
    """The steps from each of images (N, C, H, W) to the next, L2 over pixels."""
    warmup.ensure()
    import torch

    from vae_core.codes import paths

    sizes = paths.step_sizes(torch.from_numpy(images).flatten(1))
    return Steps(sizes.numpy(), float(paths.step_evenness(sizes)))


def measured(data: DataConfig, images: np.ndarray) -> WalkMeasures | None:
    """The measures of a walk through images (N, C, H, W) like those of the data set, both ends included.

    None where nothing tells how alike two images of this data are.
    """
    images = images.astype(np.float32)
    return _measured(data, loaded.why_missing(data) is None, images.shape, images.tobytes())


@lru_cache(maxsize=2)
def map_ruler(data: DataConfig) -> Ruler:
    """The ruler of a gap map: the distance of thousands of images from real ones.

    Raises DataError where the data set is missing or broken.
    """
    real_images = loaded.images(data).split("training")[0]
    from vae_core.measures.rulers import PixelRuler, ruler_of

    ruler = ruler_of(data, loaded.judge_of(data.name), real_images)
    return PixelRuler(real_images) if ruler is None or ruler.most else ruler


def _from_standard(run: Run) -> Decode:
    """The run's decoder, of codes in standard coordinates."""
    model, codes = loaded.model_of(run), run.codes
    import torch

    mean, back = torch.tensor(codes.space.mean), torch.tensor(codes.space.inverse)
    return lambda standard: model.decode(standard @ back + mean)


@lru_cache(maxsize=256)
def _measured(data: DataConfig, is_at_hand: bool, shape: tuple[int, ...], strip: bytes) -> WalkMeasures | None:
    """The measures of images as bytes of float32: the page runs again more often than its walk changes."""
    gauge = _gauge(data, is_at_hand)
    if gauge.ruler is None:
        return None
    import torch

    from vae_core.measures.walks import measure_walk

    images = torch.from_numpy(np.frombuffer(strip, np.float32).reshape(shape).copy())
    return measure_walk(gauge.ruler, images, gauge.level)


@lru_cache(maxsize=4)
def _gauge(data: DataConfig, is_at_hand: bool) -> _Gauge:
    judge = loaded.judge_of(data.name)
    import torch

    from vae_core.measures.rulers import ruler_of
    from vae_core.measures.walks import real_level

    if not is_at_hand:
        return _Gauge(ruler_of(data, judge, torch.empty(0)), None)
    images = loaded.images(data)
    ruler = ruler_of(data, judge, images.split("training")[0])
    return _Gauge(ruler, None if ruler is None else real_level(ruler, images))
