"""The losses, as free functions of tensors, in nats per image.

Reconstruction and KL are sums over pixels and over latent dimensions. A mean over D pixels beside a summed KL is
another objective: `ModelConfig.equivalent_beta` says which.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx
from torch.nn import functional

MATCH_WIDTHS = (0.01, 0.04, 0.16)  # ℓ² of the kernels of `prior_mismatch`, for each latent dimension
KERNEL_BLOCK = 1000  # codes that meet all others at once


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
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, None]:
        logits, images = context.saved_tensors
        return torch.sigmoid(logits).sub_(images).mul_(gradient), None


_nats_with_gradient: Callable[[Tensor, Tensor], Tensor] = _BernoulliNats.apply


def bernoulli_nats(logits: Tensor, images: Tensor) -> Tensor:
    """Cross-entropy of grey pixels and Bernoulli(sigmoid(logits)), summed over all pixels and images: a scalar.

    `logits` and `images` (in [0, 1]) have one shape. Its least value is the pixels' own entropy, not 0.
    """
    return _nats_with_gradient(logits, images)


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


def prior_mismatch(codes: Tensor) -> Tensor:
    """The distance of codes (N, D) as a whole from N(0, I), close to KL(q(z) ‖ p(z)) if that is small: a scalar.

    The mean over kernels of MATCH_WIDTHS of their squared discrepancy, over 2ℓᴰ: to second order the KL is
    ½∫(q − p)²/p, and a kernel narrower than what q and p vary over gives (2πℓ²)^{D/2}·∫(q − p)², for which p is taken
    at its highest. So it is no bound, and meant for few dimensions. Differentiable; 0 for less than two codes.
    The KL of each posterior lets the codes leave gaps between groups, for it knows nothing of the others; this term
    is that of the InfoVAE (Zhao, Song & Ermon 2019) with narrower kernels.
    """
    count, latent_dim = codes.shape
    if count < 2:
        return codes.new_zeros(())
    widths = [latent_dim * width for width in MATCH_WIDTHS]
    total = sum(squared_discrepancy(codes, width) / (2 * width ** (latent_dim / 2)) for width in widths)
    mean: Tensor = total / len(widths)
    return mean.to(codes.dtype)


def squared_discrepancy(codes: Tensor, width: float) -> Tensor:
    """MMD² of codes (N, D) and N(0, I): a scalar, unbiased, the prior's terms in closed form, differentiable.

    The kernel is exp(−‖x − y‖²/2ℓ²) with ℓ² = `width`. NaN for less than two codes. Gretton et al. 2012, eq. 3.
    """
    count, latent_dim = codes.shape
    within_prior = (width / (width + 2)) ** (latent_dim / 2)
    across = (width / (width + 1)) ** (latent_dim / 2) * torch.exp(-codes.double().square().sum(1) / (2 * (width + 1)))
    pairs = sum(_kernel(block, codes, width).sum(dtype=torch.float64) for block in codes.split(KERNEL_BLOCK))
    within_codes = (pairs - count) / (count * (count - 1)) if count > 1 else torch.tensor(math.nan)
    discrepancy: Tensor = within_codes + within_prior - 2 * across.mean()
    return discrepancy


def _kernel(codes: Tensor, others: Tensor, width: float) -> Tensor:
    """exp(−‖x − y‖²/2ℓ²) of each pair: (M, D), (N, D) -> (M, N)."""
    squares = codes.square().sum(1, keepdim=True) + others.square().sum(1)
    return torch.addmm(squares, codes, others.T, alpha=-2).clamp_(min=0).mul_(-0.5 / width).exp_()


def sample_posterior(mu: Tensor, log_var: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """z = mu + σ·ε with ε from N(0, I): the reparameterisation, differentiable in both. Shape of `mu`."""
    noise = torch.empty_like(mu).normal_(generator=generator)
    return torch.addcmul(mu, torch.exp(0.5 * log_var), noise)


def pixel_entropy(images: Tensor) -> Tensor:
    """The minimum of the grey-Bernoulli score: the Bernoulli entropy of the pixels, nats per image. (N, ...) -> ()"""
    pixels = images.flatten(1)
    return -(torch.xlogy(pixels, pixels) + torch.xlogy(1 - pixels, 1 - pixels)).sum(1).mean()
