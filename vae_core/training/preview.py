"""Previews of a model in training: codes, reconstructions, samples and the state of each dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vae_core.runs.layouts import PREVIEW_CODES, PREVIEW_RECONSTRUCTIONS, PREVIEW_SAMPLES

if TYPE_CHECKING:
    from torch import Tensor

    from vae_core.data.datasets import ImageSet
    from vae_core.models.auto_encoders import AutoEncoder

SAMPLE_SEED = 2


def preview(model: AutoEncoder, data: ImageSet, step: int) -> dict[str, np.ndarray]:
    """The arrays of `preview.npz`; pictures are uint8 (N, C, H, W), always of the same images and prior draws.

    `codes` (N, latent_dim) and `labels` of the first validation images, `originals` and `reconstructions` of the
    first ten, `samples` from the prior, `kl` (latent_dim,) as its mean over the codes and `sigma` as the
    root of that of σ², so that its square over the codes' variance is `noise_to_signal` (both nan for an AE).
    """
    import torch

    from vae_core.codes.encoding import encode_images
    from vae_core.data.datasets import to_floats
    from vae_core.models.auto_encoders import evaluating

    images, labels = (part[:PREVIEW_CODES] for part in data.split("validation"))
    posterior = encode_images(model, images)
    device = next(model.parameters()).device
    prior = torch.randn(PREVIEW_SAMPLES, model.config.latent_dim, generator=torch.Generator().manual_seed(SAMPLE_SEED))
    with evaluating(model):
        reconstructions = model(to_floats(images[:PREVIEW_RECONSTRUCTIONS].to(device)))
        samples = model.decode(prior.to(device))
    mu, log_var = posterior
    sigma = kl = torch.full(mu.shape[1:], torch.nan)
    if log_var is not None:
        sigma, kl = log_var.exp().mean(0).sqrt(), posterior.kl().mean(0)
    return {
        "step": np.array(step),
        "codes": mu.numpy(),
        "labels": labels.numpy().astype(np.uint8),
        "originals": images[:PREVIEW_RECONSTRUCTIONS].numpy(),
        "reconstructions": _to_bytes(reconstructions),
        "samples": _to_bytes(samples),
        "sigma": sigma.numpy(),
        "kl": kl.numpy(),
    }


def _to_bytes(images: Tensor) -> np.ndarray:
    return images.clamp(0, 1).mul(255).round().byte().cpu().numpy()
