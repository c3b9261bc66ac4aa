"""Codes and the space they lie in: encoding a split, the map to standard coordinates, neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vae_core.runs import Codes

if TYPE_CHECKING:
    import torch

    from vae_core.datasets import ImageSet
    from vae_core.models import AutoEncoder, Posterior

EIGENVALUE_FLOOR = 1e-6  # of the largest one: a direction in which codes don't vary is not blown up
LEAST_EIGENVALUE = 1e-12  # for codes that are all the same


def encode_images(model: AutoEncoder, images: torch.Tensor, batch: int = 2000) -> Posterior:
    """The posteriors of uint8 images (N, C, H, W): mu and log_var (N, latent_dim), float32."""
    import torch

    from vae_core.datasets import to_floats
    from vae_core.models import Posterior, evaluating

    device = next(model.parameters()).device
    with evaluating(model):
        parts = [model.encode(to_floats(part.to(device))) for part in images.split(batch)]
    log_var = torch.cat([part.log_var for part in parts]).cpu() if model.has_posterior else None
    return Posterior(torch.cat([part.mu for part in parts]).cpu(), log_var)


def standardisation(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean (D,) and PCA whitening (D, D) of codes (N, D): (codes − mean) @ whitening has covariance I.

    Axes are ordered by variance, largest first; the sign of each makes its largest component positive; eigenvalues
    below EIGENVALUE_FLOOR of the largest, or below LEAST_EIGENVALUE, are raised to it.
    """
    mean = codes.mean(0, dtype=np.float64)
    centred = codes - mean
    values, vectors = np.linalg.eigh(centred.T @ centred / len(codes))
    values, vectors = values[::-1], vectors[:, ::-1]
    largest = np.abs(vectors).argmax(0)
    vectors = vectors * np.sign(vectors[largest, np.arange(len(values))])
    floor = max(values[0] * EIGENVALUE_FLOOR, LEAST_EIGENVALUE)
    return mean.astype(np.float32), (vectors / np.sqrt(np.maximum(values, floor))).astype(np.float32)


def compute_codes(model: AutoEncoder, data: ImageSet) -> Codes:
    """The codes of the test split, and the map to standard coordinates.

    A VAE's prior gives its codes a scale, so its map is the identity; an AE's comes from its training codes.
    """
    latent_dim = model.config.latent_dim
    images, labels = data.split("test")
    posterior = encode_images(model, images)
    if model.has_posterior:
        mean, whitening = np.zeros(latent_dim, np.float32), np.eye(latent_dim, dtype=np.float32)
    else:
        mean, whitening = standardisation(encode_images(model, data.split("training")[0]).mu.numpy())
    return Codes(
        mu=posterior.mu.numpy(),
        log_var=posterior.log_var.numpy() if model.has_posterior else None,
        labels=labels.numpy().astype(np.uint8),
        indices=data.splits["test"].numpy().astype(np.int32),
        code_mean=mean,
        code_whitening=whitening,
    )


def nearest(codes: np.ndarray, code: np.ndarray, count: int) -> np.ndarray:
    """Which `count` of codes (N, D) lie nearest to `code` (D,), nearest first: (count,) of positions."""
    distances = np.square(codes - code).sum(1)
    count = min(count, len(codes))
    candidates = np.argpartition(distances, count - 1)[:count]
    return candidates[np.argsort(distances[candidates], kind="stable")]
