"""Paths from one code to another, straight or on a sphere, and the evenness of their steps.

path = linear(start, end, 9)                            # (9, latent_dim)
sizes = step_sizes(model.decode(path).flatten(1))       # (8,)
print(length(sizes), step_evenness(sizes))
"""

from __future__ import annotations

import torch
from torch import Tensor

PARALLEL = 1e-6  # sine of an angle: below it two directions have no plane of their own that rounding leaves alone


def linear(start: Tensor, end: Tensor, count: int) -> Tensor:
    """`count` points on the straight line from start to end, both included, evenly spaced: (...) -> (count, ...)."""
    if start.shape != end.shape or count < 2:
        raise ValueError("a path needs two ends of one shape and at least two points")
    shares = torch.linspace(0, 1, count, dtype=start.dtype).reshape(-1, *[1] * start.dim())
    return torch.lerp(start, end, shares)


def spherical(start: Tensor, end: Tensor, count: int) -> Tensor:
    """`count` codes (count, D) from start to end (D,), direction and norm changing at constant rates.

    In standard coordinates it keeps to the shell where N(0, I) has its mass, as a straight line does not. It is the
    straight line where the directions are nearly the same or an end is 0, and in one dimension. Between opposite
    directions it turns through the dimension in which start is smallest, the first of those.
    Shoemake 1985; for codes White 2016.
    """
    straight = linear(start, end, count)
    norms = linear(start.norm(), end.norm(), count)
    if len(start) == 1 or norms[[0, -1]].min() == 0:
        return straight
    first, last = start / norms[0], end / norms[-1]
    across = last - (last @ first) * first
    if across.norm() < PARALLEL:
        if last @ first > 0:
            return straight
        axis = torch.eye(len(start), dtype=start.dtype)[start.abs().argmin()]
        across = axis - (axis @ first) * first
    across = across / across.norm()
    angles = linear(torch.zeros_like(norms[0]), torch.atan2(last @ across, last @ first).abs(), count)
    codes: Tensor = norms[:, None] * (angles.cos()[:, None] * first + angles.sin()[:, None] * across)
    return codes


def cross_dissolve(start_image: Tensor, end_image: Tensor, count: int) -> Tensor:
    """`count` images (count, C, H, W), one fading out as the other fades in: the baseline without a model."""
    return linear(start_image, end_image, count)


def step_sizes(features: Tensor) -> Tensor:
    """The distances (..., N−1) between consecutive points (..., N, F): flattened images, or their features."""
    sizes: Tensor = features.diff(dim=-2).double().norm(dim=-1)
    return sizes


def length(sizes: Tensor) -> Tensor:
    """The length (...) of paths with these steps (..., N−1)."""
    return sizes.sum(-1)


def energy(sizes: Tensor) -> Tensor:
    """The energy E = ½∫‖γ'‖² over unit time (...) of paths with these steps (..., N−1): at least ½·length².

    It is that only where every step is as long as every other. Shao et al. 2018.
    """
    return sizes.square().sum(-1) * sizes.shape[-1] / 2


def step_evenness(sizes: Tensor) -> Tensor:
    """The mean step over the largest (...), of steps (..., N−1): 1 if all are equal, 1/(N−1) for a single jump.

    It is NaN where nothing moves.
    """
    sizes = sizes.double()
    return (sizes.mean(-1) / sizes.amax(-1)).clamp(max=1)
