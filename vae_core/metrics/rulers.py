"""What tells how far apart two images are, and how far from real ones: of moons geometry, of others a judge's features.

A distance between pixels would call a cross-dissolve a short walk among real images; neither ruler does.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import ClassVar, final

import torch
from torch import Tensor

from vae_core import moon_fitting
from vae_core.configs import DataConfig, MoonsConfig
from vae_core.datasets import to_floats
from vae_core.judge import Judge

REAL_COUNT = 10_000  # training images among which the nearest is looked for
REAL_BLOCK = 1000  # of them at once
BLOCK = 100  # images at once: what a convolution makes of them stays in the processor's cache


class Ruler(ABC):
    """Images are floats (N, C, H, W)."""

    note: ClassVar[str]
    """What a distance is, in a sentence."""

    @abstractmethod
    def features(self, images: Tensor) -> Tensor:
        """Where each image lies, (N, F): alike images lie close together."""

    @abstractmethod
    def distances(self, images: Tensor) -> Tensor:
        """How far each image is from the nearest real one, (N,)."""


@final
class JudgeRuler(Ruler):
    """The judge's layer before the last; real images are the first REAL_COUNT of the training split."""

    note = "To the nearest training image, in the features of the judge's layer before the last."

    def __init__(self, judge: Judge, real_images: Tensor) -> None:
        self.judge = judge
        self.real_images = real_images[:REAL_COUNT]  # uint8

    def features(self, images: Tensor) -> Tensor:
        with torch.inference_mode():
            return torch.cat([self.judge.features(part) for part in images.split(BLOCK)])

    def distances(self, images: Tensor) -> Tensor:
        features = self.features(images)
        return torch.cat([torch.cdist(part, self._real_features).amin(1) for part in features.split(BLOCK)])

    @cached_property
    def _real_features(self) -> Tensor:
        return self.features(to_floats(self.real_images))


@final
class PixelRuler(Ruler):
    """Pixels, for a map of images that have neither judge nor geometry; real images are as for JudgeRuler.

    No walk is measured with it: it takes a blend of two images for nearly as real as they are.
    """

    note = "To the nearest training image, L2 over pixels."

    def __init__(self, real_images: Tensor) -> None:
        self.real_images = real_images[:REAL_COUNT]  # uint8

    def features(self, images: Tensor) -> Tensor:
        return images.flatten(1)

    def distances(self, images: Tensor) -> Tensor:
        pixels = self.features(images)
        # As floats they would take four times the memory, so that they are made a block at a time.
        blocks = (self.features(to_floats(block)) for block in self.real_images.split(REAL_BLOCK))
        return torch.stack([torch.cdist(pixels, block).amin(1) for block in blocks]).amin(0)


@final
class MoonRuler(Ruler):
    """The phase of the true moon that fits an image best, and the L2 distance from it, where the phase alone varies."""

    note = "To the true moon that fits best, L2 over pixels."

    def __init__(self, settings: MoonsConfig) -> None:
        self.settings = settings

    def features(self, images: Tensor) -> Tensor:
        return moon_fitting.fit_phase(images, self.settings).phases[:, None]

    def distances(self, images: Tensor) -> Tensor:
        return moon_fitting.fit_phase(images, self.settings).distances


def ruler_of(config: DataConfig, judge: Judge | None, real_images: Tensor) -> Ruler | None:
    """The ruler of a data set with this judge and these uint8 training images; None where there is none."""
    if judge is not None:
        return JudgeRuler(judge, real_images)
    settings = config.moons
    return MoonRuler(settings) if settings is not None and settings.phase_alone_varies else None
