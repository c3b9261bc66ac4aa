"""What lies on one walk between two images: the measures `step_evenness` and `path_distance`, of this walk alone.

ruler = ruler_of_walks(data.config, judge, data.split("training")[0])
level = real_level(ruler, data)
print(measure_walk(ruler, model.decode(path), level))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple, final

from torch import Tensor

from vae_core import interpolation, moon_fitting
from vae_core.configs import DataConfig, MoonsConfig
from vae_core.datasets import to_floats
from vae_core.judge import Judge
from vae_core.metrics.rulers import Ruler, ruler_of

if TYPE_CHECKING:
    from vae_core.datasets import ImageSet

REAL_COUNT = 1000  # held-out images that say how far real ones are from real ones


class WalkMeasures(NamedTuple):
    """`step_evenness` is NaN where nothing moves; `path_distance` is None where real images are not at hand."""

    step_evenness: float
    path_distance: float | None


@final
class FreeMoonRuler(Ruler):
    """The phase of the true moon that fits an image best, and the L2 distance from it, where more than that varies.

    It is for single walks: a fit of all factors takes about 20 ms an image.
    """

    note: ClassVar[str] = "To the true moon that fits best, L2 over pixels."

    def __init__(self, settings: MoonsConfig) -> None:
        self.settings = settings

    def features(self, images: Tensor) -> Tensor:
        return moon_fitting.fit_moon(images, self.settings).phases[:, None]

    def distances(self, images: Tensor) -> Tensor:
        return moon_fitting.fit_moon(images, self.settings).distances


def ruler_of_walks(config: DataConfig, judge: Judge | None, real_images: Tensor) -> Ruler | None:
    """The ruler of a data set with this judge and these uint8 training images; None where there is none."""
    ruler = ruler_of(config, judge, real_images)
    return FreeMoonRuler(config.moons) if ruler is None and config.moons is not None else ruler


def real_level(ruler: Ruler, data: ImageSet) -> float:
    """The mean distance of real images from real ones: of the first REAL_COUNT that were held out for the test.

    Of moons it is 0: any of them is drawn for the asking, and lies no farther off than rounding.
    """
    if data.config.moons is not None:
        return 0.0
    images, _ = data.split("test")
    return float(ruler.distances(to_floats(images[:REAL_COUNT])).double().mean())


def measure_walk(ruler: Ruler, images: Tensor, level: float | None) -> WalkMeasures:
    """The measures of one walk, `images` (N, C, H, W) in [0, 1], its two ends among them.

    `step_evenness` is that of the changes of the ruler's features, `path_distance` the mean distance of the inner
    images from the nearest real one, minus the `level` of real images themselves. See `metrics.paths`.
    """
    evenness = float(interpolation.step_evenness(interpolation.step_sizes(ruler.features(images))))
    if level is None:
        return WalkMeasures(evenness, None)
    return WalkMeasures(evenness, float(ruler.distances(images[1:-1]).double().mean()) - level)
