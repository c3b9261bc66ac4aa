"""Slices: planes and lines through code space, along dimensions, components, or through three codes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from vae_core.codes.geometry import principal_components


class Slice(NamedTuple):
    """A plane or line through code space: the codes centre + x·directions[0] + y·directions[1] and their shifts.

    `centre` (D,), `directions` (1 or 2, D), orthonormal.
    """

    centre: np.ndarray
    directions: np.ndarray

    def places(self, codes: np.ndarray) -> np.ndarray:
        """The coordinates of codes (N, D) on the slice, projected if necessary: (N, 1 or 2)."""
        places: np.ndarray = (codes - self.centre) @ self.directions.T
        return places


def dimension_slice(latent_dim: int, axes: tuple[int, ...]) -> Slice:
    """The slice along one or two dimensions of the code; places on it are coordinates of the code itself."""
    return Slice(np.zeros(latent_dim), np.eye(latent_dim)[list(axes)])


def component_slice(codes: np.ndarray, axes: tuple[int, ...]) -> Slice:
    """The slice along principal components of codes (N, D), counted from 0, the widest."""
    mean, _, directions = principal_components(codes)
    return Slice(mean, directions.T[list(axes)])


def slice_through(places: np.ndarray) -> Slice:
    """The slice through three codes (3, D), centred on the first. Raises ValueError if they are collinear."""
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
