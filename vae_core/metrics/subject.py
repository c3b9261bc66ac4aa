"""What is measured: a model on a data set, with what several measures need and none should compute again."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from vae_core import likelihood, losses
from vae_core.datasets import to_floats
from vae_core.latent import encode_images
from vae_core.models import AutoEncoder, Posterior, evaluating

if TYPE_CHECKING:
    from vae_core.datasets import ImageSet

SEED = 1  # of every draw that a measure makes
DRAWS = 10  # of each code, for what is measured under the posterior
RECORD_COUNT = 1000  # test images, drawn with SEED, for what is too slow for all of them
BATCH = 500  # images at once


def seeded() -> torch.Generator:
    """A new generator at SEED: a measure's draws depend on no other measure."""
    return torch.Generator().manual_seed(SEED)


@dataclass(frozen=True, eq=False)
class Subject:
    """A model and the data it is measured on, and what is computed of them once."""

    model: AutoEncoder
    data: ImageSet

    @cached_property
    def test(self) -> tuple[Tensor, Tensor]:
        """Images (uint8) and labels of the test split."""
        return self.data.split("test")

    @cached_property
    def training(self) -> tuple[Tensor, Tensor]:
        """Images (uint8) and labels of the training split."""
        return self.data.split("training")

    @cached_property
    def record_images(self) -> Tensor:
        """RECORD_COUNT of the test images, the same every time."""
        images = self.test[0]
        return images[torch.randperm(len(images), generator=seeded())[:RECORD_COUNT]]

    @cached_property
    def test_posterior(self) -> Posterior:
        """The codes of the test images."""
        return encode_images(self.model, self.test[0])

    @cached_property
    def training_posterior(self) -> Posterior:
        """The codes of the training images."""
        return encode_images(self.model, self.training[0])

    @cached_property
    def test_kl(self) -> Tensor:
        """KL of each test image, (N,)."""
        return self.model.kl(self.test_posterior).sum(1)

    @cached_property
    def sampled_reconstruction(self) -> Tensor:
        """Reconstruction of each test image, the mean over DRAWS codes from its posterior, (N,)."""
        images, posterior, generator = self.test[0], self.test_posterior, seeded()
        draws = [self._reconstruction(images, self.model.sample_code(posterior, generator)) for _ in range(DRAWS)]
        return torch.stack(draws).mean(0)

    @cached_property
    def test_reconstruction_at_mean(self) -> Tensor:
        """Reconstruction of each test image from the mean of its code, (N,)."""
        return self._reconstruction(self.test[0], self.test_posterior.mu)

    @cached_property
    def training_reconstruction_at_mean(self) -> Tensor:
        """Reconstruction of each training image from the mean of its code, (N,)."""
        return self._reconstruction(self.training[0], self.training_posterior.mu)

    @cached_property
    def floor(self) -> float | None:
        """What bce can at best be on the test images: their pixels' entropy. None with mse, whose least value is 0."""
        bce = self.model.config.reconstruction == "bce"
        return float(losses.pixel_entropy(to_floats(self.test[0]))) if bce else None

    @property
    def likelihood_constant(self) -> float:
        """What makes the loss a likelihood, in nats per image."""
        return losses.likelihood_constant(self.model.config, math.prod(self.model.config.image_shape))

    def per_image(self, function: Callable[..., Tensor], *tensors: Tensor) -> Tensor:
        """`function` of the rows of `tensors` that belong together, BATCH at a time, where the model is: (N, ...)."""
        device = next(self.model.parameters()).device
        with evaluating(self.model):
            parts = zip(*(tensor.split(BATCH) for tensor in tensors), strict=True)
            return torch.cat([function(*(tensor.to(device) for tensor in part)).cpu() for part in parts])

    def _reconstruction(self, images: Tensor, codes: Tensor) -> Tensor:
        """What the loss calls reconstruction, of each image from its code: (N, latent_dim) -> (N,)."""

        def of_images(images: Tensor, codes: Tensor) -> Tensor:
            return -likelihood.log_likelihood(self.model, codes[:, None], to_floats(images))[:, 0]

        return self.per_image(of_images, images, codes) - self.likelihood_constant
