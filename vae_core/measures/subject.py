"""The subject of measurement: a model on a data set, with intermediate results shared by the measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from vae_core.codes import paths as interpolation
from vae_core.codes.encoding import encode_images
from vae_core.codes.standardisation import Standardisation, standardisation
from vae_core.data.datasets import to_floats
from vae_core.errors import UserError, needed
from vae_core.measures import factors, judge, likelihood, rulers
from vae_core.measures.folds import over_folds
from vae_core.measures.judge import Judge
from vae_core.measures.rulers import Reading, Ruler
from vae_core.models.auto_encoders import AutoEncoder, Posterior, evaluating

if TYPE_CHECKING:
    from vae_core.data.data_source import SplitName
    from vae_core.data.datasets import ImageSet

SEED = 1  # of every draw that a measure makes
DRAWS = 10  # of each code, for what is measured under the posterior
RECORD_COUNT = 1000  # test images, drawn with SEED, for what is too slow for all of them
PRIOR_COUNT = 10_000  # codes drawn from the prior
PATHS = 500  # between pairs of test images
PATH_IMAGES = 16  # on each, its two ends among them
BATCH = 500  # images at once


def seeded() -> torch.Generator:
    """A new generator at SEED, so that no measure's draws depend on another measure."""
    return torch.Generator().manual_seed(SEED)


