"""Observation models p(x|z): Bernoulli or Gaussian pixels behind one interface.

The decoder's raw output is logits of Bernoulli pixels, or what the means of Gaussian ones are made from. Values are
sums over pixels, in nats.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor
from torch.nn import functional

from vae_core.configs import ModelConfig
from vae_core.models import losses


class Observation(ABC):
    """p(x|z) of the pixels x given the decoder's raw output. Raw outputs and images in [0, 1] have one shape."""

    @abstractmethod
    def mean_images(self, raw: Tensor) -> Tensor:
        """The mean image of each raw output, same shape."""

    @abstractmethod
    def nats(self, raw: Tensor, images: Tensor) -> Tensor:
        """The reconstruction term of the loss, summed over pixels and images: a scalar.

        −log p(x|z) but for `constant`.
        """

    @abstractmethod
    def nats_of_each(self, raw: Tensor, images: Tensor) -> Tensor:
        """−log p(x|z) of each image under its own S codes: raw (B, S, D), images (B, D) -> (B, S)."""

    @abstractmethod
    def pairwise_nats(self, raw: Tensor, images: Tensor) -> Tensor:
        """−log p(x|z) of every image under every code: raw (P, C, H, W), images (N, C, H, W) -> (P, N).

        One matrix product, in as many digits as it needs.
        """

    @abstractmethod
    def constant(self, pixels: int) -> float:
        """The part of −log p(x|z) that `nats` leaves out, in nats per image of `pixels` numbers."""

    @abstractmethod
    def entropy(self, images: Tensor) -> Tensor | None:
        """The mean over images (N, ...) of the minimum of `nats`, a scalar; None if that is always 0."""


@final
class Bernoulli(Observation):
    """Grey pixels scored by the Bernoulli cross-entropy; raw outputs are logits."""

    def mean_images(self, raw: Tensor) -> Tensor:
        return torch.sigmoid(raw)

    def nats(self, raw: Tensor, images: Tensor) -> Tensor:
        return losses.bernoulli_nats(raw, images)

    def nats_of_each(self, raw: Tensor, images: Tensor) -> Tensor:
        return functional.softplus(raw).sum(2) - torch.bmm(raw, images[:, :, None])[:, :, 0]

    def pairwise_nats(self, raw: Tensor, images: Tensor) -> Tensor:
        raw, images = raw.flatten(1), images.flatten(1)
        return functional.softplus(raw).sum(1, keepdim=True) - raw @ images.T

    def constant(self, pixels: int) -> float:
        return 0.0

    def entropy(self, images: Tensor) -> Tensor:
        return losses.pixel_entropy(images)


@final
@dataclass(frozen=True)
class Gaussian(Observation):
    """Pixels of variance s² = `variance` about their means: the sigmoid of raw outputs, or the raw outputs."""

    variance: float
    has_sigmoid: bool = True

    def mean_images(self, raw: Tensor) -> Tensor:
        return torch.sigmoid(raw) if self.has_sigmoid else raw

    def nats(self, raw: Tensor, images: Tensor) -> Tensor:
        return losses.gaussian_nats(self.mean_images(raw), images, self.variance)

    def nats_of_each(self, raw: Tensor, images: Tensor) -> Tensor:
        errors = self.mean_images(raw) - images[:, None]
        return errors.square().sum(2) / (2 * self.variance) + self.constant(raw.shape[2])

    def pairwise_nats(self, raw: Tensor, images: Tensor) -> Tensor:
        # In double precision: a squared distance as one matrix product loses digits.
        means, images = self.mean_images(raw.double()).flatten(1), images.double().flatten(1)
        squares = means.square().sum(1, keepdim=True) + images.square().sum(1) - 2 * means @ images.T
        return squares / (2 * self.variance) + self.constant(means.shape[1])

    def constant(self, pixels: int) -> float:
        """½·D·log(2π·s²)."""
        return 0.5 * pixels * math.log(2 * math.pi * self.variance)

    def entropy(self, images: Tensor) -> None:
        return None


OBSERVATIONS: dict[str, Callable[[ModelConfig], Observation]] = {
    "bce": lambda config: Bernoulli(),
    "mse": lambda config: Gaussian(config.observation_variance, config.output == "sigmoid"),
}


def of(config: ModelConfig) -> Observation:
    """The observation model of a model."""
    return OBSERVATIONS[config.reconstruction](config)
