"""The likelihood of images under a VAE: two estimates of log p(x), with p(z) = N(0, I) and p(x|z).

`iwae` is a bound from samples, for any number of latent dimensions; `exact_nll` integrates over the codes themselves,
for one or two. Both hold what mse leaves out of its loss, the constant of the Gaussian.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from vae_core.models.auto_encoders import AutoEncoder, Posterior, evaluating

SAMPLES_AT_ONCE = 64  # of one image
CODES_AT_ONCE = 1024  # decoded together: enough for a fast matrix product, few enough to stay in the cache
NODES_AT_ONCE = 4096  # of the quadrature, which meet many images each
NODES = 4  # across a cell of the quadrature: exact for polynomials of degree 7
TILES = {1: 1536, 2: 96}  # across the codes before any is halved, by latent dimensions
PRIOR_REACH = 6.0
BOX = 4.0  # posterior standard deviations around a mean that are looked at closely, whatever lies there
MARGIN = 16.0  # nats: a cell whose share of p(x) is below exp(−MARGIN) keeps its coarse estimate
TOLERANCE = 5e-4  # a cell is halved again where that changed its share of p(x) by more
MAX_HALVINGS = 16
IMAGES_AT_ONCE = 500  # share the codes that the quadrature decodes


def iwae(model: AutoEncoder, images: Tensor, samples: int, generator: torch.Generator | None = None) -> Tensor:
    """The importance-weighted bound L_k ≤ log p(x) with k = `samples`, in nats, high is good: (N, C, H, W) -> (N,).

    log of the mean over k codes from q(z|x) of p(x|z)·p(z)/q(z|x), eq. 8 of Burda et al. 2016: the ELBO for k = 1,
    log p(x) for k → ∞. `images` are floats; memory does not grow with k.
    """
    device = next(model.parameters()).device
    with evaluating(model):
        parts = images.split(max(1, CODES_AT_ONCE // min(samples, SAMPLES_AT_ONCE)))
        return torch.cat([_iwae_block(model, part.to(device), samples, generator).cpu() for part in parts])


def _iwae_block(model: AutoEncoder, images: Tensor, samples: int, generator: torch.Generator | None) -> Tensor:
    posterior = model.encode(images)
    total = images.new_full((len(images),), -math.inf)
    for done in range(0, samples, SAMPLES_AT_ONCE):
        log_weights = _log_weights(model, images, posterior, min(SAMPLES_AT_ONCE, samples - done), generator)
        total = torch.logaddexp(total, log_weights.logsumexp(1))
    return total - math.log(samples)


def _log_weights(
    model: AutoEncoder, images: Tensor, posterior: Posterior, samples: int, generator: torch.Generator | None
) -> Tensor:
    """log p(x|z) + log p(z) − log q(z|x) for `samples` codes of each image: (B, samples)."""
    mu, log_var = posterior.mu[:, None], posterior.spread[:, None]
    noise = torch.randn(len(mu), samples, mu.shape[2], generator=generator).to(mu)
    codes = torch.addcmul(mu, torch.exp(0.5 * log_var), noise)  # (B, samples, latent_dim)
    prior_over_posterior = 0.5 * (noise.square() - codes.square() + log_var).sum(2)
    return prior_over_posterior + log_likelihood(model, codes, images)


def log_likelihood(model: AutoEncoder, codes: Tensor, images: Tensor) -> Tensor:
    """log p(x|z) in nats of each image under its own S codes: (B, S, latent_dim), (B, C, H, W) -> (B, S)."""
    raw = model.decode_raw(codes.flatten(0, 1)).view(*codes.shape[:2], -1)  # (B, S, D)
    return -model.observation.nats_of_each(raw, images.flatten(1))


def exact_nll(model: AutoEncoder, images: Tensor, spacing: float = 0.5) -> Tensor:
    """−log p(x) in nats by quadrature over one or two latent dimensions, low is good: (N, C, H, W) -> (N,).

    The square of codes (to ±6, and as far as posteriors reach) is cut into cells with Gauss-Legendre nodes; where a
    cell matters to an image it is halved until its nodes lie `spacing` of the image's least posterior σ apart and
    halving changes nothing. It matters where it holds more than exp(−MARGIN) of p(x), so that a mode that the encoder
    does not know of counts as well, and where the encoder says that the code lies, so that no narrow posterior falls
    between the first nodes. What does not matter keeps its coarse estimate.

    `images` are floats. Raises ValueError for more than two dimensions.
    """
    if model.config.latent_dim not in TILES:
        raise ValueError("exact_nll integrates over one or two latent dimensions only")
    device = next(model.parameters()).device
    with evaluating(model):
        return -torch.cat(
            [_log_evidence(model, part.to(device), spacing).cpu() for part in images.split(IMAGES_AT_ONCE)]
        )


class _Boxes(NamedTuple):
    """The regions in which the encoder places codes: a box for each image (N, latent_dim), and its smallest σ (N,)."""

    low: Tensor
    high: Tensor
    sigma: Tensor

    def touch(self, corners: Tensor, side: float, image: Tensor) -> Tensor:
        """Whether cells (..., latent_dim) intersect the boxes of images (...,); leading dimensions broadcast."""
        return ((corners <= self.high[image]) & (corners + side >= self.low[image])).all(-1)


class _Pairs(NamedTuple):
    """P pairs of a cell and an image to which it contributes, in the order of cells: one level of the quadrature."""

    corners: Tensor
    """(K, latent_dim), the lowest of each cell"""
    side: float
    cell: Tensor
    """(P,) of K"""
    image: Tensor
    """(P,) of N"""
    log_mass: Tensor
    """(P,), the logarithm of what the cell holds of p(x)"""


def _log_evidence(model: AutoEncoder, images: Tensor, spacing: float) -> Tensor:
    """log p(x) of each image, (N,): the settled part so far, and the pairs to halve again, level by level."""
    boxes = _encoder_boxes(model, images)
    settled, pairs = _first_level(model, images, boxes)
    for _ in range(MAX_HALVINGS):
        if not len(pairs.cell):
            break
        settled, pairs = _next_level(model, images, boxes, spacing, settled, pairs)
    return torch.logaddexp(settled, _log_sums(pairs.log_mass, pairs.image, len(images)))


def _encoder_boxes(model: AutoEncoder, images: Tensor) -> _Boxes:
    posterior = model.encode(images)
    mu, sigma = posterior.mu, torch.exp(0.5 * posterior.spread).clamp(max=1)  # the prior's: it asks for as fine a grid
    return _Boxes(mu - BOX * sigma, mu + BOX * sigma, sigma.amin(1))


def _first_level(model: AutoEncoder, images: Tensor, boxes: _Boxes) -> tuple[Tensor, _Pairs]:
    """All pairs of an image and a cell of the whole square."""
    latent_dim = model.config.latent_dim
    reach = max(PRIOR_REACH, float(boxes.low.abs().max()), float(boxes.high.abs().max()))
    side = 2 * reach / TILES[latent_dim]
    corners = _grid(side * torch.arange(TILES[latent_dim], device=images.device) - reach, latent_dim)
    log_mass = torch.cat([_log_masses(model, part, side, images) for part in corners.split(_cells_at_once(latent_dim))])
    everyone = torch.arange(len(images), device=images.device)
    matters = (log_mass > log_mass.logsumexp(0) - MARGIN) | boxes.touch(corners[:, None], side, everyone)  # (K, N)
    settled = log_mass.masked_fill(matters, -math.inf).logsumexp(0)
    cell, image = matters.nonzero(as_tuple=True)
    return settled, _Pairs(corners, side, cell, image, log_mass[matters])


def _next_level(
    model: AutoEncoder, images: Tensor, boxes: _Boxes, spacing: float, settled: Tensor, pairs: _Pairs
) -> tuple[Tensor, _Pairs]:
    """The children of every pair's cell: their settled part, and the pairs to refine further."""
    used, cell = pairs.cell.unique_consecutive(return_inverse=True)
    image, side = pairs.image, pairs.side / 2
    steps = _grid(side * torch.arange(2, device=images.device), model.config.latent_dim)
    corners = pairs.corners[used, None] + steps  # (K, latent_dim) -> (K, children, latent_dim)
    log_mass = _children_log_masses(model, corners, side, cell, images, image)  # (P, children)

    total = torch.logaddexp(settled, _log_sums(log_mass.logsumexp(1), image, len(images)))[image]
    change = torch.exp(log_mass.logsumexp(1) - total) - torch.exp(pairs.log_mass - total)
    too_wide, unsure = side > spacing * NODES * boxes.sigma[image], change.abs() > TOLERANCE
    expected = boxes.touch(corners[cell], side, image[:, None])
    matters = (log_mass > total[:, None] - MARGIN) | expected
    goes_on = (too_wide[:, None] & expected) | (unsure[:, None] & matters)

    left = log_mass.masked_fill(goes_on, -math.inf).logsumexp(1)
    settled = torch.logaddexp(settled, _log_sums(left, image, len(images)))
    pair, child = goes_on.nonzero(as_tuple=True)
    cell, order = (cell[pair] * len(steps) + child).sort()
    return settled, _Pairs(corners.flatten(0, 1), side, cell, image[pair][order], log_mass[goes_on][order])


