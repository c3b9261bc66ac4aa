"""The codes of a run, and the map to the standard coordinates in which models compare."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vae_core.codes.standardisation import Standardisation


@dataclass(frozen=True)
class Codes:
    """The codes of a run's test split, and the map to standard coordinates.

    `mu` (N, latent_dim), `log_var` the same or None, `labels` and `indices` (N,) with the index of each image in
    its data set; standard coordinates are (z − code_mean) @ code_whitening, with code_mean (latent_dim,) and
    code_whitening (latent_dim, latent_dim).
    """

    mu: np.ndarray
    log_var: np.ndarray | None
    labels: np.ndarray
    indices: np.ndarray
    code_mean: np.ndarray
    code_whitening: np.ndarray

    @property
    def space(self) -> Standardisation:
        """The map to standard coordinates."""
        return Standardisation(self.code_mean, self.code_whitening)

    def standardise(self, codes: np.ndarray) -> np.ndarray:
        """Raw codes (B, latent_dim) in standard coordinates."""
        return self.space.standardise(codes)

    def unstandardise(self, codes: np.ndarray) -> np.ndarray:
        """Standard coordinates (B, latent_dim) as raw codes."""
        return self.space.unstandardise(codes)

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays of `codes.npz`."""
        return {name: array for name, array in vars(self).items() if array is not None}
