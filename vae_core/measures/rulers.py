"""Rulers: the distance of two images, and of an image from real ones, by moon geometry or a judge's features.

A distance between pixels would call a cross-dissolve a short walk among real images; neither ruler does.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import ClassVar, NamedTuple, final

import torch
from torch import Tensor

from vae_core.configs import DataConfig, MoonsConfig
from vae_core.data.datasets import to_floats
from vae_core.measures.judge import Judge
from vae_core.moons import fitting

REAL_COUNT = 10_000  # training images among which the nearest is looked for
REAL_BLOCK = 1000  # of them at once
BLOCK = 100  # images at once: what a convolution makes of them stays in the processor's cache
MAX_FREE = 50  # paths, of 16 moons each: where all factors vary, fitting those takes as many seconds


class Reading(NamedTuple):
    """The output of a ruler for images: `features` (N, F) and `distances` (N,), as from the methods of these names."""

    features: Tensor
    distances: Tensor


class Ruler(ABC):
    """Images are floats (N, C, H, W)."""

    note: ClassVar[str]
    """What a distance is, in a sentence."""

    most: int | None = None
    """Of so many paths, or real images, a measure asks at most; None where the ruler is quick."""

    @abstractmethod
    def read(self, images: Tensor) -> Reading:
        """Features and distances in one pass, at the cost of the dearer of the two."""

    @abstractmethod
    def features(self, images: Tensor) -> Tensor:
        """The features of each image, (N, F): similar images are close together."""

    @abstractmethod
    def distances(self, images: Tensor) -> Tensor:
        """The distance of each image from the nearest real one, (N,)."""


@final
class JudgeRuler(Ruler):
    """The judge's layer before the last; real images are the first REAL_COUNT of the training split."""

    note = "To the nearest training image, in the features of the judge's layer before the last."

    def __init__(self, judge: Judge, real_images: Tensor) -> None:
        self.judge = judge
        self.real_images = real_images[:REAL_COUNT]  # uint8

    def read(self, images: Tensor) -> Reading:
        features = self.features(images)
        return Reading(features, self._to_nearest(features))

    def features(self, images: Tensor) -> Tensor:
        with torch.inference_mode():
            return torch.cat([self.judge.features(part) for part in images.split(BLOCK)])

    def distances(self, images: Tensor) -> Tensor:
        return self._to_nearest(self.features(images))

    def _to_nearest(self, features: Tensor) -> Tensor:
        return torch.cat([torch.cdist(part, self._real_features).amin(1) for part in features.split(BLOCK)])

    @cached_property
    def _real_features(self) -> Tensor:
        return self.features(to_floats(self.real_images))


@final
class PixelRuler(Ruler):
    """Pixels, for maps of images with neither a judge nor a quick fit; real images are as for JudgeRuler.

    No walk is measured with it: it takes a blend of two images for nearly as real as they are.
    """

    note = "To the nearest training image, L2 over pixels."

    def __init__(self, real_images: Tensor) -> None:
        self.real_images = real_images[:REAL_COUNT]  # uint8

    def read(self, images: Tensor) -> Reading:
        return Reading(self.features(images), self.distances(images))

    def features(self, images: Tensor) -> Tensor:
        return images.flatten(1)

    def distances(self, images: Tensor) -> Tensor:
        pixels = self.features(images)
        # As floats they would take four times the memory, so that they are made a block at a time.
        blocks = (self.features(to_floats(block)) for block in self.real_images.split(REAL_BLOCK))
        return torch.stack([torch.cdist(pixels, block).amin(1) for block in blocks]).amin(0)


@final
class MoonRuler(Ruler):
    """The phase of the true moon that fits an image best, and the L2 distance from that moon.

    Where more than the phase varies a fit takes about 30 ms an image, so that no more than MAX_FREE paths are asked
    for.
    """

    note = "To the true moon that fits best, L2 over pixels."

    def __init__(self, settings: MoonsConfig) -> None:
        self.settings = settings
        self.fit = fitting.fit_phase if settings.phase_alone_varies else fitting.fit_moon
        self.most = None if settings.phase_alone_varies else MAX_FREE

    def read(self, images: Tensor) -> Reading:
        fit = self.fit(images, self.settings)
        return Reading(fit.phases[:, None], fit.distances)

    def features(self, images: Tensor) -> Tensor:
        return self.read(images).features

    def distances(self, images: Tensor) -> Tensor:
        return self.read(images).distances


def ruler_of(config: DataConfig, judge: Judge | None, real_images: Tensor) -> Ruler | None:
    """The ruler of a data set with this judge and these uint8 training images; None if it has none."""
    if judge is not None:
        return JudgeRuler(judge, real_images)
    return None if config.moons is None else MoonRuler(config.moons)
