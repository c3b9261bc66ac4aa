"""The geometry of codes: principal components, nearest codes, and their density beside the prior's."""

from __future__ import annotations

import math

import numpy as np


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


def nearest(codes: np.ndarray, code: np.ndarray, count: int) -> np.ndarray:
    """Positions (count,) of the codes (N, D) nearest to `code` (D,), nearest first."""
    distances = np.square(codes - code).sum(1)
    count = min(count, len(codes))
    candidates = np.argpartition(distances, count - 1)[:count]
    return candidates[np.argsort(distances[candidates], kind="stable")]


def density(codes: np.ndarray, code: np.ndarray, radius: float) -> tuple[int, float]:
    """The number of codes (N, D) within `radius` of `code` (D,), and the number expected of N draws from N(0, I).

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
