"""The measures `step_evenness` and `path_distance` of a single walk between two images.

ruler = ruler_of(data.config, judge, data.split("training")[0])
level = real_level(ruler, data)
print(measure_walk(ruler, model.decode(path), level))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from torch import Tensor

from vae_core.codes import paths
from vae_core.data.datasets import to_floats
from vae_core.measures.rulers import Ruler

if TYPE_CHECKING:
    from vae_core.data.datasets import ImageSet

REAL_COUNT = 1000  # held-out images that say how far real ones are from real ones


class WalkMeasures(NamedTuple):
    """`step_evenness` is NaN if nothing changes; `path_distance` is None if real images are not available."""

    step_evenness: float
    path_distance: float | None


def real_level(ruler: Ruler, data: ImageSet) -> float:
    """The mean distance of real images from real ones, over the first REAL_COUNT of the test split.

    Of moons it is 0: any of them is drawn for the asking, and a fit hardly ever misses it by more than rounding.
    """
    if data.config.moons is not None:
        return 0.0
    images, _ = data.split("test")
    return float(ruler.distances(to_floats(images[:REAL_COUNT])).double().mean())


def measure_walk(ruler: Ruler, images: Tensor, level: float | None) -> WalkMeasures:
    """The measures of one walk, `images` (N, C, H, W) in [0, 1], both ends included.

    `step_evenness` is that of the changes of the ruler's features, `path_distance` the mean distance of the inner
    images from the nearest real one, minus the `level` of real images themselves. See `metrics.paths`.
    """
    if level is None:
        return WalkMeasures(_evenness(ruler.features(images)), None)
    features, distances = ruler.read(images)
    return WalkMeasures(_evenness(features), float(distances[1:-1].double().mean()) - level)


def _evenness(features: Tensor) -> float:
    return float(paths.step_evenness(paths.step_sizes(features)))