@dataclass(frozen=True, eq=False)
class Subject:
    """A model and the data it is measured on, with results that are computed once."""

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
        return self._encode("test")

    @cached_property
    def training_posterior(self) -> Posterior:
        """The codes of the training images."""
        return self._encode("training")

    @cached_property
    def test_kl(self) -> Tensor:
        """KL of each test image, (N,)."""
        return self.test_posterior.kl().sum(1)

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
        """The minimum of reconstruction on the test images: their pixels' entropy. None with mse: it is 0."""
        entropy = self.model.observation.entropy(to_floats(self.test[0]))
        return None if entropy is None else float(entropy)

    @cached_property
    def training_floor(self) -> float | None:
        """The same on the training images, which may be more or less grey."""
        if self.floor is None:
            return None
        parts = self.training[0].split(BATCH)
        sums = [float(needed(self.model.observation.entropy(to_floats(part)))) * len(part) for part in parts]
        return sum(sums) / len(self.training[0])

    @property
    def likelihood_constant(self) -> float:
        """The constant, in nats per image, that makes the loss a likelihood."""
        return self.model.observation.constant(self.model.config.pixels)

    @cached_property
    def judge(self) -> Judge | None:
        """The judge of the data set, if it has one."""
        name = self.data.config.name
        return judge.load(name) if judge.exists(name) else None

    @cached_property
    def ruler(self) -> Ruler | None:
        """The ruler of the data set, if it has one."""
        return rulers.ruler_of(self.data.config, self.judge, self.training[0])

    @cached_property
    def path_images(self) -> Tensor:
        """The decoded images on straight paths between the mean codes of pairs of test images: (P, N, C, H, W).

        PATHS of them, or as many as there are pairs, of PATH_IMAGES images each; straight in standard coordinates.
        """
        codes = self.standard_means
        order = torch.randperm(len(codes), generator=seeded())
        count = min(PATHS, len(codes) // 2)
        starts, ends = codes[order[:count]], codes[order[count : 2 * count]]
        paths = interpolation.linear(starts, ends, PATH_IMAGES).transpose(0, 1)  # (N, P, D) -> (P, N, D)
        images: Tensor = self.of_decoded(lambda images: images, paths.flatten(0, 1)).unflatten(0, paths.shape[:2])
        return images

    @cached_property
    def path_reading(self) -> Reading:
        """The ruler's reading of the images on the first paths, on all if it is quick: (P, N, F) and (P, N)."""
        ruler = needed(self.ruler)
        images = self.path_images[: ruler.most]
        return Reading(*(part.unflatten(0, images.shape[:2]) for part in ruler.read(images.flatten(0, 1))))

    @cached_property
    def factor_names(self) -> tuple[str, ...]:
        """The known factors that vary over the test images."""
        return tuple(name for name, does in zip(self.data.factor_names, self._varies, strict=True) if does)

    @cached_property
    def varying_factors(self) -> Tensor:
        """The varying factors of the test images, (N, F)."""
        return self._test_factors[:, self._varies]

    @cached_property
    def dci(self) -> tuple[Tensor, Tensor]:
        """Disentanglement, completeness, informativeness of the test images, (3,), and of their folds, (FOLDS, 3)."""

        def of_rows(codes: Tensor, numbers: Tensor) -> Tensor:
            return factors.dci(codes, factors.named(self.factor_names, numbers), SEED)

        rows = self.standard_means, self.varying_factors
        return of_rows(*rows), over_folds(of_rows, *rows)

    @cached_property
    def space(self) -> Standardisation:
        """The map of codes to standard coordinates, as in a run's `codes.npz`."""
        latent_dim = self.model.config.latent_dim
        return standardisation(self.model.has_posterior, latent_dim, lambda: self.training_posterior.mu.numpy())

    def standardise(self, codes: Tensor) -> Tensor:
        """Raw codes (N, latent_dim) in standard coordinates."""
        mean, whitening = map(torch.from_numpy, self.space)
        return (codes - mean) @ whitening

    def unstandardise(self, codes: Tensor) -> Tensor:
        """Standard coordinates (N, latent_dim) as raw codes."""
        return codes @ torch.from_numpy(self.space.inverse) + torch.from_numpy(self.space.mean)

    @cached_property
    def standard_means(self) -> Tensor:
        """The means of the test codes in standard coordinates, (N, latent_dim)."""
        return self.standardise(self.test_posterior.mu)

    @cached_property
    def standard_codes(self) -> Tensor:
        """A code drawn from the posterior of each test image, in standard coordinates, (N, latent_dim)."""
        return self.standardise(self.model.sample_code(self.test_posterior, seeded()))

    @property
    def median_sigma(self) -> float | None:
        """Median posterior standard deviation over test images and dimensions; None if codes are points."""
        log_var = self.test_posterior.log_var
        return None if log_var is None else float(torch.exp(0.5 * log_var).median())

    @cached_property
    def prior_codes(self) -> Tensor:
        """Codes drawn from N(0, I) in standard coordinates, (PRIOR_COUNT, latent_dim)."""
        return torch.randn(PRIOR_COUNT, self.model.config.latent_dim, generator=seeded())

    def of_decoded(self, function: Callable[[Tensor], Tensor], codes: Tensor) -> Tensor:
        """`function` of the image decoded at each of `codes` (N, latent_dim), standard coordinates: (N, ...)."""
        return self.per_image(lambda raw: function(self.model.decode(raw)), self.unstandardise(codes))

    def per_image(self, function: Callable[..., Tensor], *tensors: Tensor) -> Tensor:
        """`function` of corresponding rows of `tensors`, BATCH at a time, on the model's device: (N, ...)."""
        device = next(self.model.parameters()).device
        with evaluating(self.model):
            parts = zip(*(tensor.split(BATCH) for tensor in tensors), strict=True)
            return torch.cat([function(*(tensor.to(device) for tensor in part)).cpu() for part in parts])

    def _encode(self, split: SplitName) -> Posterior:
        """The codes of a split's images. Raises UserError if any is not finite, as no measure is then defined."""
        posterior = encode_images(self.model, self.data.split(split)[0])
        if not all(part.isfinite().all() for part in posterior if part is not None):
            raise UserError(
                f"Codes of the {split} images are not finite: the model has diverged and must be trained anew."
            )
        return posterior

    @cached_property
    def _test_factors(self) -> Tensor:
        """All known factors of the test images, (N, F)."""
        known = self.data.factors
        return torch.empty(len(self.test[0]), 0) if known is None else known[self.data.splits["test"]]

    @property
    def _varies(self) -> Tensor:
        """Whether each factor varies, (F,)."""
        return self._test_factors.amax(0) > self._test_factors.amin(0)

    def _reconstruction(self, images: Tensor, codes: Tensor) -> Tensor:
        """The loss's reconstruction of each image from its code: (N, latent_dim) -> (N,)."""

        def of_images(images: Tensor, codes: Tensor) -> Tensor:
            return -likelihood.log_likelihood(self.model, codes[:, None], to_floats(images))[:, 0]

        return self.per_image(of_images, images, codes) - self.likelihood_constant
