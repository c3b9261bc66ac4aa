"""The ink of a picture: separated from its ground, and placed as in the images of a data set.

Ink is grey levels from 0, where there is none, to 255.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage

GRAIN = 8  # usual deviations of the ground: what is nearer to it than that is no ink,
ROUNDING = 0.5  # of grey levels, which may hide as much grain
FAINT = 0.1  # nor is what is as faint as this beside the darkest;
STRONG = 0.5  # what belongs together and is nowhere as dark as this beside the darkest is a shadow's edge,
SPECK = 0.02  # and what has less ink than this beside the largest is dust
OWN_GROUND = 1 / 12  # of the edge of an image: its subject may reach as far round, but not its ground be less
DARKEST_GROUND = 16  # of 255: what is darker than that is taken for it where light is evened out
GROUND_SIDE = 64  # pixels along the longer side, in which light that falls unevenly is found
LARGE = 56  # pixels of ink along its longer side, of which a blurred one more or less matters little
MIN_RANGE = 200  # of 255, in the data sets' own images
OFF_CENTRE = 1.25  # pixels that the mass of the data sets' own digits may lie from the middle


class Ink(NamedTuple):
    """The foreground of a picture, bytes (height, width)."""

    levels: np.ndarray
    is_dark: bool
    """darker than the ground, so that it is inverted"""
    is_evened: bool
    """the ground was not of one brightness, and has been made so"""


def subject_of(grey: np.ndarray, is_own_size: bool) -> Ink:
    """The distance of each pixel of `grey`, bytes (height, width), from the ground, darker or lighter."""
    away = grey.astype(np.float32) - _ground(grey, is_own_size)
    return Ink(np.rint(np.abs(away)).astype(np.uint8), bool(away.sum() < 0), False)


def ink_of(grey: np.ndarray, is_own_size: bool) -> Ink:
    """The ink on a picture `grey`, bytes (height, width), its darkest 255; all 0 if nothing stands out.

    Light that falls over the paper is evened out, and the grain of the paper, dust and edges of shadows are no ink.
    """
    away = grey.astype(np.float32) - _ground(grey, is_own_size)
    if is_evened := _is_uneven(away):
        away = 128 * (grey / _local_ground(grey).clip(DARKEST_GROUND) - 1)  # what is in the shade has less contrast
    grain = float(np.median(np.abs(_edge(away)))) + ROUNDING
    is_dark = bool(away[np.abs(away) > GRAIN * grain].sum() < 0)
    ink = (-away if is_dark else away).clip(min=0)
    most = ink.max()
    ink[ink <= max(GRAIN * grain, FAINT * most)] = 0
    ink = _without_specks(ink)
    full = np.median(ink[ink > most / 2]) if ink.any() else 1  # the darkest of all is a grain, or an edge
    return Ink(_cut_out(np.rint((ink * (255 / full)).clip(max=255)).astype(np.uint8)), is_dark, is_evened)


def own_image(grey: np.ndarray, side: int, box: int) -> Ink | None:
    """The image itself if a picture looks like the data set's digits, or inverted ones; else None.

    It is (side, side), on a ground that is quite black or quite white, as large as they are and in the same place.
    """
    ground = _ground(grey, True) if grey.shape == (side, side) else None
    if ground not in (0, 255) or np.ptp(grey) < MIN_RANGE:
        return None
    image = Ink(255 - grey if ground else grey, bool(ground), False)
    return image if is_in_place(image.levels, box) else None


def is_in_place(ink: np.ndarray, box: int) -> bool:
    """Whether ink in a square image has the size, and its centre of mass the place, of the data set's digits."""
    rows, columns = _extent(ink)
    longer = max(rows[1] - rows[0], columns[1] - columns[0])
    return longer in (box - 1, box) and bool((np.abs(centre_of_mass(ink) - len(ink) / 2) <= OFF_CENTRE).all())


def centre_of_mass(ink: np.ndarray) -> np.ndarray:
    """Row and column of the ink's centre of mass; a pixel reaches from its number to the next."""
    mass = ink.sum(dtype=np.float64)
    moments = [ink.sum(axis, dtype=np.float64) @ (np.arange(ink.shape[1 - axis]) + 0.5) for axis in (1, 0)]
    middle: np.ndarray = np.array(moments) / mass
    return middle


def in_box(ink: np.ndarray, side: int, box: int) -> np.ndarray:
    """Ink scaled into box x box, its centre of mass in the centre of an image (side, side), bytes: MNIST's preparation.

    The mass is moved by whole pixels, to the pixel (side / 2, side / 2). There must be some ink.
    """
    (top, bottom), (left, right) = _extent(ink)
    ink = ink[top:bottom, left:right]
    scale = box / max(ink.shape)
    while True:  # ink with its mass far at one end would leave the image at the other: it is made smaller until it fits
        small = _scaled(ink, scale)
        corner = np.floor(side / 2 + 1 - centre_of_mass(small)).astype(int)
        if (corner >= 0).all() and (corner + small.shape <= side).all():
            return _placed(small, (side, side), *corner)
        scale *= 0.95


