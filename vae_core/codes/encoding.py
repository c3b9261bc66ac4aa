"""Codes and the space they lie in: encoding a split, the map to standard coordinates, neighbours."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vae_core.codes.codes import Codes

if TYPE_CHECKING:
    import torch

    from vae_core.data.datasets import ImageSet
    from vae_core.models.auto_encoders import AutoEncoder, Posterior

EIGENVALUE_FLOOR = 1e-6  # of the largest one: a direction in which codes don't vary is not blown up
LEAST_EIGENVALUE = 1e-12  # for codes that are all the same


def encode_images(model: AutoEncoder, images: torch.Tensor, batch: int = 2000) -> Posterior:
    """The posteriors of uint8 images (N, C, H, W): mu and log_var (N, latent_dim), float32."""
    import torch

    from vae_core.data.datasets import to_floats
    from vae_core.models.auto_encoders import Posterior, evaluating

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
    mean, values, vectors = principal_components(codes)
    floor = max(values[0] * EIGENVALUE_FLOOR, LEAST_EIGENVALUE)
    return mean.astype(np.float32), (vectors / np.sqrt(np.maximum(values, floor))).astype(np.float32)


def principal_components(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean (D,), variances (D,) and directions (D, D), one a column, of the principal components of codes (N, D).

    The largest variance first; the sign of a direction makes its largest component positive.
    """
    mean = codes.mean(0, dtype=np.float64)
    centred = codes - mean
    values, vectors = np.linalg.eigh(centred.T @ centred / len(codes))
    values, vectors = values[::-1], vectors[:, ::-1]
    largest = np.abs(vectors).argmax(0)
    return mean, values, vectors * np.sign(vectors[largest, np.arange(len(values))])


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


def density(codes: np.ndarray, code: np.ndarray, radius: float) -> tuple[int, float]:
    """How many of codes (N, D) lie within `radius` of `code` (D,), and how many N draws from N(0, I) would put there.

    Both in standard coordinates. The second takes the prior's density over the ball to second order, so the radius has
    to be small beside 1.
    """
    latent_dim = len(code)
    inside = int((np.square(codes - code).sum(1) <= radius**2).sum())
    volume = math.pi ** (latent_dim / 2) / math.gamma(latent_dim / 2 + 1) * radius**latent_dim
    square = float(np.square(code).sum())
    at_the_centre = (2 * math.pi) ** (-latent_dim / 2) * math.exp(-square / 2)
    curvature = radius**2 * (square - latent_dim) / (2 * (latent_dim + 2))
    return inside, len(codes) * volume * at_the_centre * (1 + curvature)


class Slice(NamedTuple):
    """A plane, or a line, through code space: the codes centre + x·directions[0] + y·directions[1] and their shifts.

    `centre` (D,), `directions` (1 or 2, D), orthonormal.
    """

    centre: np.ndarray
    directions: np.ndarray

    def places(self, codes: np.ndarray) -> np.ndarray:
        """Where codes (N, D) are on it, or are projected to: (N, 1 or 2)."""
        return (codes - self.centre) @ self.directions.T


def dimension_slice(latent_dim: int, axes: tuple[int, ...]) -> Slice:
    """The slice along one or two dimensions of the code; places on it are coordinates of the code itself."""
    return Slice(np.zeros(latent_dim), np.eye(latent_dim)[list(axes)])


def component_slice(codes: np.ndarray, axes: tuple[int, ...]) -> Slice:
    """The slice along principal components of codes (N, D), counted from 0, the widest."""
    mean, _, directions = principal_components(codes)
    return Slice(mean, directions.T[list(axes)])


def slice_through(places: np.ndarray) -> Slice:
    """The slice through three codes (3, D), centred on the first. Raises ValueError where they lie on one line."""
    first, second, third = places
    across = second - first
    length = np.linalg.norm(across)
    across = across / max(length, 1e-12)
    up = third - first
    up = up - (up @ across) * across
    height = np.linalg.norm(up)
    if min(length, height) < 1e-6 * max(1.0, np.abs(places).max()):
        raise ValueError("three places on one line")
    return Slice(first, np.stack([across, up / height]))
