"""The losses, as free functions of tensors, in nats per image.

Reconstruction and KL are sums over pixels and over latent dimensions. A mean over D pixels beside a summed KL is
another objective: `ModelConfig.equivalent_beta` says which.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx
from torch.nn import functional

from vae_core.configs import ModelConfig


class LossTerms(NamedTuple):
    """The named terms of a loss, means over the batch, in nats per image."""

    total: Tensor
    reconstruction: Tensor
    kl: Tensor


class _BernoulliNats(torch.autograd.Function):
    """Bernoulli cross-entropy from logits, summed over everything, with the gradient sigmoid(logits) - images.

    torch's own `binary_cross_entropy_with_logits` does the same in more passes over memory; this is the part of a
    training step that costs most after the matrix products.
    """

    @staticmethod
    def forward(context: FunctionCtx, logits: Tensor, images: Tensor) -> Tensor:
        context.save_for_backward(logits, images)
        return functional.softplus(logits).sum() - torch.dot(logits.flatten(), images.flatten())

    @staticmethod
    def backward(context: FunctionCtx, gradient: Tensor) -> tuple[Tensor, None]:
        logits, images = context.saved_tensors
        return torch.sigmoid(logits).sub_(images).mul_(gradient), None


def bernoulli_nats(logits: Tensor, images: Tensor) -> Tensor:
    """Cross-entropy of grey pixels and Bernoulli(sigmoid(logits)), summed over all pixels and images: a scalar.

    `logits` and `images` (in [0, 1]) have one shape. Its least value is the pixels' own entropy, not 0.
    """
    return _BernoulliNats.apply(logits, images)


def gaussian_nats(means: Tensor, images: Tensor, variance: float) -> Tensor:
    """Squared error over twice the variance, summed over all pixels and images: a scalar.

    The negative log-likelihood of a Gaussian without its constant ½·log(2π·variance) a pixel.
    """
    return functional.mse_loss(means, images, reduction="sum") / (2 * variance)


def kl_nats(mu: Tensor, log_var: Tensor) -> Tensor:
    """KL(N(mu, σ²) ‖ N(0, 1)) = ½(mu² + σ² − log σ² − 1) for each element; shape of `mu`.

    Kingma & Welling 2014, appendix B. Written with expm1, so that it keeps its digits where σ² is near 1; finite
    for log-variances from −30 to +20.
    """
    return 0.5 * (mu.square() + torch.expm1(log_var) - log_var)


def sample_posterior(mu: Tensor, log_var: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """z = mu + σ·ε with ε from N(0, I): the reparameterisation, differentiable in both. Shape of `mu`."""
    noise = torch.empty_like(mu).normal_(generator=generator)
    return torch.addcmul(mu, torch.exp(0.5 * log_var), noise)


def reconstruction_nats(config: ModelConfig, raw: Tensor, images: Tensor) -> Tensor:
    """What the config calls reconstruction, summed over pixels and images, from the decoder's raw output: a scalar."""
    if config.reconstruction == "bce":
        return bernoulli_nats(raw, images)
    return gaussian_nats(to_mean_images(config, raw), images, config.observation_variance)


def to_mean_images(config: ModelConfig, raw: Tensor) -> Tensor:
    """The mean images of a decoder's raw output, same shape; in [0, 1] but for an identity output."""
    return torch.sigmoid(raw) if config.output == "sigmoid" else raw


def pairwise_nats(config: ModelConfig, raw: Tensor, images: Tensor) -> Tensor:
    """−log p(x|z) of every image under every decoded code: raw (P, C, H, W), images (N, C, H, W) -> (P, N).

    One matrix product. With mse the constant of the Gaussian is in it, so that exp(−result) is a density.
    """
    raw, images = raw.flatten(1), images.flatten(1)
    if config.reconstruction == "bce":
        return functional.softplus(raw).sum(1, keepdim=True) - raw @ images.T
    means, variance = to_mean_images(config, raw), config.observation_variance
    squares = means.square().sum(1, keepdim=True) + images.square().sum(1) - 2 * means @ images.T
    return squares / (2 * variance) + likelihood_constant(config, raw.shape[1])


def likelihood_constant(config: ModelConfig, pixels: int) -> float:
    """What `reconstruction_nats` leaves out of −log p(x|z), in nats per image: ½·D·log(2π·s²) for mse, 0 for bce."""
    return 0.5 * pixels * math.log(2 * math.pi * config.observation_variance) if config.reconstruction == "mse" else 0.0


def pixel_entropy(images: Tensor) -> Tensor:
    """The floor of the grey-Bernoulli score: the Bernoulli entropy of the pixels, in nats per image. (N, ...) -> ()"""
    pixels = images.flatten(1)
    return -(torch.xlogy(pixels, pixels) + torch.xlogy(1 - pixels, 1 - pixels)).sum(1).mean()
