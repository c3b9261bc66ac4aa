"""Fits the nearest moon, and the nearest cross-dissolve of two moons, to an image.

Distances are Euclidean norms over all pixels, in units of a white pixel: a pixel that is white for black is 1 away.

    moon = fit_phase(images)
    dissolve = fit_dissolve(images, new, full)
    print(moon.phases, is_half_moon(moon, dissolve))
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from vae_core.moons import drawing
from vae_core.moons.moons_config import PHASE_ONLY, MoonsConfig

PHASES = 501  # rendered; between two of them the straight line from image to image stands for the moons there

COARSE_PHASES, COARSE_TILTS, COARSE_RADII = 12, 24, 3  # values of each that a fit of all factors begins with
PLACES = 5  # along each axis that it begins with at most, whole pixels apart
STEPS = (0.01, 3.0, 0.1, 0.1, 0.1)  # in each factor, for its derivative
TRIES = 3  # coarse moons, each at another place, that each image starts from
ROUNDS = 20  # of the refinement at most
MIN_GAIN = 1e-3  # in distance: an image that a round brings no nearer than that is done
MAX_DAMPING = 1e2


class PhaseFit(NamedTuple):
    """The moon nearest to each image: its phase (N,) and its distance (N,), float64."""

    phases: Tensor
    distances: Tensor


class DissolveFit(NamedTuple):
    """The cross-dissolve nearest to each image: the full moon's weight (N,) in [0, 1], its distance (N,), float64."""

    weights: Tensor
    distances: Tensor


class MoonFit(NamedTuple):
    """The moon nearest to each image: factors (N, 5) in the order of FACTOR_NAMES and its distance (N,), float64."""

    factors: Tensor
    distances: Tensor

    @property
    def phases(self) -> Tensor:
        return self.factors[:, 0]


def fit_phase(images: Tensor, settings: MoonsConfig = PHASE_ONLY) -> PhaseFit:
    """The nearest true moon to each of images (N, 1, H, W) in [0, 1]; phases of true moons are recovered to 0.001.

    Raises ValueError where more than the phase varies (`fit_moon` is for that), or the images have another size.
    """
    if not settings.phase_alone_varies:
        raise ValueError("these moons vary in more than their phase")
    pixels = _pixels(images, settings)
    renders = _phase_renders(settings)
    nearest = torch.cdist(pixels, renders).argmin(1)
    # The best is on the line to the render before or after the nearest one.
    before, after = (nearest - 1).clamp(min=0), nearest.clamp(max=PHASES - 2)
    fits = [(first, *_project(pixels, renders[first], renders[first + 1])) for first in (before, after)]
    (_, _, distance_before), (_, _, distance_after) = fits
    second = distance_after < distance_before
    first, weights, distances = (torch.where(second, b, a) for a, b in zip(*fits, strict=True))
    return PhaseFit((first + weights) / (PHASES - 1), distances)


def fit_dissolve(images: Tensor, new: Tensor, full: Tensor) -> DissolveFit:
    """The nearest (1 − w)·new + w·full to each of images (N, 1, H, W), w in [0, 1]; `new` and `full` are (1, H, W).

    A closed form: the projection onto the line between the two, cut off at its ends.
    """
    ends = (end.double().flatten()[None] for end in (new, full))
    return DissolveFit(*_project(images.double().flatten(1), *ends))


def is_half_moon(moon: PhaseFit | MoonFit, dissolve: DissolveFit) -> Tensor:
    """Whether each image is a half moon (N,): nearer to a true moon than to any dissolve, and that moon is half."""
    half = drawing.phase_class(moon.phases.numpy()) == drawing.PHASE_NAMES.index("half")
    return is_moon(moon, dissolve) & torch.from_numpy(half)


def is_moon(moon: PhaseFit | MoonFit, dissolve: DissolveFit) -> Tensor:
    """Whether each image is nearer to a true moon than to any cross-dissolve, (N,); false for the dissolve's ends."""
    return moon.distances < dissolve.distances


