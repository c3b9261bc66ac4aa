"""Standard coordinates, in which codes of different models compare: the prior's, or whitened ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from vae_core.codes.geometry import principal_components

EIGENVALUE_FLOOR = 1e-6  # of the largest one: a direction in which codes don't vary is not blown up
MIN_EIGENVALUE = 1e-12  # for codes that are all the same


class Standardisation(NamedTuple):
    """The map of codes z to standard coordinates, (z − mean) @ whitening: `mean` (D,), `whitening` (D, D).

    `space.js` of the planes is the same in the browser.
    """

    mean: np.ndarray
    whitening: np.ndarray

    @property
    def inverse(self) -> np.ndarray:
        """The inverse of the whitening, (D, D): row i is the change of code along standard coordinate i."""
        return np.linalg.inv(self.whitening.astype(np.float64)).astype(self.whitening.dtype)

    @property
    def is_identity(self) -> bool:
        return not self.mean.any() and np.array_equal(self.whitening, np.eye(len(self.mean)))

    def standardise(self, codes: np.ndarray) -> np.ndarray:
        """Raw codes (..., D) in standard coordinates."""
        standard: np.ndarray = (codes - self.mean) @ self.whitening
        return standard

    def unstandardise(self, codes: np.ndarray) -> np.ndarray:
        """Standard coordinates (..., D) as raw codes."""
        raw: np.ndarray = codes @ self.inverse + self.mean
        return raw


def standardisation(has_posterior: bool, latent_dim: int, training_codes: Callable[[], np.ndarray]) -> Standardisation:
    """The map of a model: the identity with a posterior, whose scale the prior sets; else a whitening.

    `training_codes` gives the codes (N, latent_dim) of the training images, where they are needed.
    """
    if has_posterior:
        return Standardisation(np.zeros(latent_dim, np.float32), np.eye(latent_dim, dtype=np.float32))
    return pca_whitening(training_codes())


def pca_whitening(codes: np.ndarray) -> Standardisation:
    """The PCA whitening of codes (N, D): whitened codes have covariance I.

    Axes are ordered by variance, largest first; the sign of each makes its largest component positive; eigenvalues
    below EIGENVALUE_FLOOR of the largest, or below MIN_EIGENVALUE, are raised to it.
    """
    mean, values, vectors = principal_components(codes)
    floor = max(values[0] * EIGENVALUE_FLOOR, MIN_EIGENVALUE)
    return Standardisation(mean.astype(np.float32), (vectors / np.sqrt(np.maximum(values, floor))).astype(np.float32))
