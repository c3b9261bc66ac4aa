"""The kinds of model in torch, an auto-encoder (AE) and a variational one (VAE), behind one interface.

A kind owns its networks, its optimisers, its training step and the terms of its loss; a training loop, a page and a
measure only know `AutoEncoder`, and its `Kind` where torch is not needed.
"""

from __future__ import annotations

import functools
import math
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import ClassVar, NamedTuple, final

import torch
from torch import Tensor, nn
from torch.nn import functional

from vae_core import kinds
from vae_core.configs import ModelConfig
from vae_core.errors import DivergedError
from vae_core.kinds import KINDS, TOTAL, Kind
from vae_core.models import losses, networks, observations

LOG_VAR_RANGE = (-20.0, 10.0)
GRADIENT_LIMIT = 100.0  # nats per image and unit of weight: reached in the first steps and by outliers only

Terms = dict[str, Tensor]
"""The terms of a loss by name, scalars: means over the batch, in nats per image."""

Weights = Mapping[str, float]
"""What weighs the terms of a loss, by the names of settings of training: those of the moment."""


class Posterior(NamedTuple):
    """q(z|x) = N(mu, exp(log_var)), both (B, latent_dim); `log_var` is None where the code is a point."""

    mu: Tensor
    log_var: Tensor | None

    @property
    def spread(self) -> Tensor:
        """`log_var`, where codes are distributions. Raises ValueError where they are points."""
        if self.log_var is None:
            raise ValueError("a point has no variance")
        return self.log_var

    def kl(self) -> Tensor:
        """KL from the prior N(0, I) in nats, of each image and dimension. Raises ValueError where codes are points."""
        return losses.kl_nats(self.mu, self.spread)


class AutoEncoder(nn.Module, ABC):
    """The interface of every kind. Images are floats in [0, 1], (B, C, H, W); codes are (B, latent_dim)."""

    kind: ClassVar[Kind]

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.observation = observations.of(config)
        heads = 2 if self.has_posterior else 1
        self.encoder = networks.encoder(config.encoder, config.image_shape, heads * config.latent_dim)
        self.decoder = networks.decoder(config.decoder, config.image_shape, config.latent_dim)

    @property
    def has_posterior(self) -> bool:
        """Whether a code is a distribution, with a KL, a likelihood and noise."""
        return self.kind.has_posterior

    @abstractmethod
    def terms(self, images: Tensor, weights: Weights, generator: torch.Generator | None = None) -> Terms:
        """The terms of its loss by the names in `kind.terms`, means over the batch in nats per image, unweighted.

        Those in `kind.optional` only where their weight is given and not 0.
        """

    def encode(self, images: Tensor) -> Posterior:
        """The code of each image."""
        features = self.encoder(images)
        if not self.has_posterior:
            return Posterior(features, None)
        mu, raw = features.chunk(2, dim=1)
        return Posterior(mu, _soft_clamp(raw, *LOG_VAR_RANGE))

    def sample_code(self, posterior: Posterior, generator: torch.Generator | None = None) -> Tensor:
        """A code drawn from each posterior, (B, latent_dim), differentiable in it; the code itself where that is a
        point."""
        mu, log_var = posterior
        return mu if log_var is None else losses.sample_posterior(mu, log_var, generator)

    def decode_raw(self, codes: Tensor) -> Tensor:
        """The decoder's output before its last non-linearity, (B, C, H, W): logits with bce."""
        raw: Tensor = self.decoder(codes)
        return raw

    def decode(self, codes: Tensor) -> Tensor:
        """The mean image of each code, (B, C, H, W)."""
        return self.observation.mean_images(self.decode_raw(codes))

    def forward(self, images: Tensor) -> Tensor:
        """The reconstruction of each image from the mean of its code."""
        return self.decode(self.encode(images).mu)

    def reconstruction(self, images: Tensor, codes: Tensor) -> Tensor:
        """The reconstruction of images from one code each, mean over the batch in nats per image: a scalar."""
        return self.observation.nats(self.decode_raw(codes), images) / len(images)

    def loss(self, images: Tensor, weights: Weights, generator: torch.Generator | None = None) -> Terms:
        """The total, a weighted sum, followed by the terms of the loss: means over the batch, nats per image."""
        terms = self.terms(images, weights, generator)
        weighted = (_weighted(term, self.kind.terms[name], weights) for name, term in terms.items())
        return {TOTAL: functools.reduce(torch.add, weighted), **terms}

    def optimisers(self, learning_rate: float) -> dict[str, torch.optim.Optimizer]:
        """Its optimisers by name; the loop saves their state."""
        return {"main": torch.optim.Adam(self.parameters(), lr=learning_rate, fused=True)}

    def set_learning_rate(self, optimisers: dict[str, torch.optim.Optimizer], learning_rate: float) -> None:
        """Sets the learning rate of its optimisers to that of the schedule."""
        for optimiser in optimisers.values():
            for group in optimiser.param_groups:
                group["lr"] = learning_rate

    def training_step(
        self,
        images: Tensor,
        optimisers: dict[str, torch.optim.Optimizer],
        weights: Weights,
        generator: torch.Generator | None = None,
    ) -> Terms:
        """Takes one step on one batch; returns the terms of the loss before it, detached.

        Raises DivergedError, with the weights untouched, where a gradient is not finite.
        """
        optimiser = optimisers["main"]
        optimiser.zero_grad()
        terms = self.loss(images, weights, generator)
        terms[TOTAL].backward()
        take_step(optimiser)
        return {name: term.detach() for name, term in terms.items()}