def whole(levels: np.ndarray, height: int, width: int) -> np.ndarray:
    """A whole picture, scaled to fit and centred in (height, width), bytes."""
    small = _scaled(levels, min(height / levels.shape[0], width / levels.shape[1]))
    return _placed(small, (height, width), (height - small.shape[0]) // 2, (width - small.shape[1]) // 2)


def _placed(small: np.ndarray, shape: tuple[int, int], top: int, left: int) -> np.ndarray:
    image = np.zeros(shape, np.uint8)
    image[top : top + small.shape[0], left : left + small.shape[1]] = np.rint(small)
    return image


def _scaled(levels: np.ndarray, scale: float) -> np.ndarray:
    """The scaled picture: each pixel is the mean of the area it covers, 0 beyond the edges."""
    down, across = (_coverage(length, scale) for length in levels.shape)
    scaled: np.ndarray = down @ levels.astype(np.float64) @ across.T
    return scaled


def _coverage(length: int, scale: float) -> np.ndarray:
    """The share of each of `length` pixels, in units of its own size, that each scaled pixel covers."""
    count = max(1, int(np.ceil(length * scale - 1e-9)))
    starts = np.arange(count)[:, None] / scale
    pixels = np.arange(length)
    covered = np.minimum(pixels + 1, starts + 1 / scale) - np.maximum(pixels, starts)
    return scale * covered.clip(min=0)


def _extent(ink: np.ndarray) -> tuple[tuple[int, int], tuple[int, int]]:
    """First, and one after the last, of the rows and of the columns with ink."""
    there = [np.flatnonzero(ink.any(axis)) for axis in (1, 0)]
    (top, bottom), (left, right) = (
        (int(places[0]), int(places[-1]) + 1) if len(places) else (0, 0) for places in there
    )
    return (top, bottom), (left, right)


def _edge(levels: np.ndarray) -> np.ndarray:
    return np.concatenate([levels[0], levels[-1], levels[1:-1, 0], levels[1:-1, -1]])


def _ground(grey: np.ndarray, is_own_size: bool) -> float:
    """The level of the ground: that along the edge.

    An image as large as the data set's may be filled by its subject; then a part of the edge is quite black or white.
    """
    edge = _edge(grey)
    if is_own_size:
        share, level = max(((edge == level).mean(), level) for level in (0, 255))
        if share >= OWN_GROUND:
            return float(level)
    return float(np.median(edge))


def _is_uneven(away: np.ndarray) -> bool:
    """Whether the ground's brightness changes along the edge by more than its grain."""
    edges = (away[0], away[-1], away[:, 0], away[:, -1])
    grain = np.median(np.abs(np.concatenate([np.diff(edge) for edge in edges])))
    return bool(np.median(np.abs(_edge(away))) > 1 + grain)


def _local_ground(grey: np.ndarray) -> np.ndarray:
    """The ground's brightness at each pixel, float32: the median of its surroundings, over half a side.

    Beyond the edges it is taken to go on as it comes there, so that the light of a slope is itself.
    """
    height, width = grey.shape
    scale = min(1, GROUND_SIDE / max(height, width))
    size = [max(1, round(scale * length)) for length in (width, height)]
    small = np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BOX), np.float32)
    reach = min(small.shape) // 4
    around = np.pad(small, reach, mode="reflect", reflect_type="odd")
    ground = ndimage.median_filter(around, 2 * reach + 1)[reach : reach + size[1], reach : reach + size[0]]
    return np.asarray(Image.fromarray(ground).resize((width, height), Image.Resampling.BILINEAR))


def _cut_out(levels: np.ndarray) -> np.ndarray:
    """Large ink without the blur around it, cut at half its darkness; small ink unchanged."""
    rows, columns = (slice(*ends) for ends in _extent(levels > 127))
    if max(rows.stop - rows.start, columns.stop - columns.start) < LARGE:
        return levels
    cut = np.zeros_like(levels)
    cut[rows, columns] = levels[rows, columns]
    return cut


def _without_specks(ink: np.ndarray) -> np.ndarray:
    """The ink without pieces that are faint, or tiny, in comparison with the others."""
    pieces, count = ndimage.label(ink, np.ones((3, 3)))
    if not count:
        return ink
    numbers = np.arange(1, count + 1)
    darkest, mass = ndimage.maximum(ink, pieces, numbers), ndimage.sum_labels(ink, pieces, numbers)
    is_kept = (darkest >= STRONG * darkest.max()) & (mass >= SPECK * mass.max())
    kept: np.ndarray = ink * np.concatenate([[False], is_kept])[pieces]
    return kept