def fit_moon(images: Tensor, settings: MoonsConfig) -> MoonFit:
    """The nearest true moon to each of images (N, 1, H, W) in [0, 1], over all factors and their ranges.

    A search over coarse moons, then Gauss-Newton steps with damping from the best few of them. Where the image doesn't
    tell (the tilt of a full moon), a factor is any. It takes about 30 ms an image on one core. Of a hundred true moons
    one or two end more than 0.1 from their own, mostly thin crescents or nearly full: of 600 test moons nine did, the
    worst by 0.47. The median is 0.02, which is what bytes are rounded by.
    Raises ValueError where the images have another size.
    """
    pixels = _pixels(images, settings).float()
    fits = [_refine(pixels, factors, settings) for factors in _coarse_fits(pixels, settings)]
    best = torch.stack([fit.distances for fit in fits]).argmin(0)
    rows = torch.arange(len(best))
    return MoonFit(*(torch.stack(parts)[best, rows] for parts in zip(*fits, strict=True)))


def _pixels(images: Tensor, settings: MoonsConfig) -> Tensor:
    """Images (N, 1, H, W) as rows (N, H·W), float64."""
    if images.shape[1:] != (1, settings.size, settings.size):
        raise ValueError(f"images of {settings.size} by {settings.size} grey pixels are needed")
    return images.double().flatten(1)


def _project(pixels: Tensor, starts: Tensor, ends: Tensor) -> tuple[Tensor, Tensor]:
    """The weights (N,) in [0, 1] and distances (N,) of the points on segments, start to end, nearest to pixels (N, P).

    Starts and ends are (N, P), or (1, P) for all; the weight is 0 where they are the same.
    """
    across = ends - starts
    squares = across.square().sum(1).clamp(min=torch.finfo(pixels.dtype).tiny)
    weights = (((pixels - starts) * across).sum(1) / squares).clamp(0, 1)
    return weights, (starts + weights[:, None] * across - pixels).norm(dim=1)


@lru_cache(maxsize=4)
def _phase_renders(settings: MoonsConfig) -> Tensor:
    """Moons (PHASES, H·W), float64, of evenly spaced phases."""
    return torch.from_numpy(drawing.true_moons(np.linspace(0, 1, PHASES), settings)).flatten(1).double()


def _coarse_fits(pixels: Tensor, settings: MoonsConfig) -> Tensor:
    """The factors (TRIES, N, 5) of the coarse moons nearest to pixels (N, P), each at a different place."""
    factors, renders = _coarse_renders(settings)
    low, high = settings.offset
    shifts = torch.arange(0, int(high - low) + 1, max(1, math.ceil((high - low) / (PLACES - 1))))
    places = torch.cartesian_prod(shifts, shifts)  # to the right and down
    grids = pixels.unflatten(1, (settings.size, settings.size))
    # Moving all images back moves all moons on, for no moon reaches over the edge.
    moved = (grids.roll((-down, -right), (1, 2)).flatten(1) for right, down in places.tolist())
    distances, nearest = zip(*(torch.cdist(shifted, renders).min(1) for shifted in moved), strict=True)
    best = torch.stack(distances).topk(min(TRIES, len(places)), dim=0, largest=False).indices
    found = factors[torch.stack(nearest).gather(0, best)]
    found[..., 3:] += places[best]
    return found


@lru_cache(maxsize=2)
def _coarse_renders(settings: MoonsConfig) -> tuple[Tensor, Tensor]:
    """Factors (M, 5), float64, evenly over their ranges but for the place, the least one, and their moons (M, H·W)."""
    # Phases lie closer at the ends, where a thin crescent is to be found before its tilt tells, and leave out the ends
    # themselves, which have no tilt.
    phases = (1 - np.cos(np.pi * (np.arange(COARSE_PHASES) + 0.5) / COARSE_PHASES)) / 2
    tilts = np.unique(np.linspace(*settings.tilt, COARSE_TILTS + 1))[:COARSE_TILTS]
    radii = np.unique(np.linspace(*settings.radius, COARSE_RADII))
    varied = (phases, tilts, radii)
    factors = np.array([(*values, *2 * settings.offset[:1]) for values in product(*varied)])
    return torch.from_numpy(factors), _render(factors, settings)


