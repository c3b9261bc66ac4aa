"""Geodesics: the shortest paths between codes by the change of the decoded image, at constant speed.

path = geodesic(model.decode, start, end).points(9)     # (9, latent_dim), in steps that look alike
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
from scipy.linalg import solveh_banded
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from torch import Tensor

from vae_core.codes.jacobian import Decode, jacobian
from vae_core.codes.paths import energy, linear, step_sizes

SEGMENTS = 128  # of the curve that is relaxed
PARTS = 10  # of each segment, between which lengths are measured: a chord would jump over a narrow ridge unseen
MAX_STEPS = 40  # of the relaxation; 5 to 15 are usual
MIN_GAIN = 1e-4  # of the energy in one step: below it the relaxation is at its end
GRID = 48  # cells along each side of the square that a first path is looked for in
NEIGHBOURS = ((1, 0), (0, 1), (1, 1), (1, -1), (1, 2), (2, 1), (1, -2), (2, -1))  # 16 directions, half of them listed


class Curve(NamedTuple):
    """A piecewise linear path through `codes` (K, D), passed at `times` (K,), float64, from 0 up to 1.

    `length` is that of the decoded path, in units of the image: the Euclidean norm over all its pixels.
    """

    codes: Tensor
    times: Tensor
    length: float

    def at(self, times: Tensor) -> Tensor:
        """The codes (T, D) at times (T,) in [0, 1]."""
        times = times.double()
        after = torch.searchsorted(self.times, times, right=True).clamp(1, len(self.times) - 1)
        since, until = self.times[after - 1], self.times[after]
        shares = ((times - since) / (until - since)).to(self.codes.dtype)
        return torch.lerp(self.codes[after - 1], self.codes[after], shares[:, None])

    def points(self, count: int) -> Tensor:
        """`count` codes (count, D), both ends included, evenly spaced in time."""
        return self.at(torch.linspace(0, 1, count, dtype=torch.float64))


@contextmanager
def one_thread() -> Iterator[None]:
    """Limits torch to one thread: for matrices this small, several threads mostly wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@one_thread()
@torch.no_grad()
def geodesic(decode: Decode, start: Tensor, end: Tensor, segments: int = SEGMENTS) -> Curve:
    """The shortest path from start to end (D,), by the change of the decoded image, at constant speed.

    It is shortest in the decoder's pull-back metric JᵀJ, J the Jacobian of the mean image: it minimises the energy of
    the decoded curve, and is never longer than the straight line. In two dimensions two first paths are tried, the
    straight line and the shortest one over a grid; in more only the line, so that it is the best near that.
    Where the decoded images overflow on the straight line it is that line; elsewhere it keeps clear of them.
    Shao et al. 2018, Chen et al. 2018, Arvanitidis et al. 2018.
    """
    straight = at_constant_speed(decode, linear(start, end, segments + 1))
    if straight.length in (0, math.inf) or len(start) == 1:  # on a line there is only one way
        return straight
    firsts = [straight]
    if len(start) == 2:
        firsts.append(at_constant_speed(decode, _shortest_on_a_grid(decode, start, end)))
    first = min(firsts, key=lambda curve: curve.length)
    relaxed = at_constant_speed(decode, _relax(decode, first.points(segments + 1)))
    return min(*firsts, relaxed, key=lambda curve: curve.length)


@torch.no_grad()
def at_constant_speed(decode: Decode, codes: Tensor) -> Curve:
    """The piecewise linear path through codes (K, D), timed so that the decoded image changes evenly.

    Where decoded images are not finite the path is infinitely long, and its times are even in the codes.
    """
    shares = torch.arange(PARTS, dtype=codes.dtype)[:, None] / PARTS
    pieces = torch.lerp(codes[:-1, None], codes[1:, None], shares)  # (K - 1, PARTS, D)
    codes = torch.cat([pieces.flatten(0, 1), codes[-1:]])
    sizes = step_sizes(_flat(decode, codes))
    if not sizes.isfinite().all():
        return Curve(codes, torch.linspace(0, 1, len(codes), dtype=torch.float64), math.inf)
    # Where the image stands still, time goes on by next to nothing; where it stands still all the way, evenly.
    moments = (sizes + 1e-6 * sizes.mean() + torch.finfo(torch.float64).tiny).cumsum(0)
    return Curve(codes, torch.cat([moments.new_zeros(1), moments / moments[-1]]), float(sizes.sum()))


def _flat(decode: Decode, codes: Tensor) -> Tensor:
    return decode(codes).flatten(1)


