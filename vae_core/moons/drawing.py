"""Draws moons from known factors: the data set in which the midpoint of "new" and "full" is known.

The phase p is the lit fraction: 0 new, 0.5 half, 1 full. A moon is a disc of radius r, bright on the side that tilt
says, up to a terminator that is half an ellipse of semi-axis r·|1 − 2p|, so that its lit area is p·πr².
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from vae_core.moons.moons_config import MoonsConfig, Phases

FACTOR_NAMES = ("phase", "tilt", "radius", "x", "y")
PhaseName = Literal["new", "crescent", "half", "gibbous", "full"]
PHASE_NAMES: tuple[PhaseName, ...] = ("new", "crescent", "half", "gibbous", "full")

# The allowed phases are those no further than this from new (0) or from full (1).
_REACH: dict[Phases, float] = {"all": 0.5, "all-but-half": 0.35, "new-and-full": 0.05, "two-images": 0.0}

_SAMPLES = 3  # per pixel and axis; with 3 the lit fraction is right within 0.0035 for a radius of 8 pixels and more
_BLOCK = 1 << 16  # samples drawn at a time: arrays of 256 kB, which stay in the processor's cache


def phase_class(phase: np.ndarray) -> np.ndarray:
    """The class of each phase, int64 of the same shape, an index into PHASE_NAMES.

    New is [0, 0.05], half is [0.35, 0.65], full is [0.95, 1]; crescent and gibbous lie between.
    """
    edges = [phase <= 0.05, phase < 0.35, phase <= 0.65, phase < 0.95]
    return np.select(edges, [0, 1, 2, 3], 4).astype(np.int64)


def sample_factors(count: int, phases: Phases, moons: MoonsConfig, generator: np.random.Generator) -> np.ndarray:
    """Factors (count, 5) in the order of FACTOR_NAMES: the phase uniform over `phases`, the others over their ranges.

    Even rows lie nearer to the new moon, odd rows nearer to the full one: "two-images" is one of each, and the first n
    of any set are balanced.
    """
    from_end = _REACH[phases] * generator.random(count)  # in [0, reach): the half moons' own edges stay out
    phase = np.where(np.arange(count) % 2 == 0, from_end, 1 - from_end)
    ranges = (moons.tilt, moons.radius, moons.offset, moons.offset)
    return np.stack([phase, *(generator.uniform(low, high, count) for low, high in ranges)], axis=1)


def most_alike(factors: np.ndarray, first: np.ndarray, second: np.ndarray) -> tuple[int, int]:
    """The two rows of factors (N, 5), one of `first` and one of `second`, that differ minimally apart from the phase.

    `first` and `second` are numbers of rows, (A,) and (B,). What differs is counted in pixels: how far the centre is
    from the other's, and the middle of the bright limb, as seen from the centre, from the other's.
    """
    _, tilt, radius, x, y = factors.astype(np.float64).T
    places = np.stack([x, y, radius * np.cos(np.radians(tilt)), radius * np.sin(np.radians(tilt))], axis=1)
    squares = np.square(places[first, None] - places[second]).sum(-1)  # (A, B)
    row, column = np.unravel_index(squares.argmin(), squares.shape)
    return int(first[row]), int(second[column])


def draw(factors: np.ndarray, size: int, earthshine: float) -> np.ndarray:
    """Images (N, size, size), float32 in [0, 1]: 1 where lit, `earthshine` on the rest of the disc, 0 elsewhere.

    `factors` is (N, 5): phase in [0, 1]; tilt of the bright limb in degrees, 0 right, 90 up; radius, and the centre's
    distance from the image's to the right and down, in pixels.
    """
    images = np.empty((len(factors), size, size), np.float32)
    block = max(1, _BLOCK // (size * _SAMPLES) ** 2)
    for start in range(0, len(factors), block):
        images[start : start + block] = _draw_block(factors[start : start + block], size, earthshine)
    return images


def true_moons(phases: np.ndarray, settings: MoonsConfig) -> np.ndarray:
    """Moons (N, 1, H, W) of phases (N,), with the minimum of each other factor's range."""
    factors = np.zeros((len(phases), len(FACTOR_NAMES)))
    factors[:] = [0, settings.tilt[0], settings.radius[0], settings.offset[0], settings.offset[0]]
    factors[:, 0] = phases
    return draw(factors, settings.size, settings.earthshine)[:, None]


def _draw_block(factors: np.ndarray, size: int, earthshine: float) -> np.ndarray:
    """Draws as `draw` does, all images at once.

    Each pixel is a mean over samples, and each sample is itself a mean: the share of a short segment along the lit axis
    that lies on the disc, and on its lit part. Points instead of segments would shift a straight terminator by up to
    half their spacing, an error of 0.01 in the lit fraction.
    """
    phase, tilt, radius, x, y = (column[:, None, None] for column in np.asarray(factors, np.float64).T)
    cos, sin = np.cos(np.radians(tilt)), np.sin(np.radians(tilt))
    step = 1 / _SAMPLES
    grid = (np.arange(size * _SAMPLES) + 0.5) * step - size / 2
    right, down = grid[None, None, :] - x, grid[None, :, None] - y  # (N, 1, samples), (N, samples, 1)

    # Coordinates of the moon: `along` its lit axis, towards the bright limb, and `across` it. Rows point down, hence
    # the signs. Single precision is ample and twice as fast.
    along = (right * cos).astype(np.float32) - (down * sin).astype(np.float32)  # (N, samples, samples)
    across = (right * sin).astype(np.float32) + (down * cos).astype(np.float32)

    # At a distance `across` the disc reaches from -limb to limb, and its lit part from (1 - 2p)·limb to limb.
    np.square(across, out=across)
    limb = np.sqrt(np.maximum((radius**2).astype(np.float32) - across, 0))
    terminator = (1 - 2 * phase).astype(np.float32) * limb
    segment_start = along - np.float32(step / 2)
    end = np.minimum(limb, along + np.float32(step / 2))
    lit = np.maximum(end - np.maximum(terminator, segment_start), 0)
    disc = np.maximum(end - np.maximum(-limb, segment_start), 0)

    shade = np.float32((1 - earthshine) / step) * lit + np.float32(earthshine / step) * disc
    pixels = shade.reshape(-1, size, _SAMPLES, size, _SAMPLES).mean(axis=(2, 4))
    images: np.ndarray = np.clip(pixels, 0, 1)
    return images
