"""Measures of straight paths between the codes of pairs of test images, in standard coordinates."""

from __future__ import annotations

from vae_core.codes import paths
from vae_core.data.datasets import to_floats
from vae_core.errors import needed
from vae_core.measures.folds import fold_means, interval_of
from vae_core.measures.subject import SEED, Subject
from vae_core.measures.takers import mean_over_images, measure
from vae_core.runs.cards import Measure

SPLIT = "test pairs"


@measure
def step_evenness(subject: Subject) -> Measure:
    """Mean over paths of 1 / ((N−1)·max s / Σ s) over the N−1 steps s: 1 for equal steps, 1/(N−1) for a single jump.

    A step is the change of the fitted phase on the moons, of the judge's features elsewhere. Paths on which nothing
    moves are left out. See `interpolation.step_evenness`.
    """
    evenness = paths.step_evenness(paths.step_sizes(subject.path_reading.features))
    moving = evenness[evenness.isfinite()]
    if not len(moving):
        return Measure(None, SPLIT, len(evenness), reason="Nothing moves on any path.")
    return mean_over_images(moving, seed=SEED, split=SPLIT)


@measure
def path_distance(subject: Subject) -> Measure:
    """Mean distance of the inner images of paths from the nearest real image, minus that of real test images.

    About 0 where all that is met is as real as a test image, above where it is not. L2 from the best true moon on the
    moons; elsewhere from the nearest training image in the judge's features.
    """
    ruler = needed(subject.ruler)
    distances = subject.path_reading.distances[:, 1:-1].double().mean(1)  # (P, N) -> (P,)
    real = ruler.distances(to_floats(subject.test[0][: ruler.most])).double()
    value = float(distances.mean() - real.mean())
    interval = interval_of(value, fold_means(distances) - fold_means(real))
    return Measure(value, SPLIT, len(distances), seed=SEED, interval=interval, note=ruler.note)
