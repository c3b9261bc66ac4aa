"""Encoding: the codes of images, and those of a run's test split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vae_core.codes.codes import Codes
from vae_core.codes.standardisation import standardisation

if TYPE_CHECKING:
    import torch

    from vae_core.data.datasets import ImageSet
    from vae_core.models.auto_encoders import AutoEncoder, Posterior


def encode_images(model: AutoEncoder, images: torch.Tensor, batch: int = 2000) -> Posterior:
    """Posteriors of uint8 images (N, C, H, W): mu and log_var (N, latent_dim), float32."""
    import torch

    from vae_core.data.datasets import to_floats
    from vae_core.models.auto_encoders import Posterior, evaluating

    device = next(model.parameters()).device
    with evaluating(model):
        parts = [model.encode(to_floats(part.to(device))) for part in images.split(batch)]
    log_var = torch.cat([part.spread for part in parts]).cpu() if model.has_posterior else None
    return Posterior(torch.cat([part.mu for part in parts]).cpu(), log_var)


def compute_codes(model: AutoEncoder, data: ImageSet) -> Codes:
    """The codes of the test split, and the map to standard coordinates."""
    images, labels = data.split("test")
    posterior = encode_images(model, images)
    space = standardisation(
        model.has_posterior,
        model.config.latent_dim,
        lambda: encode_images(model, data.split("training")[0]).mu.numpy(),
    )
    return Codes(
        mu=posterior.mu.numpy(),
        log_var=None if posterior.log_var is None else posterior.log_var.numpy(),
        labels=labels.numpy().astype(np.uint8),
        indices=data.splits["test"].numpy().astype(np.int32),
        code_mean=space.mean,
        code_whitening=space.whitening,
    )
