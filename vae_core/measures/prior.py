"""Agreement of test codes with the prior N(0, I), in standard coordinates.

Of a VAE's posteriors one code each is drawn; an AE's codes are whitened first, so that only the shape of the cloud
counts against it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations

import torch
from torch import Tensor
from torch.distributions import Binomial

from vae_core.codes.geometry import principal_components
from vae_core.measures.catalogue import CELLS
from vae_core.measures.subject import SEED, Subject
from vae_core.measures.takers import measure, with_interval
from vae_core.models.losses import squared_discrepancy
from vae_core.runs.cards import Measure

ROTATIONS = 16  # of a plane, evenly within the quarter turn after which its cells are the same again
MAX_AXES = 10  # beyond two dimensions: every pair of so many principal axes
HOLE = 0.25  # of its due: a cell that holds less is a hole


@measure
def prior_hole_share(subject: Subject) -> Measure:
    """Share of the cells of equal prior mass with less than a quarter of the test codes expected, 0 to 1.

    100 cells of the line, or 10 × 10 of the plane, mean over 16 rotations of it; beyond two dimensions mean over pairs
    of principal axes. Beside it: what as many codes from the prior itself would have on average.
    """
    return _over_cells(subject, holes)


@measure
def marginal_kl(subject: Subject) -> Measure:
    """Sum of h log(100 h) over the shares h of test codes in the cells of `prior_hole_share`: 0 to log 100.

    A lower bound of KL(q(z) ‖ p(z)), the marginal KL of Hoffman & Johnson 2016, that is finite for an AE as well (data
    processing inequality). With n codes it is about 99/2n too high; beside it what codes from the prior itself have.
    """
    return _over_cells(subject, divergences)


@measure
def mmd2(subject: Subject) -> Measure:
    """Squared maximum mean discrepancy of test codes and N(0, I), by a kernel with ℓ² = latent_dim: about 0 to 1.6.

    Unbiased, so it falls below 0 where codes can't be told from the prior's. Gretton et al. 2012, eq. 3.
    """
    width = float(subject.model.config.latent_dim)
    return with_interval(partial(squared_discrepancy, width=width), subject.standard_codes, seed=SEED)


def holes(shares: Tensor) -> Tensor:
    """1 for shares of the codes in a cell below HOLE of the expected share, else 0."""
    return (shares < HOLE / CELLS).double()


def divergences(shares: Tensor) -> Tensor:
    """The contribution of each share of the codes in a cell to the KL divergence, a mean over cells."""
    return CELLS * torch.xlogy(shares, CELLS * shares)


def _over_cells(subject: Subject, function: Callable[[Tensor], Tensor]) -> Measure:
    """Mean over cells and partitions of `function` of a cell's share of the codes."""
    codes, latent_dim = _principal_codes(subject), subject.model.config.latent_dim
    pairs = f"Mean over the pairs of the first {min(latent_dim, MAX_AXES)} principal axes."
    return with_interval(
        lambda cells: function(_shares(cells)).mean(),
        _cells(codes),
        jackknife=True,  # a tenth of the codes leaves more cells empty than all of them do
        seed=SEED,
        beside={"of_the_prior": expected_of_prior(function, len(codes))},
        note=pairs if latent_dim > 2 else None,
    )


def _principal_codes(subject: Subject) -> Tensor:
    """Test codes in standard coordinates along their principal axes; unrotated in one or two dimensions.

    The axes of an AE's standard coordinates are principal ones; a VAE's are turned, about 0, to those of its means.
    """
    if not subject.model.has_posterior or subject.model.config.latent_dim <= 2:
        return subject.standard_codes
    directions = principal_components(subject.training_posterior.mu.numpy())[2]
    return subject.standard_codes @ torch.from_numpy(directions).float()


def cell_shares(codes: Tensor) -> Tensor:
    """Share of codes (N, D) in each of CELLS cells of equal mass under N(0, I): (partitions, CELLS), float64."""
    return _shares(_cells(codes))


def _cells(codes: Tensor) -> Tensor:
    """The index of the cell of each of codes (N, D) in every partition: (N, partitions)."""
    return torch.stack([cells.to(torch.uint8) for cells in _partitions(codes)], dim=1)


def _shares(cells: Tensor) -> Tensor:
    """Share of the rows of (N, partitions) in each cell: (partitions, CELLS), float64."""
    partitions = cells.shape[1]
    counts = torch.bincount((cells + CELLS * torch.arange(partitions)).flatten(), minlength=CELLS * partitions)
    return counts.view(partitions, CELLS).double() / len(cells)


def _partitions(codes: Tensor) -> Iterator[Tensor]:
    """The cell of each code, (N,), for every pair of axes and every rotation; a single one for a line."""
    if codes.shape[1] == 1:
        yield _quantile_cells(codes[:, 0], CELLS)
        return
    across = math.isqrt(CELLS)
    for first, second in combinations(codes.T[:MAX_AXES], 2):
        for turn in range(ROTATIONS):
            angle = turn * math.pi / (2 * ROTATIONS)
            x = math.cos(angle) * first + math.sin(angle) * second
            y = math.cos(angle) * second - math.sin(angle) * first
            yield across * _quantile_cells(x, across) + _quantile_cells(y, across)


def _quantile_cells(values: Tensor, count: int) -> Tensor:
    """The index of the interval, of `count` with equal mass under N(0, 1), of each value (N,)."""
    edges = torch.special.ndtri(torch.arange(1, count, dtype=torch.float64) / count)
    return torch.bucketize(values.double(), edges)


def expected_of_prior(function: Callable[[Tensor], Tensor], count: int) -> float:
    """The mean of `function` of a cell's share for `count` codes drawn from the prior itself: a binomial."""
    hits = torch.arange(count + 1, dtype=torch.float64)
    probabilities = Binomial(count, torch.tensor(1 / CELLS, dtype=torch.float64)).log_prob(hits).exp()
    return float(probabilities @ function(hits / count))
