"""The kinds of model: an auto-encoder (AE) and a variational auto-encoder (VAE), behind one interface.

A kind owns its networks, its optimisers, its training step and its loss; a training loop, a page and a measure only
know `AutoEncoder`. A further kind is one more final class, named in `configs.Kind` and in `KINDS`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, NamedTuple, final

import torch
from torch import Tensor, nn
from torch.nn import functional

from vae_core.configs import ModelConfig
from vae_core.errors import DivergedError
from vae_core.models import losses, networks
from vae_core.models.losses import LossTerms

LOG_VAR_RANGE = (-20.0, 10.0)
GRADIENT_LIMIT = 100.0  # nats per image and unit of weight: reached in the first steps and by outliers only


class Posterior(NamedTuple):
    """q(z|x) = N(mu, exp(log_var)), both (B, latent_dim); `log_var` is None where the code is a point."""

    mu: Tensor
    log_var: Tensor | None


class AutoEncoder(nn.Module, ABC):
    """What every kind can do. Images are floats in [0, 1], (B, C, H, W); codes are (B, latent_dim)."""

    has_posterior: ClassVar[bool]
    """Whether a code is a distribution, so that there is a KL, a likelihood and noise to speak of."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        heads = 2 if self.has_posterior else 1
        self.encoder = networks.encoder(config.encoder, config.image_shape, heads * config.latent_dim)
        self.decoder = networks.decoder(config.decoder, config.image_shape, config.latent_dim)

    @abstractmethod
    def encode(self, images: Tensor) -> Posterior:
        """The code of each image."""

    @abstractmethod
    def sample_code(self, posterior: Posterior, generator: torch.Generator | None = None) -> Tensor:
        """A code drawn from each posterior, (B, latent_dim), differentiable in it."""

    @abstractmethod
    def kl(self, posterior: Posterior) -> Tensor:
        """KL from the prior N(0, I) in nats, of each image and dimension, (B, latent_dim); 0 where codes are points."""

    @abstractmethod
    def mismatch(self, codes: Tensor) -> Tensor:
        """How far a batch of codes (B, latent_dim) as a whole is from the prior: a scalar; 0 for a kind without one."""

    def decode_raw(self, codes: Tensor) -> Tensor:
        """The decoder's output before its last non-linearity, (B, C, H, W): logits with bce."""
        return self.decoder(codes)

    def decode(self, codes: Tensor) -> Tensor:
        """The mean image of each code, (B, C, H, W)."""
        return losses.to_mean_images(self.config, self.decode_raw(codes))

    def forward(self, images: Tensor) -> Tensor:
        """The reconstruction of each image from the mean of its code."""
        return self.decode(self.encode(images).mu)

    def loss(
        self, images: Tensor, beta: float, generator: torch.Generator | None = None, prior_match: float = 0.0
    ) -> LossTerms:
        """The terms of the loss, means over the batch in nats per image: reconstruction + β·KL + prior_match·mismatch.

        Where `prior_match` is 0, the mismatch is not taken, and is 0.
        """
        posterior = self.encode(images)
        codes = self.sample_code(posterior, generator)
        reconstruction = losses.reconstruction_nats(self.config, self.decode_raw(codes), images) / len(images)
        kl = self.kl(posterior).sum() / len(images)
        mismatch = self.mismatch(codes) if prior_match else codes.new_zeros(())
        return LossTerms(reconstruction + beta * kl + prior_match * mismatch, reconstruction, kl, mismatch)

    def optimisers(self, learning_rate: float) -> dict[str, torch.optim.Optimizer]:
        """Its optimisers by name; the loop sets their learning rate and saves their state."""
        return {"main": torch.optim.Adam(self.parameters(), lr=learning_rate, fused=True)}

    def training_step(
        self,
        images: Tensor,
        optimisers: dict[str, torch.optim.Optimizer],
        beta: float,
        generator: torch.Generator | None = None,
        prior_match: float = 0.0,
    ) -> LossTerms:
        """One step on one batch; the terms of the loss before it, detached.

        Raises DivergedError, with the weights untouched, where a gradient is not finite.
        """
        optimiser = optimisers["main"]
        optimiser.zero_grad()
        terms = self.loss(images, beta, generator, prior_match)
        terms.total.backward()
        weights = optimiser.param_groups[0]["params"]
        norm = float(nn.utils.get_total_norm([weight.grad for weight in weights]))
        if not math.isfinite(norm):
            raise DivergedError(
                "The loss is not finite any more; the last good weights are kept. Try a smaller learning rate or beta."
            )
        if norm > GRADIENT_LIMIT:
            nn.utils.clip_grads_with_norm_(weights, GRADIENT_LIMIT, torch.tensor(norm))
        optimiser.step()
        return LossTerms(*(term.detach() for term in terms))


@final
class AE(AutoEncoder):
    """Codes are points; the loss is the reconstruction alone, whatever β is."""

    has_posterior = False

    def encode(self, images: Tensor) -> Posterior:
        return Posterior(self.encoder(images), None)

    def sample_code(self, posterior: Posterior, generator: torch.Generator | None = None) -> Tensor:
        return posterior.mu

    def kl(self, posterior: Posterior) -> Tensor:
        return torch.zeros_like(posterior.mu)

    def mismatch(self, codes: Tensor) -> Tensor:
        return codes.new_zeros(())


@final
class VAE(AutoEncoder):
    """Codes are Gaussians with a diagonal covariance; Kingma & Welling 2014, β as in Higgins et al. 2017."""

    has_posterior = True

    def encode(self, images: Tensor) -> Posterior:
        mu, raw = self.encoder(images).chunk(2, dim=1)
        return Posterior(mu, _soft_clamp(raw, *LOG_VAR_RANGE))

    def sample_code(self, posterior: Posterior, generator: torch.Generator | None = None) -> Tensor:
        return losses.sample_posterior(posterior.mu, posterior.log_var, generator)

    def kl(self, posterior: Posterior) -> Tensor:
        return losses.kl_nats(posterior.mu, posterior.log_var)

    def mismatch(self, codes: Tensor) -> Tensor:
        return losses.prior_mismatch(codes)


KINDS: dict[str, type[AutoEncoder]] = {"ae": AE, "vae": VAE}


def build(config: ModelConfig, seed: int = 0) -> AutoEncoder:
    """A model with weights drawn from `seed`; torch's global generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return KINDS[config.kind](config)


@contextmanager
def evaluating(model: nn.Module) -> Iterator[nn.Module]:
    """The model in evaluation mode, without gradients, and back in its own mode afterwards."""
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            yield model
    finally:
        model.train(was_training)


def _soft_clamp(values: Tensor, low: float, high: float) -> Tensor:
    """Values kept between low and high, nearly unchanged within, with a gradient everywhere.

    exp(log σ²) of an unbounded output overflows sooner or later; a hard clamp would leave a value that got out with
    no gradient to come back by.
    """
    above = low + functional.softplus(values - low)
    return high - functional.softplus(high - above)