@final
class AE(AutoEncoder):
    """Codes are points; the loss is the reconstruction alone."""

    kind = kinds.AE

    def terms(self, images: Tensor, weights: Weights, generator: torch.Generator | None = None) -> Terms:
        return {"reconstruction": self.reconstruction(images, self.encode(images).mu)}


@final
class VAE(AutoEncoder):
    """Codes are Gaussians with a diagonal covariance; Kingma & Welling 2014, β as in Higgins et al. 2017."""

    kind = kinds.VAE

    def terms(self, images: Tensor, weights: Weights, generator: torch.Generator | None = None) -> Terms:
        posterior = self.encode(images)
        codes = self.sample_code(posterior, generator)
        terms = {
            "reconstruction": self.reconstruction(images, codes),
            "kl": posterior.kl().sum() / len(images),
        }
        if weights.get("prior_match"):
            terms["mismatch"] = losses.prior_mismatch(codes)
        return terms


def build(config: ModelConfig, seed: int = 0) -> AutoEncoder:
    """A model with weights drawn from `seed`; torch's global generator is left unchanged."""
    model: type[AutoEncoder] = pkgutil.resolve_name(KINDS[config.kind].model)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return model(config)


def take_step(optimiser: torch.optim.Optimizer) -> None:
    """Takes a step along the optimiser's gradients, clipped if they are too large.

    Raises DivergedError, with the weights untouched, where a gradient is not finite.
    """
    weights = optimiser.param_groups[0]["params"]
    norm = float(nn.utils.get_total_norm([weight.grad for weight in weights]))
    if not math.isfinite(norm):
        raise DivergedError(
            "The loss is not finite any more; the last good weights are kept. Try a smaller learning rate or beta."
        )
    if norm > GRADIENT_LIMIT:
        nn.utils.clip_grads_with_norm_(weights, GRADIENT_LIMIT, torch.tensor(norm))
    optimiser.step()


@contextmanager
def evaluating(model: nn.Module) -> Iterator[nn.Module]:
    """Puts the model into evaluation mode, without gradients, and restores its own mode afterwards."""
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            yield model
    finally:
        model.train(was_training)


def _weighted(term: Tensor, setting: str | None, weights: Weights) -> Tensor:
    return term if setting is None else weights[setting] * term


def _soft_clamp(values: Tensor, low: float, high: float) -> Tensor:
    """Values kept between low and high, nearly unchanged in between, with a gradient everywhere.

    exp(log σ²) of an unbounded output overflows sooner or later; a hard clamp would leave a value that got out with
    no gradient to come back by.
    """
    above = low + functional.softplus(values - low)
    return high - functional.softplus(high - above)