def _ranges(settings: MoonsConfig) -> list[tuple[float, float]]:
    """The range of each factor, in the order of FACTOR_NAMES."""
    return [(0.0, 1.0), settings.tilt, settings.radius, settings.offset, settings.offset]


def _render(factors: np.ndarray | Tensor, settings: MoonsConfig) -> Tensor:
    """The moons (N, H·W) of factors (N, 5), float32."""
    return torch.from_numpy(drawing.draw(np.asarray(factors), settings.size, settings.earthshine)).flatten(1)


def _refine(pixels: Tensor, factors: Tensor, settings: MoonsConfig) -> MoonFit:
    """The moons nearest to pixels (N, P) in the neighbourhood of factors (N, 5), inside the ranges. Marquardt 1963."""
    factors = factors.clone()
    distances = _distances(pixels, factors, settings)
    damping = torch.full((len(pixels),), 1e-2, dtype=torch.float64)
    rows = torch.arange(len(pixels))  # of the images that still get nearer
    for _ in range(ROUNDS):
        step = _gauss_newton_step(pixels[rows], factors[rows], damping[rows], settings)
        trial = _inside(factors[rows] + step, settings)
        found = _distances(pixels[rows], trial, settings)
        gain = distances[rows] - found
        better = gain > 0
        factors[rows[better]], distances[rows[better]] = trial[better], found[better]
        damping[rows] *= torch.where(better, 0.25, 4.0)
        rows = rows[torch.where(better, gain > MIN_GAIN, damping[rows] < MAX_DAMPING)]
        if len(rows) == 0:
            break
    return MoonFit(factors, distances)


def _gauss_newton_step(pixels: Tensor, factors: Tensor, damping: Tensor, settings: MoonsConfig) -> Tensor:
    """The step of factors (N, 5); `damping` (N,) is in units of the mean square of the image's derivatives."""
    here = _render(factors, settings)
    steps = torch.zeros_like(factors)
    derivatives = torch.zeros(*pixels.shape, len(STEPS), dtype=torch.float64)  # per step, 0 where a factor is constant
    for at, ((low, high), size) in enumerate(zip(_ranges(settings), STEPS, strict=True)):
        if low < high:
            steps[:, at] = torch.where(factors[:, at] + size > high, -size, size)
            moved = factors + steps * (torch.arange(len(STEPS)) == at)
            derivatives[:, :, at] = _render(moved, settings) - here
    squares = derivatives.mT @ derivatives  # (N, 5, 5)
    scale = squares.diagonal(dim1=1, dim2=2).mean(1).clamp(min=1e-12)
    squares = squares + (damping * scale)[:, None, None] * torch.eye(len(STEPS))
    right = derivatives.mT @ (pixels - here).double()[:, :, None]
    changes: Tensor = torch.linalg.solve(squares, right)[:, :, 0] * steps
    return changes


def _inside(factors: Tensor, settings: MoonsConfig) -> Tensor:
    """Factors (N, 5) moved to the nearest point of their ranges; an unrestricted tilt wraps around."""
    low, high = torch.tensor(_ranges(settings), dtype=torch.float64).T
    inside = torch.minimum(torch.maximum(factors, low), high)
    if settings.tilt == (0.0, 360.0):
        inside[:, 1] = factors[:, 1] % 360
    return inside


def _distances(pixels: Tensor, factors: Tensor, settings: MoonsConfig) -> Tensor:
    """The distances (N,) of pixels (N, P) from the moons of factors (N, 5), float64."""
    distances: Tensor = (_render(factors, settings) - pixels).double().norm(dim=1)
    return distances