def _shortest_on_a_grid(decode: Decode, start: Tensor, end: Tensor) -> Tensor:
    """Codes (K, 2) of the shortest path over a square grid; an edge is as long as the image changes along it.

    The square lies along the straight line, twice as wide as that is long; start and end are nodes of it.
    """
    along = end - start
    across = torch.stack([-along[1], along[0]])
    ticks = torch.linspace(-1, 1, GRID + 1, dtype=start.dtype)
    nodes = (start + end) / 2 + ticks[:, None, None] * along + ticks[None, :, None] * across  # (GRID+1, GRID+1, 2)
    nodes = nodes.flatten(0, 1)
    images = _flat(decode, nodes).unflatten(0, (GRID + 1, GRID + 1))
    numbers = torch.arange(len(nodes)).reshape(GRID + 1, GRID + 1)
    edges = [_edges(images, numbers, right, up) for right, up in NEIGHBOURS]
    sizes, tails, heads = (torch.cat(parts) for parts in zip(*edges, strict=True))
    lengths, *ends = (part[sizes.isfinite()].numpy() for part in (sizes, tails, heads))
    # A sparse graph takes an edge of length 0 for none at all.
    graph = coo_array((lengths + 1e-9 * lengths.mean(), tuple(ends)), shape=(len(nodes), len(nodes)))
    first, last = (int(numbers[row, GRID // 2]) for row in (GRID // 4, GRID - GRID // 4))
    _, before = dijkstra(graph.tocsr(), directed=False, indices=first, return_predecessors=True)
    if before[last] < 0:  # cut off by images that overflow
        return torch.stack([start, end])
    path = [last]
    while path[-1] != first:
        path.append(int(before[path[-1]]))
    return nodes[path[::-1]]


def _edges(images: Tensor, numbers: Tensor, right: int, up: int) -> tuple[Tensor, Tensor, Tensor]:
    """Lengths, tails and heads (E,) of the edges that go `right` rows and `up` columns on."""
    rows, columns = numbers.shape
    low, high = max(0, -up), columns - max(0, up)
    tails, heads = np.s_[: rows - right, low:high], np.s_[right:, low + up : high + up]
    sizes = (images[heads] - images[tails]).double().norm(dim=-1)
    return sizes.flatten(), numbers[tails].flatten(), numbers[heads].flatten()


def _relax(decode: Decode, codes: Tensor) -> Tensor:
    """Codes (K, D) with the same ends and locally minimal energy, by damped Gauss-Newton steps.

    The energy is a sum of squares, of the image's changes from code to code. Levenberg 1944, Marquardt 1963.
    """
    now, damping = energy(step_sizes(_flat(decode, codes))), 1e-3
    for _ in range(MAX_STEPS):
        trial = codes.clone()
        trial[1:-1] += _gauss_newton_step(decode, codes, damping)
        then = energy(step_sizes(_flat(decode, trial)))
        if not then < now:  # nor where it is not a number
            damping *= 4
            continue
        gain = 1 - then / now
        codes, now, damping = trial, then, max(damping / 4, 1e-9)
        if gain < MIN_GAIN:
            break
    return codes


def _gauss_newton_step(decode: Decode, codes: Tensor, damping: float) -> Tensor:
    """The step of the inner codes (K−2, D); `damping` is in units of the mean diagonal of JᵀJ."""
    images = _flat(decode, codes).double()
    slopes = jacobian(decode, codes[1:-1])
    pull = images[:-2] - 2 * images[1:-1] + images[2:]  # the image's acceleration, which a geodesic has no part of
    force = torch.einsum("npd,np->nd", slopes, pull)
    own = 2 * torch.einsum("npd,npe->nde", slopes, slopes)
    following = -torch.einsum("npd,npe->nde", slopes[:-1], slopes[1:])
    scale = float(own.diagonal(dim1=1, dim2=2).mean())
    return _solve(own, following, force, damping * scale + 1e-12).to(codes.dtype)


def _solve(own: Tensor, following: Tensor, right: Tensor, damping: float) -> Tensor:
    """Solves (H + damping·I)·x = right for x (N, D); H is symmetric and block tridiagonal.

    H has blocks `own` (N, D, D) on it and `following` (N−1, D, D) above it.
    """
    count, size, _ = own.shape
    band = np.zeros((2 * size, count, size))  # entry (b + k, b) of H, b in block n at column c: band[k, n, c]
    for row in range(size):
        for column in range(size):
            if row >= column:
                band[row - column, :, column] = own[:, row, column]
            band[size + row - column, :-1, column] = following[:, column, row]
    band[0] += damping
    solution = solveh_banded(band.reshape(2 * size, -1), right.numpy().ravel(), lower=True, check_finite=False)
    return torch.from_numpy(solution).reshape(count, size)