def _children_log_masses(
    model: AutoEncoder, corners: Tensor, side: float, cell: Tensor, images: Tensor, image: Tensor
) -> Tensor:
    """The mass of each child of a pair's cell for the pair's image: corners (K, children, latent_dim) -> (P, children).

    Blocks of neighbouring cells meet the images of the whole block, so that each block is one matrix product.
    """
    children, latent_dim = corners.shape[1:]
    parts = []
    for first, block in _blocks(corners, _cells_at_once(latent_dim) // children):
        start, end = torch.searchsorted(cell, torch.tensor((first, first + len(block)), device=cell.device)).tolist()
        present, column = image[start:end].unique(return_inverse=True)
        log_mass = _log_masses(model, block.flatten(0, 1), side, images[present]).view(len(block), children, -1)
        parts.append(log_mass[cell[start:end] - first, :, column])
    return torch.cat(parts)


def _log_masses(model: AutoEncoder, corners: Tensor, side: float, images: Tensor) -> Tensor:
    """log of ∫ p(x|z)·p(z) dz over each cell, for each image: (K, latent_dim), (N, C, H, W) -> (K, N)."""
    latent_dim = corners.shape[1]
    points, weights = np.polynomial.legendre.leggauss(NODES)  # on [−1, 1]
    offsets = _grid(torch.from_numpy((points + 1) / 2).to(corners), latent_dim)  # (nodes, latent_dim)
    log_weights = _grid(torch.from_numpy(np.log(weights / 2)).to(corners), latent_dim).sum(1)
    codes = (corners[:, None] + side * offsets).flatten(0, 1)  # (K · nodes, latent_dim)
    log_prior = -0.5 * codes.square().sum(1) - 0.5 * latent_dim * math.log(2 * math.pi)
    log_joint = log_prior[:, None] - model.observation.pairwise_nats(model.decode_raw(codes), images)  # (K·nodes, N)
    log_joint = log_joint.view(len(corners), len(offsets), -1) + log_weights[:, None]
    return log_joint.logsumexp(1) + latent_dim * math.log(side)


def _grid(values: Tensor, latent_dim: int) -> Tensor:
    """All combinations of `values` (M,) along the latent dimensions: (M^latent_dim, latent_dim)."""
    return torch.cartesian_prod(*[values] * latent_dim).view(-1, latent_dim)


def _cells_at_once(latent_dim: int) -> int:
    return NODES_AT_ONCE // int(NODES**latent_dim)


def _blocks(values: Tensor, size: int) -> Iterator[tuple[int, Tensor]]:
    """Blocks of `size` rows, each with the index of its first."""
    return zip(range(0, len(values), size), values.split(size), strict=True)


def _log_sums(values: Tensor, image: Tensor, count: int) -> Tensor:
    """log Σ exp of the values (P,) of each image, (count,); −∞ for an image without values."""
    highest = values.new_full((count,), torch.finfo(values.dtype).min).scatter_reduce(0, image, values, "amax")
    return highest + values.new_zeros(count).index_add(0, image, torch.exp(values - highest[image])).log()
